"""Sources are in the project's format."""

import os
import shutil
import subprocess
import unittest

from repository import ROOT, Tree, tool

check_tree = tool("check_tree")

CLANG_FORMAT = shutil.which("clang-format-19")


def misformatted(root, names):
    """The files that clang-format would change."""
    found = []
    for name in names:
        ran = subprocess.run([CLANG_FORMAT, "--style", f"file:{ROOT / '.clang-format'}",
                              "--dry-run", "-Werror", str(root / name)],
                             capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            found.append(ran.stderr.splitlines()[0] if ran.stderr else name)
    return found


class Format(unittest.TestCase):
    def setUp(self):
        if CLANG_FORMAT is None:
            if os.environ.get("CI"):
                self.fail("clang-format-19 is not installed")
            self.skipTest("clang-format-19 is not installed")

    def test_every_source_is_in_the_format_that_dev_format_gives(self):
        names = [n for n in check_tree.repository_files(ROOT) if n.endswith((".hpp", ".cc"))]
        self.assertEqual(misformatted(ROOT, names), [])

    def test_a_source_that_is_not_is_named(self):
        tree = Tree(self, {"a.cc": "int  f( ) { return 1 ;}\n", "b.cc": "int f() { return 1; }\n"})
        found = misformatted(tree.root, ["a.cc", "b.cc"])
        self.assertEqual(len(found), 1)
        self.assertIn("a.cc:1:", found[0])


if __name__ == "__main__":
    unittest.main()
