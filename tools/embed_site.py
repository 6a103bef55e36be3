#!/usr/bin/env python3
"""Writes a folder of files as C++ (src/server/site.h): each compressed, with its address, type and tag.

index.html is the address /, another page its name without the ending, everything else its path in
the folder. What lies under assets/ has a hash of its content in its name, so browsers may keep it for
ever. The output is a function of the input alone.

Usage: embed_site.py OUT.cc FOLDER...
"""

import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

HEAD = """// Written by tools/embed_site.py: the files of the site.
#include "server/site.h"

namespace piperoll::server {
namespace {

"""


def bytes_of(data):
    lines = []
    for begin in range(0, len(data), 32):
        lines.append("    " + ",".join(str(byte) for byte in data[begin : begin + 32]) + ",")
    return "\n".join(lines)


def main(arguments):
    target, folders = Path(arguments[0]), [Path(folder) for folder in arguments[1:]]
    arrays, entries = [], []
    files = {path.relative_to(folder).as_posix(): path for folder in folders for path in folder.rglob("*") if path.is_file()}
    for number, (name, path) in enumerate(sorted(files.items())):
        plain = path.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0)
        address = "/" if name == "index.html" else "/" + name.removesuffix(".html")
        tag = hashlib.sha256(plain).hexdigest()[:16]
        arrays.append(f"const unsigned char kFile{number}[] = {{\n{bytes_of(packed)}\n}};\n")
        entries.append(
            f'    {{"{address}", "{TYPES[path.suffix]}", "W/\\"{tag}\\"", kFile{number}, sizeof kFile{number}, '
            f'{len(plain)}, {"true" if name.startswith("assets/") else "false"}}},'
        )
    text = HEAD + "\n".join(arrays) + "\nconstexpr SiteFile kFiles[] = {\n" + "\n".join(entries) + "\n};\n"
    text += "\n}  // namespace\n\nstd::span<const SiteFile> site_files() {\n  return kFiles;\n}\n\n}  // namespace piperoll::server\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
