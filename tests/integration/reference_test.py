#!/usr/bin/env python3
"""docs/reference.md is what the binary says."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BINARY, SOURCE  # noqa: E402

sys.path.insert(0, os.path.join(SOURCE, "tools"))
from write_reference import reference  # noqa: E402


class Reference(unittest.TestCase):
    maxDiff = 2000

    def test_it_is_current(self):
        with open(os.path.join(SOURCE, "docs", "reference.md"), encoding="utf-8") as file:
            self.assertEqual(file.read(), reference(os.path.abspath(BINARY)),
                             "write it anew: tools/write_reference.py build/dev/piperoll > docs/reference.md")


if __name__ == "__main__":
    unittest.main()
