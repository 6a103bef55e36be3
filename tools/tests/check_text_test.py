"""The text check: what it refuses, and look-alikes that it lets pass."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_text  # noqa: E402

REFUSED = [
    ("src/a/b.cc", "// TO" "DO: later\n"),
    ("scripts/run", "# good enough for" " now\n"),
    ("src/a/b.cc", "std::cout << 1;\n"),
    ("src/a/b.cc", "auto* p =\n    new Thing(1);\n"),
    ("src/a/b.cc", "return new Thing;\n"),
    ("src/a/b.cc", "delete p;\n"),
    ("src/a/b.cc", "delete[] p;\n"),
    ("src/a/b.cc", "throw std::runtime_error(x);\n"),
    ("src/a/b.cc", "auto t = std::chrono::system_clock::now();\n"),
    ("src/a/b.cc", "std::mutex m;\n"),
    ("src/a/b.cc", "int x = rand();\n"),
    ("src/a/b.cc", "strcpy(a, b);\n"),
    ("src/a/b.cc", 'open("/tmp/x");\n'),
    ("src/a/b.cc", "f();  // NOLINT\n"),
    ("src/a/b.cc", "f();  // NOLINT(bugprone-something)\n"),
    ("src/a/b_test.cc", "std::this_thread::sleep_for(x);\n"),
    ("src/a/b.h", "int a;\n"),
    ("web/package-lock.json", '"resolved"' ': "x"\n'),
    ("docs/a.md", "see /work" "/main\n"),
    ("src/a/b.cc", "int a; \n"),
    ("src/a/b.cc", "int a;"),
]

ACCEPTED = [
    ("src/a/b.cc", "return std::unique_ptr<Thing>(\n    new Thing(1));\n"),
    ("src/a/b.cc", "#include <new>\nnew (room) Thing;\n"),
    ("src/a/b.cc", "Thing(const Thing&) = delete;\n"),
    ("src/a/b.cc", "// a new line; delete it; rand() and throw x\n"),
    ("src/a/b.cc", 'f("new std::cout");\n'),
    ("src/cli/b.cc", "std::cout << 1;\n"),
    ("src/base/clock.cc", "std::chrono::system_clock::now();\n"),
    ("src/base/mutex.h", "#pragma once\nstd::mutex m;\n"),
    ("src/a/b.cc", "snprintf(a, sizeof a, b); operand(); is_new = renew(x);\n"),
    ("src/a/b.cc", "f();  // NOLINT(bugprone-x): the library asks for it\n"),
    ("src/a/b.cc", "using namespace std::chrono_literals;\n"),
    ("src/a/b_test.cc", "throw 1;\n"),
    ("docs/a.md", "write to /tmp/x\n"),
]


class TextCheck(unittest.TestCase):
    def test_refuses(self):
        for name, text in REFUSED:
            with self.subTest(name=name, text=text):
                self.assertEqual(len(check_text.check_text(Path(name), text)), 1)

    def test_accepts(self):
        for name, text in ACCEPTED:
            with self.subTest(name=name, text=text):
                self.assertEqual(check_text.check_text(Path(name), text), [])

    def test_names_place_and_remedy(self):
        fault = check_text.check_text(Path("src/a/b.cc"), "\nint x = rand();\n")[0]

        self.assertTrue(fault.startswith("src/a/b.cc:2: "), fault)
        self.assertIn("crypto/random.h", fault)


if __name__ == "__main__":
    unittest.main()
