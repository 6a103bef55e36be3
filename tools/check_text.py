#!/usr/bin/env python3
"""Fails on words and calls that do not belong here, and names the right one (STYLE.md).

Usage: check_text.py [ROOT]
"""

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

from cpp_source import ROOT, code_only, is_test, report

SKIPPED_FOLDERS = {".git", "build", "node_modules", "piperoll-data", "__pycache__", "testdata", "corpus"}
TEXT_SUFFIXES = {
    "", ".cc", ".h", ".py", ".md", ".txt", ".cmake", ".json", ".yaml", ".yml", ".toml",
    ".ts", ".tsx", ".css", ".html", ".sh", ".supp", ".sql",
}  # fmt: skip
CPP = (".cc", ".h")


class Rule(NamedTuple):
    """One thing that is not allowed; `where` decides by relative path whether it is looked for."""

    pattern: re.Pattern
    advice: str
    where: object  # function of the relative Path
    code_alone: bool = True  # comments and strings are not looked at


def rule(pattern, advice, where, code_alone=True):
    return Rule(re.compile(pattern, re.MULTILINE), advice, where, code_alone)


def is_cpp(path):
    return path.suffix in CPP


def is_source(path):
    return is_cpp(path) and path.parts[0] == "src"


def is_product(path):
    return is_source(path) and not is_test(path)


def outside(*prefixes):
    """C++ of the product that lies under none of the prefixes."""
    return lambda path: is_product(path) and not path.as_posix().startswith(prefixes)


def is_any(_):
    return True


def may_not_wait(path):
    return is_cpp(path) and is_test(path)


def is_written_by_us(path):
    return path.parts[0] in ("src", "web", "scripts", "tests", "fuzz", "bench", "cmake")


def is_machine_free(path):
    return path.parts[0] in ("src", "web", "scripts", "tests", "cmake", "docs") or path.parts[1:] == ()


RULES = [
    # Left for later.
    rule(r"\b(TODO|FIXME|XXX|HACK)\b|\bfor now\b|\bnot yet implemented\b",
         "finish it, or write it down where users see it", is_written_by_us, False),
    rule(r"\bNOLINT(NEXTLINE|BEGIN)?\b(?!\([a-z*][^)]*\): \S)",
         "name the check and the reason: NOLINT(check-name): reason", is_cpp, False),
    # Output.
    rule(r"\bstd::(cout|cerr|clog)\b|\bstd::printf\b|(?<![\w:])printf\s*\(",
         "base/diagnostics.h, or return the text to cli or server",
         outside("src/cli/", "src/server/", "src/base/diagnostics", "src/base/check")),
    rule(r"\bstd::endl\b", "'\\n'", is_cpp),
    # Ownership. `new` may stand straight in an owner's parentheses, where make_unique cannot go: a
    # private constructor, an aggregate that does not move. Placement new is `new (where) T`.
    rule(r"[^(\s]\s*(?<!operator )\bnew\b(?!\s*[=;(>])", "std::make_unique or a value", is_source),
    rule(r"(?<!operator )\bdelete\b(\s*\[\s*\])?\s+[\w*(:]", "std::unique_ptr or a value", is_source),
    rule(r"\b(malloc|calloc|realloc)\s*\(", "std::vector or std::unique_ptr", is_product),
    # Errors.
    rule(r"\bthrow\b\s*[\w:;]", "return base::Error through base::Result", is_product),
    rule(r"(?<![\w.>])assert\s*\(", "CHECK or DCHECK of base/check.h", is_cpp),
    rule(r"\bgoto\b", "return early", is_cpp),
    # Time, chance and waiting come through interfaces.
    rule(r"\b(system_clock|high_resolution_clock)::now\b|\bgettimeofday\s*\(",
         "base::Clock", outside("src/base/clock")),
    rule(r"(?<![\w:.>])s?rand\s*\(|\bstd::s?rand\b",
         "crypto/random.h, or a seeded std::mt19937_64", is_source),
    rule(r"\bstd::random_device\b", "crypto/random.h", outside("src/base/", "src/journal/")),
    rule(r"\bsleep_(for|until)\b|(?<![\w.>])(u|nano)?sleep\s*\(",
         "wait for the condition itself, or drive a base::FakeClock", may_not_wait),
    # Concurrency.
    rule(r"\bstd::(recursive_|timed_)?mutex\b|\bstd::(lock_guard|scoped_lock)\b",
         "base::Mutex and base::MutexLock", outside("src/base/mutex")),
    rule(r"\.detach\s*\(\s*\)", "join it: every thread has an owner",
         outside("src/server/")),
    # Calls that are unsafe, slow or not thread-safe.
    rule(r"(?<![\w.>])(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok)\s*\(",
         "std::string, or std::snprintf with its bound", is_cpp),
    rule(r"(?<![\w.>])(atoi|atol|atoll|atof)\s*\(|\bstd::(stoi|stol|stoll|stoul|stoull|stod)\b",
         "std::from_chars", is_product),
    rule(r"(?<![\w.>])(gmtime|localtime|ctime|asctime|strftime)\s*\(",
         "base/timestamp.h", is_product),
    rule(r"(?<![\w.>])(system|popen|tmpnam|tempnam|mktemp)\s*\(",
         "no shell and no guessable file names: posix_spawn, mkdtemp", is_source),
    rule(r"\bstd::regex\b", "a written-out parser: std::regex recurses on input", is_product),
    rule(r"\busing\s+namespace\b(?!\s+(std::)?[\w:]*literals)", "name what is used", is_source),
    # Of this machine, or of where packages come from.
    rule(r"(?<![\w./])/(root|home|work|mnt|srv)/[a-z]", "no path of one machine",
         is_machine_free, False),
    rule(r"(?<![\w./])/(work|tmp)/", "std::filesystem::temp_directory_path(), or a setting",
         is_source, False),
    rule(r'"resolved"\s*:|\bregistry\.npm' r"js\b|\b(deb|security)\.deb" r"ian\.org\b",
         "no download addresses of package registries", is_any, False),
]  # fmt: skip


def text_files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(names):
            path = Path(folder, name)
            relative = path.relative_to(root)
            if name not in SKIPPED_FOLDERS and path.suffix in TEXT_SUFFIXES and relative.parts[0] != "tools":
                yield path, relative


def check_text(relative, text):
    """Faults of one file, each as `path:line: what: advice`."""
    faults = []
    code = code_only(text) if is_cpp(relative) else text
    for pattern, advice, where, code_alone in RULES:
        if not where(relative):
            continue
        searched = code if code_alone else text
        for match in pattern.finditer(searched):
            line = searched.count("\n", 0, match.end() - 1) + 1
            found = " ".join(match[0].split())
            faults.append(f"{relative}:{line}: {found!r}: instead: {advice}")
    if relative.suffix == ".h" and "#pragma once" not in text:
        faults.append(f"{relative}:1: a header starts with #pragma once")
    if text and not text.endswith("\n"):
        faults.append(f"{relative}: the last line has no end")
    if relative.suffix != ".md" and re.search(r"[ \t]+$", text, re.MULTILINE):
        line = text[: re.search(r"[ \t]+$", text, re.MULTILINE).start()].count("\n") + 1
        faults.append(f"{relative}:{line}: white space at the end of the line")
    return faults


def check(root):
    faults, files = [], 0
    for path, relative in text_files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a binary file without a suffix
        files += 1
        faults += check_text(relative, text)
    return faults, files


def main(arguments):
    faults, files = check(Path(arguments[0]) if arguments else ROOT)
    return report(faults, f"text: {files} files without a banned word or call")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
