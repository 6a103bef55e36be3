"""The size check measures functions of our style rightly, and refuses what is too long."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_sizes  # noqa: E402

SAMPLE = """
#include "a.h"
#define TWICE(x) \\
  do {           \\
    (x);         \\
  } while (false)
namespace piperoll::base {
namespace {
constexpr int kTable[] = {
    1,
    2,
};
const auto kHandler = [](int a) {
  return a;
};
}  // namespace
enum class Kind { One, Two };
struct Options {
  int a = f(3);
  std::vector<int> b = {1, 2};
};
class Journal : public Base {
 public:
  explicit Journal(Options o = {}, int x = 1)
      : a_{x}, b_(std::move(o)), c_{
                                     1,
                                 } {
    for (int i = 0; i < 3; ++i) {
      use("} not a brace {", '{');  // nor { this
    }
  }
  ~Journal() override { stop(); }
  bool operator==(const Journal& other) const {
    return true;
  }
  int size() const noexcept { return 1; }

 private:
  int a_ = 0;
};
template <class T>
Result<T> read(std::span<const T> from,
               int count) {
  auto inner = [&](int a) {
    return a;
  };
  if (count) {
    return {};
  }
  switch (count) {
    case 1: {
    }
  }
  return R"({{{)";
}
auto trailing(int a) -> std::vector<int> {
  return {a};
}
TEST(Journal, RefusesWritesAfterAFailedSync) {
  EXPECT_TRUE(true);
}
}  // namespace piperoll::base
"""


def long_function(lines):
    return "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"


class SizeCheck(unittest.TestCase):
    def faults(self, files, exceptions="", exceptions_max=0):
        with tempfile.TemporaryDirectory() as folder:
            files = {"tools/size_exceptions.txt": exceptions, **files}
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check_sizes.check(folder, exceptions_max)

    def test_finds_every_function_and_nothing_else(self):
        sizes = {name: lines for name, _, lines in check_sizes.functions(SAMPLE)}

        self.assertEqual(
            sizes,
            {
                "kHandler": 3,
                "Journal": 5,
                "~Journal": 1,
                "operator==": 3,
                "size": 1,
                "read": 13,
                "trailing": 3,
                "TEST(Journal, RefusesWritesAfterAFailedSync)": 3,
            },
        )

    def test_a_function_of_seventy_lines_is_right_and_one_more_is_not(self):
        self.assertEqual(self.faults({"src/a/b.cc": long_function(70)}), [])
        faults = self.faults({"src/a/b.cc": "\n" + long_function(71)})
        self.assertEqual(faults, ["src/a/b.cc:2: src/a/b.cc:f has 71 lines, 70 are allowed"])

    def test_a_file_of_eight_hundred_lines_is_right_and_one_more_is_not(self):
        self.assertEqual(self.faults({"src/a/b.cc": "int a;\n" * 800}), [])
        self.assertEqual(len(self.faults({"src/a/b.cc": "int a;\n" * 801})), 1)

    def test_tests_and_tables_may_be_long_files_but_not_long_functions(self):
        for name in ("src/a/b_test.cc", "src/a/word_table.cc"):
            self.assertEqual(self.faults({name: "int a;\n" * 801}), [])
            self.assertEqual(len(self.faults({name: long_function(71)})), 1)

    def test_an_exception_covers_its_own_size_and_no_more(self):
        files = {"src/a/b.cc": long_function(80)}
        self.assertEqual(self.faults(files, "src/a/b.cc:f 80\n", 1), [])
        self.assertEqual(len(self.faults(files, "src/a/b.cc:f 79\n", 1)), 1)

    def test_exceptions_only_shrink(self):
        files = {"src/a/b.cc": long_function(80)}
        self.assertIn("lower it to 80", self.faults(files, "src/a/b.cc:f 90\n", 1)[0])
        self.assertIn("take it out", self.faults({"src/a/b.cc": ""}, "src/a/b.cc:f 90\n", 1)[0])
        self.assertIn("0 allowed", self.faults(files, "src/a/b.cc:f 80\n")[0])


if __name__ == "__main__":
    unittest.main()
