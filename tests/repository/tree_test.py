"""Files are of a length one can read, and nothing in them is left open."""

import unittest

from repository import ROOT, Tree, tool

check_tree = tool("check_tree")


class Files(unittest.TestCase):
    def test_the_repository_has_no_file_too_long_and_nothing_left_open(self):
        self.assertEqual(check_tree.violations(ROOT), [])

    def test_a_file_of_the_longest_length_passes_and_one_line_more_is_named(self):
        limit = check_tree.LINES_MAX
        tree = Tree(self, {"engine/fits.hpp": "\n" * limit})
        self.assertEqual(check_tree.violations(tree.root), [])
        tree.write("engine/long.hpp", "\n" * (limit + 1))
        self.assertEqual(check_tree.violations(tree.root),
                         [f"engine/long.hpp:{limit + 1}: {limit + 1} lines; split the file"])

    def test_a_page_may_be_longer_than_a_source(self):
        tree = Tree(self, {"docs/long.md": "\n" * (check_tree.LINES_MAX + 1)})
        self.assertEqual(check_tree.violations(tree.root), [])

    def test_a_marker_of_unfinished_work_is_named_where_it_stands(self):
        marker = "TO" + "DO"
        tree = Tree(self, {"fuzz/op.hpp": f"int a;\n// {marker}: later\n"})
        self.assertEqual(check_tree.violations(tree.root),
                         [f"fuzz/op.hpp:2: left open: // {marker}: later"])

    def test_recorded_input_may_hold_anything(self):
        tree = Tree(self, {"corpus/traces/sh.txt": "XX" + "X\n"})
        self.assertEqual(check_tree.violations(tree.root), [])


if __name__ == "__main__":
    unittest.main()
