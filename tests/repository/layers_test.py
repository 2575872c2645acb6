"""The wall between engine, models and judges stands, and the checker that watches it rings."""

import unittest

from repository import ROOT, Tree, tool

check_layers = tool("check_layers")


class Layers(unittest.TestCase):
    def setUp(self):
        self.tree = Tree(self, {
            "engine/api.hpp": "#pragma once\n#include <cstdint>\n",
            "engine/word.hpp": "#pragma once\n",
            "models/flat_map.hpp": '#include <map>\n#include "engine/api.hpp"\n',
            "fuzz/op.hpp": '#include "engine/word.hpp"\n#include "models/flat_map.hpp"\n',
            "proofs/smt.hpp": '#include <z3++.h>\n#include "engine/word.hpp"\n',
            "tests/fuzz/op_test.cc": '#include <gtest/gtest.h>\n#include "fuzz/op.hpp"\n',
        })

    def assert_names(self, place, reason):
        found = check_layers.violations(self.tree.root)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(place + ": "), found[0])
        self.assertIn(reason, found[0])

    def test_a_command_that_includes_a_test_is_named_but_for_mutants(self):
        self.tree.write("tests/mutants/mutant.hpp", "#pragma once\n")
        self.tree.write("tools/list.cc", '#include "tests/mutants/mutant.hpp"\n')
        self.assertEqual(check_layers.violations(self.tree.root), [])
        self.tree.write("tests/fuzz/kit.hpp", "#pragma once\n")
        self.tree.write("tools/list.cc", '#include "tests/fuzz/kit.hpp"\n')
        self.assert_names("tools/list.cc:1", "tools/ may not include tests/")

    def test_a_mutant_that_includes_a_test_is_named(self):
        self.tree.write("tests/fuzz/kit.hpp", "#pragma once\n")
        self.tree.write("tests/mutants/x.hpp", '#include "tests/fuzz/kit.hpp"\n')
        self.assert_names("tests/mutants/x.hpp:1", "tests/mutants/ may not include tests/")

    def test_the_repository_keeps_its_layers(self):
        self.assertEqual(check_layers.violations(ROOT), [])

    def test_a_tree_that_keeps_the_layers_is_silent(self):
        self.assertEqual(check_layers.violations(self.tree.root), [])

    def test_a_model_that_sees_how_the_engine_encodes_is_named(self):
        self.tree.write("models/walker.hpp", '#pragma once\n\n#include "engine/word.hpp"\n')
        self.assert_names("models/walker.hpp:3", "nothing of engine/ but api.hpp")

    def test_a_model_that_takes_a_detour_by_relative_path_is_named(self):
        self.tree.write("models/walker.hpp", '#include "../engine/word.hpp"\n')
        self.assert_names("models/walker.hpp:1", "nothing of engine/ but api.hpp")

    def test_shared_words_that_pull_in_an_encoding_are_named(self):
        self.tree.write("engine/api.hpp", '#include "word.hpp"\n')
        self.assert_names("engine/api.hpp:1", "includes nothing of the tree")

    def test_an_engine_that_includes_a_model_is_named(self):
        self.tree.write("engine/table.hpp", '#include "../models/flat_map.hpp"\n')
        self.assert_names("engine/table.hpp:1", "engine/ may not include models/")

    def test_an_engine_header_found_only_from_the_root_is_named(self):
        self.tree.write("engine/formats/x.hpp", '#include "engine/word.hpp"\n')
        self.assert_names("engine/formats/x.hpp:1", "by its relative path")

    def test_an_engine_that_needs_a_hosted_library_is_named(self):
        self.tree.write("engine/table.hpp", "#include <cstdint>\n#include <vector>\n")
        self.assert_names("engine/table.hpp:2", "has no <vector>")

    def test_a_proof_that_includes_the_harness_is_named(self):
        self.tree.write("proofs/prove.cc", '#include "fuzz/op.hpp"\n')
        self.assert_names("proofs/prove.cc:1", "proofs/ may not include fuzz/")

    def test_a_harness_that_includes_a_proof_is_named(self):
        self.tree.write("fuzz/text.hpp", '#include "proofs/smt.hpp"\n')
        self.assert_names("fuzz/text.hpp:1", "fuzz/ may not include proofs/")

    def test_a_model_that_needs_more_than_the_standard_library_is_named(self):
        self.tree.write("models/print.cc", "#include <fmt/format.h>\n")
        self.assert_names("models/print.cc:1", "models/ does without <fmt/format.h>")

    def test_a_command_line_that_includes_a_test_is_named(self):
        self.tree.write("tests/helper.hpp", "")
        self.tree.write("tools/main.cc", '  #  include "tests/helper.hpp"\n')
        self.assert_names("tools/main.cc:1", "tools/ may not include tests/")

    def test_an_include_that_leads_nowhere_is_named(self):
        self.tree.write("fuzz/text.hpp", '#include "fuzz/gone.hpp"\n')
        self.assert_names("fuzz/text.hpp:1", "is no file of this repository")


if __name__ == "__main__":
    unittest.main()
