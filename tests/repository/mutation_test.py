"""The rewriting of the engine offers the mutants that it says, and nothing else changes."""

import json
import pathlib
import subprocess
import sys
import unittest

from repository import ROOT, Tree

REWRITE = ROOT / "tests/mutation/rewrite.py"
sys.path.append("/usr/lib/python3/dist-packages")
try:
    import clang.cindex  # noqa: F401
    HAS_BINDINGS = pathlib.Path("/usr/lib/llvm-19/lib/libclang-19.so.1").exists()
except ImportError:
    HAS_BINDINGS = False

HEADER = """#pragma once
namespace n {
constexpr int limit = 3 + 4;
template <class W>
struct S {
  W kept{0};
  constexpr bool less(W a, W b) const { return a < b; }
  void set(W a) {
    static_assert(1 < 2);
    if constexpr (sizeof(W) == 8) kept = a;
    if (a == kept) { note(a); }
  }
  void note(W) {}
};
}  // namespace n
"""


@unittest.skipUnless(HAS_BINDINGS, "needs python3-clang-19")
class Mutation(unittest.TestCase):
    def rewritten(self, *arguments):
        tree = Tree(self, {"engine/s.hpp": HEADER})
        out = tree.root / "out"
        subprocess.run([sys.executable, REWRITE, tree.root, out, *arguments, "engine/s.hpp"], check=True,
                       capture_output=True)
        mutants = json.loads((out / "mutants.json").read_text(encoding="utf-8"))
        return mutants, (out / "engine/s.hpp").read_text(encoding="utf-8")

    def test_every_operator_has_its_mutants(self):
        mutants, _ = self.rewritten()
        said = {(m["line"], m["operator"], m["before"], m["after"]) for m in mutants}
        self.assertEqual(said, {
            (7, "relational", "a < b", "a <= b"), (7, "relational", "a < b", "a >= b"),
            (11, "negation", "a == kept", "!(a == kept)"), (11, "relational", "a == kept", "a != kept"),
            (11, "deletion", "note(a)", ""),
        })

    def test_what_the_language_evaluates_stays(self):
        _, text = self.rewritten()
        for line in ("constexpr int limit = 3 + 4;", "static_assert(1 < 2);",
                     "if constexpr (sizeof(W) == 8) kept = a;"):
            self.assertIn(line, text)

    def test_one_that_is_excluded_is_not_offered(self):
        mutants, text = self.rewritten("--exclude", "1")
        self.assertNotIn("mutated(1)", text)
        self.assertIn("mutated(2)", text)
        self.assertEqual(mutants[0]["number"], 1)


if __name__ == "__main__":
    unittest.main()
