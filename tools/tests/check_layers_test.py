"""The layer check finds what it must, and lets pass what is right."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_layers  # noqa: E402

TABLE = """
layer 0 base         :
layer 1 wire         : base
layer 2 net          : base wire
layer 3 store        : base
layer 4 store/memory : base store
layer 4 store/disk   : base store
layer 4 dialect      : base wire
layer 7 server       : * except net
home openssl/ : net
coroutines    : net
"""


class LayerCheck(unittest.TestCase):
    def faults(self, files, table=TABLE):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "src"
            for name, text in {"LAYERS": table, **files}.items():
                path = source / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check_layers.check(folder)

    def assert_clean(self, name, text):
        self.assertEqual(self.faults({name: text}), [])

    def assert_fault(self, name, text, expected, table=TABLE):
        faults = self.faults({name: text}, table)
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(expected, faults[0])

    def test_accepts_what_the_table_allows(self):
        self.assert_clean("wire/a.cc", '#include "wire/a.h"\n#include <string>\n#include "base/b.h"\n')
        self.assert_clean("net/a.cc", "#include <openssl/ssl.h>\n#include <sys/socket.h>\nco_return;\n")

    def test_refuses_a_higher_module_and_names_file_and_line(self):
        self.assert_fault("base/a.cc", '\n#include "wire/b.h"\n', "src/base/a.cc:2:")
        self.assert_fault("base/a.cc", '#include "wire/b.h"\n', "base may not include wire")

    def test_refuses_a_lower_module_that_is_not_listed(self):
        self.assert_fault("dialect/a.cc", '#include "store/b.h"\n', "dialect may not include store")

    def test_refuses_siblings_of_a_family(self):
        self.assert_fault("dialect/one/a.cc", '#include "dialect/two/b.h"\n', "may not include")
        self.assert_fault("store/disk/a.cc", '#include "store/memory/b.h"\n', "may not include")

    def test_children_see_parent_and_common_but_the_parent_sees_no_child(self):
        self.assert_clean("dialect/one/a.cc", '#include "dialect/d.h"\n#include "dialect/common/c.h"\n')
        self.assert_clean("dialect/one/a.cc", '#include "wire/w.h"\n')
        self.assert_fault("dialect/a.cc", '#include "dialect/one/b.h"\n', "may not include")
        self.assert_fault("store/a.h", '#include "store/memory/b.h"\n', "may not include")

    def test_server_sees_all_but_what_its_line_leaves_out(self):
        self.assert_clean("server/a.cc", '#include "store/disk/b.h"\n#include "dialect/one/b.h"\n')
        self.assert_fault("server/a.cc", '#include "net/b.h"\n', "server may not include net")

    def test_tests_may_use_siblings_and_test_libraries_but_nothing_higher(self):
        self.assert_clean("store/disk/a_test.cc", '#include <gtest/gtest.h>\n#include "store/memory/b.h"\n')
        self.assert_fault("store/disk/a_test.cc", '#include "server/b.h"\n', "may not include")
        self.assert_fault("wire/a.cc", "#include <gtest/gtest.h>\n", "no home")

    def test_third_party_headers_stay_at_home(self):
        self.assert_fault("wire/a.h", "#include <openssl/sha.h>\n", "its home is net, not wire")
        self.assert_fault("wire/a.h", "#include <curl/curl.h>\n", "no home")

    def test_coroutines_stay_at_home(self):
        self.assert_fault("wire/a.cc", "void f() {\n  co_return;\n}\n", "src/wire/a.cc:2: co_return")

    def test_comments_and_strings_are_not_code(self):
        self.assert_clean("base/a.cc", '// #include "wire/b.h"\n/* co_await\n#include "wire/b.h" */\n')
        self.assert_clean("base/a.cc", 'auto s = R"(\n#include "wire/b.h"\n)";\nauto t = "co_await";\n')

    def test_include_paths_start_at_the_root(self):
        self.assert_fault("base/a.cc", '#include "b.h"\n', "from the include root")

    def test_unknown_modules_are_refused(self):
        self.assert_fault("utils/a.cc", "", "utils is no module")
        self.assert_fault("base/a.cc", '#include "utils/b.h"\n', "utils is no module")
        self.assert_fault("main.cc", "", "belongs to a module")

    def test_the_table_itself_is_checked(self):
        up = "layer 0 base : wire\nlayer 1 wire :\n"
        self.assert_fault("base/a.cc", "", "higher level", up)
        cycle = "layer 1 one : two\nlayer 1 two : one\n"
        self.assertTrue(any("cycle" in fault for fault in self.faults({}, cycle)))
        self.assert_fault("base/a.cc", "", "no line", "layer 1 base : other\n")
        self.assert_fault("base/a.cc", "", "not understood", "layer one base\n")


if __name__ == "__main__":
    unittest.main()
