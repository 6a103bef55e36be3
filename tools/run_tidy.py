#!/usr/bin/env python3
"""Runs clang-tidy (.clang-tidy) over the product's sources; fails on any finding.

A file that was clean is not looked at again until it, a header of ours that it includes, its
compiler flags or the configuration change: build/tidy-cache/ holds one empty file for each content
that was clean.

Usage: run_tidy.py [--tree build/dev] [--deep] [--budget SECONDS] [FILE...]

Files that changed last in the history come first. With --budget no further file is begun after
that time and the number left over is said: so a change is always looked at, whatever the machine.
--deep adds all of bugprone and the static analyzer: minutes instead of seconds a file, for a
change that needs it.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from cpp_source import ROOT, is_test

CACHE = ROOT / "build" / "tidy-cache"
DEEP = (
    "bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,"
    "-bugprone-exception-escape,-bugprone-macro-parentheses,-bugprone-reserved-identifier,"
    "clang-analyzer-core.*,clang-analyzer-cplusplus.*,clang-analyzer-deadcode.*,"
    "clang-analyzer-security.*,clang-analyzer-unix.*"
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)


@lru_cache(maxsize=None)
def content(path):
    return path.read_bytes()


@lru_cache(maxsize=None)
def direct_includes(path):
    names = INCLUDE.findall(content(path).decode())
    return [header for name in names if (header := ROOT / "src" / name).exists()]


def with_headers(path):
    """The file and every header of ours it sees, each once."""
    seen, waiting = [], [path]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.append(current)
            waiting += direct_includes(current)
    return sorted(seen)


def key_of(path, command, settings):
    digest = hashlib.sha256(settings)
    digest.update(command.encode())
    for part in with_headers(path):
        digest.update(part.relative_to(ROOT).as_posix().encode() + b"\0" + content(part) + b"\0")
    return digest.hexdigest()


def tidy(program, tree, path, deep):
    command = [program, "-p", tree, "--quiet", path]
    if deep:
        command.append(f"--checks={DEEP}")
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    errors = "\n".join(line for line in done.stderr.splitlines() if " generated" not in line)
    return done.returncode, (done.stdout + errors).strip(), time.monotonic() - started


def sources(tree, wanted):
    """(path, compiler command) of the product's sources that the tree compiles."""
    with open(tree / "compile_commands.json", encoding="utf-8") as file:
        entries = {Path(entry["file"]): entry["command"] for entry in json.load(file)}
    chosen = [
        (path, command)
        for path, command in sorted(entries.items())
        if path.is_relative_to(ROOT / "src") and path.exists() and not is_test(path)
    ]
    if wanted:
        chosen = [(path, command) for path, command in chosen if path in wanted]
    return chosen


def newest_first(paths):
    """By the last commit that touched them; what was never committed comes before all."""
    command = ["git", "log", "--format=", "--name-only", "--", "src"]
    log = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    names = dict.fromkeys(line for line in log.splitlines() if line)
    age = {ROOT / name: index for index, name in enumerate(names)}
    return sorted(paths, key=lambda path: age.get(path, -1))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tree", default="build/dev", help="a configured build tree")
    parser.add_argument("--deep", action="store_true", help="all of bugprone and the analyzer too")
    parser.add_argument("--budget", type=int, default=0, help="seconds; 0: all files")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    program = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if not program:
        print("clang-tidy is not installed; scripts/test installs it")
        return 1
    tree = (ROOT / arguments.tree).resolve()
    settings = (ROOT / ".clang-tidy").read_bytes() + (DEEP.encode() if arguments.deep else b"")
    CACHE.mkdir(parents=True, exist_ok=True)
    chosen = sources(tree, {path.resolve() for path in arguments.files})
    keys = {path: key_of(path, command, settings) for path, command in chosen}
    stale = newest_first(path for path, _ in chosen if not (CACHE / keys[path]).exists())
    print(f"{len(chosen)} files, {len(chosen) - len(stale)} known to be clean")

    started = time.monotonic()

    def run(path):
        if arguments.budget and time.monotonic() - started > arguments.budget:
            return None
        return tidy(program, tree, path, arguments.deep)

    unclean = left_over = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for path, outcome in zip(stale, pool.map(run, stale)):
            if outcome is None:
                left_over += 1
                continue
            code, output, seconds = outcome
            print(f"{seconds:6.1f} s  {path.relative_to(ROOT)}{'' if code == 0 else '  UNCLEAN'}")
            if code == 0:
                (CACHE / keys[path]).touch()
            else:
                unclean += 1
                print(output, flush=True)
    if left_over:
        print(f"the budget is spent: {left_over} files were not looked at")
    print(f"{unclean} of {len(chosen)} files unclean, {time.monotonic() - started:.0f} s")
    return 1 if unclean or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
