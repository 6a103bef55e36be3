"""What the checks share: which C++ files there are, and their text without comments and strings."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_TOKEN = re.compile(
    r"""
      (?P<line>//[^\n]*(?:\\\n[^\n]*)*)
    | (?P<block>/\*.*?\*/)
    | R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"
    | "(?:\\.|[^"\\\n])*"
    | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'
    """,
    re.VERBOSE | re.DOTALL,
)


def _blanked(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """The text with comments replaced by spaces: lines and columns stay where they were."""
    return _TOKEN.sub(lambda m: _blanked(m[0]) if m["line"] or m["block"] else m[0], text)


def code_only(text):
    """The text with comments, strings and characters replaced by spaces; #include lines stay."""

    def blank(match):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if text.startswith("#include", line_start) and match[0].startswith('"'):
            return match[0]
        return _blanked(match[0])

    return _TOKEN.sub(blank, text)


def cpp_files(root, *folders):
    """Every .h and .cc file under the folders, in a stable order."""
    found = []
    for folder in folders:
        found += [p for p in (Path(root) / folder).rglob("*") if p.suffix in (".h", ".cc")]
    return sorted(found)


_TEST_NAME = re.compile(r"(test|fake|fault)_.*|.*_(test|contract|arbitrary|test_support)")


def is_test(path):
    """Tests and what only they use: *_test, *_contract, *_arbitrary, *_test_support, test_*, fake_*,
    fault_*, and whatever lies in a folder testing/."""
    return bool(_TEST_NAME.fullmatch(path.stem)) or path.parent.name == "testing"


def report(faults, clean):
    """Prints the faults, or the one line that says all is well; returns the exit code."""
    for fault in faults:
        print(fault)
    print(f"{len(faults)} fault(s)" if faults else clean)
    return 1 if faults else 0
