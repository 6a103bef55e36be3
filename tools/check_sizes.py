#!/usr/bin/env python3
"""Fails when a function is over 70 lines or a file over 800 (STYLE.md, "Functions and files").

Lines of a function are those from its opening to its closing brace. Tests and tables (*_table.*)
may be longer as files, not as functions. tools/size_exceptions.txt names what is still too long;
the list may only shrink.

Usage: check_sizes.py [ROOT]
"""

import re
import sys
from pathlib import Path

from cpp_source import ROOT, code_only, cpp_files, is_test, report

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800
EXCEPTIONS_MAX = 0  # lower it with the list; it is never raised
FOLDERS = ("src", "tests", "fuzz", "bench")

PREPROCESSOR = re.compile(r"^[ \t]*#[^\n]*(?:\\\n[^\n]*)*", re.MULTILINE)
NOT_FUNCTION = re.compile(r"(?:^|\s)(?:namespace|class|struct|union|enum|extern)\b")
CONTROL = re.compile(r"^\s*(?:if|for|while|switch|do|else|try|catch|return)\b")
MEMBER_INITIALISER = re.compile(r"\)[^:]*(?<!:):(?!:)")
INITIALISED_VARIABLE = re.compile(r"(?<!operator)(?<![=!<>])=(?!=)")
LAMBDA = re.compile(r"\[[^\]]*\]\s*(?:\(.*\)[^()]*)?$", re.DOTALL)


def _outside_parentheses(header):
    """The header with everything inside (), [] and <> taken out."""
    previous = None
    while previous != header:
        previous = header
        header = re.sub(r"\([^()]*\)", "", header)
    return header


def _is_function(header):
    if CONTROL.search(header):
        return False
    if LAMBDA.search(header):
        return True
    outer = _outside_parentheses(header)
    return "(" in header and not NOT_FUNCTION.search(outer) and not INITIALISED_VARIABLE.search(
        re.sub(r"operator\s*[=!<>]*=", "operator", outer)
    )


def _is_initialiser(header, text, position):
    """Is the brace at position that of a value (a_{1}, x = {}), so that its statement goes on?"""
    if header.count("(") > header.count(")"):
        return True
    before = text[:position].rstrip()[-1:]
    return bool(MEMBER_INITIALISER.search(header)) and (before.isalnum() or before in "_>")


def _matching_brace(text, start):
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return len(text) - 1


def functions(text):
    """Yields (name, first line, lines) for every function of a C++ text in our style."""
    code = code_only(text)
    code = PREPROCESSOR.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), code)
    statement, position = 0, 0
    while position < len(code):
        character = code[position]
        if character == "{":
            header = code[statement:position]
            end = _matching_brace(code, position)
            if _is_initialiser(header, code, position):
                position = end
            elif _is_function(header):
                first = code.count("\n", 0, position) + 1
                yield _name(header), first, code.count("\n", position, end) + 1
                position = end
                statement = position + 1
            elif INITIALISED_VARIABLE.search(_outside_parentheses(header)):
                position = end  # a table: its lines are data
            else:
                statement = position + 1  # namespace or class: look inside
        elif character in ";}":
            if code.count("(", statement, position) <= code.count(")", statement, position):
                statement = position + 1
        position += 1


def _name(header):
    header = " ".join(header.split())
    variable = re.search(r"(\w+) ?= ?\[", header)
    if variable:
        return variable[1]
    call = re.search(r"((?:\w+::)*(?:operator ?[^\s\w(]+|operator ?\(\)|~?\w+)) ?\(([^()]*)", header)
    if not call:
        return header
    is_macro = call[1].startswith(("TEST", "RC_", "BENCHMARK"))
    return f"{call[1]}({call[2].strip()})" if is_macro else call[1]


def is_table(path):
    return path.stem.endswith(("_table", "_tables"))


def measure(root):
    """Everything over a limit: {name: (lines, limit, where)}."""
    found = {}
    for path in cpp_files(root, *FOLDERS):
        relative = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > FILE_LINES_MAX and not is_test(path) and not is_table(path):
            found[relative] = (lines, FILE_LINES_MAX, relative)
        for name, first, size in functions(text):
            if size > FUNCTION_LINES_MAX:
                found[f"{relative}:{name}"] = (size, FUNCTION_LINES_MAX, f"{relative}:{first}")
    return found


def read_exceptions(path):
    """Lines "<file>[:<function>] <lines>"; '#' starts a comment."""
    allowed = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            line = line.split("#")[0].strip()
            if line:
                name, lines = line.rsplit(None, 1)
                allowed[name] = int(lines)
    return allowed


def check(root, exceptions_max=EXCEPTIONS_MAX):
    root = Path(root)
    found = measure(root)
    allowed = read_exceptions(root / "tools" / "size_exceptions.txt")
    faults = []
    for name, (lines, limit, where) in sorted(found.items()):
        if lines > max(limit, allowed.get(name, 0)):
            faults.append(f"{where}: {name} has {lines} lines, {limit} are allowed")
    for name, lines in sorted(allowed.items()):
        now = found.get(name, (0, 0, ""))[0]
        if now < lines:
            says = f"lower it to {now}" if now else "take it out"
            faults.append(f"tools/size_exceptions.txt: {name} is no longer {lines} lines: {says}")
    if len(allowed) > exceptions_max:
        faults.append(f"tools/size_exceptions.txt: {len(allowed)} lines, {exceptions_max} allowed")
    return faults


def main(arguments):
    root = Path(arguments[0]) if arguments else ROOT
    faults = check(root)
    return report(faults, f"sizes: {len(cpp_files(root, *FOLDERS))} files within the limits")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
