#!/usr/bin/env python3
"""Fails when a file includes a module, a library or a language feature it may not: see src/LAYERS.

Usage: check_layers.py [ROOT]     ROOT holds src/; default: this repository
"""

import re
import sys
from pathlib import Path

from cpp_source import ROOT, code_only, cpp_files, is_test, report

FAMILIES = ("dialect", "store")
TEST_LIBRARIES = ("gtest/", "gmock/", "rapidcheck", "benchmark/")
SYSTEM_HEADER = re.compile(
    r"[a-z0-9_]+"  # C++ standard library
    r"|(sys|linux|netinet|arpa|net)/[a-z0-9_]+\.h"
    r"|(unistd|fcntl|signal|pthread|sched|errno|netdb|poll|dirent|termios|time|syslog|stdlib|stdio|string"
    r"|cpuid|[a-z]mmintrin|immintrin)\.h"
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
COROUTINE = re.compile(r"\bco_(await|return|yield)\b")


class Layers:
    """The table of src/LAYERS; errors in the table itself are in `faults`."""

    def __init__(self, text):
        self.level, self.allowed, self.homes = {}, {}, []
        self.coroutines, self.faults = set(), []
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#")[0].strip()
            if line:
                self._read_line(number, line)
        self._expand_all()
        self._check_levels()

    def _read_line(self, number, line):
        head, colon, tail = line.partition(":")
        words = head.split()
        if not colon or not words:
            self.faults.append(f"src/LAYERS:{number}: not understood: {line}")
        elif words[0] == "layer" and len(words) == 3 and words[1].isdigit():
            self.level[words[2]] = int(words[1])
            self.allowed[words[2]] = tail.split()
        elif words[0] == "home" and len(words) > 1:
            self.homes += [(prefix, set(tail.split())) for prefix in words[1:]]
        elif words == ["coroutines"]:
            self.coroutines = set(tail.split())
        else:
            self.faults.append(f"src/LAYERS:{number}: not understood: {line}")

    def _expand_all(self):
        """`* except a b` becomes the list it stands for."""
        for module, names in self.allowed.items():
            if names[:1] == ["*"]:
                self.allowed[module] = set(self.level) - set(names[2:]) - {module}
            else:
                self.allowed[module] = set(names)

    def _check_levels(self):
        for module, names in self.allowed.items():
            for name in sorted(names):
                if name not in self.level:
                    self.faults.append(f"src/LAYERS: {module} names {name}, which has no line")
                elif self.level[name] > self.level[module]:
                    self.faults.append(f"src/LAYERS: {module} names {name} of a higher level")
                elif self._reaches(name, module, set()):
                    self.faults.append(f"src/LAYERS: {module} and {name} form a cycle")

    def _reaches(self, start, goal, seen):
        if start == goal:
            return True
        seen.add(start)
        return any(
            self._reaches(name, goal, seen)
            for name in self.allowed.get(start, ())
            if name not in seen
        )

    def line_of(self, module):
        """The module whose line rules `module`: itself, or the parent of dialect/<surface>."""
        if module in self.level:
            return module
        family = module.split("/")[0]
        return family if family in self.level else None

    def may_include(self, module, target, in_test):
        if module == target:
            return True
        own, other = self.line_of(module), self.line_of(target)
        if in_test:
            return self.level[other] <= self.level[own] or own == "server"
        family = target.split("/")[0]
        if family in FAMILIES and module.startswith(family + "/"):
            return target in (family, f"{family}/common")
        return module != family and other in self.allowed[own]


def module_of(parts):
    """("store", "rocksdb", "plan.h") -> "store/rocksdb"; ("base", "json.h") -> "base"."""
    if parts[0] in FAMILIES and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def check_include(layers, module, name, quoted, in_test):
    """What is wrong with one include, or None."""
    if quoted:
        parts = Path(name).parts
        if len(parts) < 2:
            return f'"{name}": write it from the include root, as "{module}/{name}"'
        target = module_of(parts)
        if layers.line_of(target) is None:
            return f'"{name}": {target} is no module of src/LAYERS'
        if not layers.may_include(module, target, in_test):
            return f'"{name}": {module} may not include {target}'
        return None
    if SYSTEM_HEADER.fullmatch(name) or (in_test and name.startswith(TEST_LIBRARIES)):
        return None
    homes = [modules for prefix, modules in layers.homes if name.startswith(prefix)]
    if not homes:
        return f"<{name}>: this library has no home in src/LAYERS"
    if not any(module in modules for modules in homes):
        return f"<{name}>: its home is {' '.join(sorted(set.union(*homes)))}, not {module}"
    return None


def check_file(layers, source, path):
    relative = path.relative_to(source)
    where = f"src/{relative}"
    if len(relative.parts) < 2:
        return [f"{where}: every file belongs to a module"]
    module = module_of(relative.parts)
    if layers.line_of(module) is None:
        return [f"{where}: {module} is no module of src/LAYERS"]
    text = code_only(path.read_text(encoding="utf-8"))
    faults = []
    for match in INCLUDE.finditer(text):
        wrong = check_include(layers, module, match[1] or match[2], bool(match[1]), is_test(path))
        if wrong:
            faults.append(f"{where}:{text.count(chr(10), 0, match.start()) + 1}: {wrong}")
    found = COROUTINE.search(text)
    if found and module not in layers.coroutines:
        line = text.count("\n", 0, found.start()) + 1
        homes = " ".join(sorted(layers.coroutines))
        faults.append(f"{where}:{line}: {found[0]}: coroutines belong to {homes}")
    return faults


def check(root):
    source = Path(root) / "src"
    layers = Layers((source / "LAYERS").read_text(encoding="utf-8"))
    faults = list(layers.faults)
    if not faults:
        for path in cpp_files(root, "src"):
            faults += check_file(layers, source, path)
    return faults


def main(arguments):
    root = Path(arguments[0]) if arguments else ROOT
    faults = check(root)
    return report(faults, f"layers: {len(cpp_files(root, 'src'))} files keep to src/LAYERS")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
