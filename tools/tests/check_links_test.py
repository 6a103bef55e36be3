"""The link check finds dead files and headings, and leaves code and other sites alone."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_links  # noqa: E402


class LinkCheck(unittest.TestCase):
    def faults(self, text):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "docs").mkdir()
            (Path(folder) / "docs" / "a.md").write_text("# Two words\n\n## Why, then?\n")
            (Path(folder) / "README.md").write_text(text)
            return check_links.check(folder)[0]

    def test_accepts_files_folders_headings_and_other_sites(self):
        text = "[a](docs/a.md) [b](docs) [c](docs/a.md#why-then) [d](https://x.example/#y) [e](#top)"
        self.assertEqual(self.faults("# Top\n" + text), [])

    def test_refuses_dead_files_and_headings_and_ways_out(self):
        self.assertEqual(self.faults("\n[a](docs/b.md)"), ["README.md:2: docs/b.md does not exist"])
        self.assertIn("no heading", self.faults("[a](docs/a.md#three)")[0])
        self.assertIn("out of the repository", self.faults("[a](../b.md)")[0])
        self.assertIn("does not exist", self.faults("[a]: b.md")[0])

    def test_leaves_code_alone(self):
        self.assertEqual(self.faults("`[a](b.md)`\n```\n[a](b.md)\n```\n"), [])


if __name__ == "__main__":
    unittest.main()
