#!/usr/bin/env python3
"""Fails when clang-format would change a C++ file; `--fix` lets it.

Usage: check_format.py [--fix]
"""

import shutil
import subprocess
import sys

from cpp_source import ROOT, cpp_files

FOLDERS = ("src", "tests", "fuzz", "bench")


def main(arguments):
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not program:
        print("clang-format is not installed; scripts/test installs it")
        return 1
    files = cpp_files(ROOT, *FOLDERS)
    if not files:
        return 0
    mode = ["-i"] if arguments == ["--fix"] else ["--dry-run", "-Werror", "--ferror-limit=1"]
    code = subprocess.run([program, *mode, *files], cwd=ROOT, check=False).returncode
    outcome = "some differ: run tools/check_format.py --fix" if code else "all well"
    print(f"format: {len(files)} files, {outcome}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
