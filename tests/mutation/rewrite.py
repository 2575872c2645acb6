#!/usr/bin/env python3
"""Rewrites the engine so that any one small mistake can be switched on while it runs.

Each expression of the engine's functions that an operator fits becomes a choice between its mutant
and itself, `(mutated(7) ? (a < b) : (a <= b))`, so that one build holds all mutants. The operators
are the field's: relational, arithmetic, bitwise and logical operators replaced, constants changed,
conditions negated, statements (calls and assignments) deleted. Needs libclang's Python bindings.
"""

import argparse
import json
import pathlib
import shutil
import sys

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian keeps the bindings
from clang.cindex import Config, CursorKind, Index  # noqa: E402

REPLACED = {
    "==": ["!="], "!=": ["=="], "<": ["<=", ">="], ">": [">=", "<="], "<=": ["<", ">"], ">=": [">", "<"],
    "+": ["-"], "-": ["+"], "|": ["&"], "&": ["|"], "^": ["&"], "<<": [">>"], ">>": ["<<"],
    "&&": ["||"], "||": ["&&"],
}
NAMES = {**dict.fromkeys(["==", "!=", "<", ">", "<=", ">="], "relational"),
         **dict.fromkeys(["+", "-"], "arithmetic"), **dict.fromkeys(["&&", "||"], "logical"),
         **dict.fromkeys(["|", "&", "^", "<<", ">>"], "bitwise")}
FUNCTIONS = {CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD, CursorKind.FUNCTION_TEMPLATE,
             CursorKind.CONSTRUCTOR, CursorKind.DESTRUCTOR, CursorKind.CONVERSION_FUNCTION}
STATEMENTS = {CursorKind.CALL_EXPR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR}
# What stands here is a constant of the language's, or no expression of the engine's.
CONSTANT = {CursorKind.STATIC_ASSERT, CursorKind.TEMPLATE_NON_TYPE_PARAMETER, CursorKind.CASE_STMT,
            CursorKind.TYPE_ALIAS_DECL, CursorKind.REQUIRES_EXPR, CursorKind.TYPE_REF}

MUTATED = """#pragma once

namespace twinwalk {

// The mutant that is switched on; 0 is none.
inline int selected_mutant = 0;
constexpr bool mutated(int number) {
  if (__builtin_is_constant_evaluated()) return false;
  return selected_mutant == number;
}

}  // namespace twinwalk
"""


class Rewriter:
    """One header's functions, with the mutants in them."""

    def __init__(self, path, name, mutants, excluded):
        self.path, self.name = path, name
        self.bytes = path.read_bytes()
        self.mutants, self.excluded = mutants, excluded

    def mutant(self, node, operator, before, after):
        """The number of a mutant, or None where it is left out."""
        number = len(self.mutants) + 1
        flat = [" ".join(text.split()) for text in (before, after)]
        self.mutants.append({"number": number, "file": self.name, "line": node.extent.start.line,
                             "operator": operator, "before": flat[0], "after": flat[1]})
        return None if number in self.excluded else number

    def raw(self, start, end):
        return self.bytes[start:end].decode()

    def text(self, node):
        return self.raw(node.extent.start.offset, node.extent.end.offset)

    def render(self, node, children=None):
        """The text of a node with that of its children replaced."""
        at, end = node.extent.start.offset, node.extent.end.offset
        out = ""
        for child in children if children is not None else self.children(node):
            out += self.raw(at, child.extent.start.offset) + self.rewritten(child, node)
            at = child.extent.end.offset
        return out + self.raw(at, end)

    def children(self, node):
        """Those that stand in the text one after the other."""
        at, found = node.extent.start.offset, []
        for child in node.get_children():
            start, end = child.extent.start, child.extent.end
            inside = start.file and start.file.name == str(self.path) and \
                at <= start.offset < end.offset <= node.extent.end.offset
            if inside:
                found.append(child)
                at = end.offset
        return found

    def rewritten(self, node, parent):
        text = self.text(node)
        if node.kind in CONSTANT or "TWINWALK_ASSERT" in text[:16]:
            return text
        if node.kind == CursorKind.VAR_DECL and "constexpr" in text.split("=")[0]:
            return text
        if node.kind == CursorKind.IF_STMT:
            return self.condition(node, text)
        is_statement = parent.kind == CursorKind.COMPOUND_STMT
        if node.kind == CursorKind.BINARY_OPERATOR:
            return self.binary(node, text, is_statement)
        if node.kind in STATEMENTS and is_statement:
            return self.deletable(node, text, self.render(node))
        if node.kind == CursorKind.INTEGER_LITERAL and text.isdigit():
            return self.constant(node, text)
        if node.kind == CursorKind.UNARY_OPERATOR and text.startswith("~"):
            made = self.mutant(node, "bitwise", text, text[1:])
            return f"(mutated({made}) ? ({text[1:]}) : ({self.render(node)}))" if made else self.render(node)
        return self.render(node)

    def condition(self, node, text):
        children = self.children(node)
        if text.startswith("if constexpr"):
            return self.render(node, children[1:])
        made = self.mutant(node, "negation", self.text(children[0]), f"!({self.text(children[0])})")
        declares = children[0].kind in (CursorKind.DECL_STMT, CursorKind.VAR_DECL) or "; " in \
            self.raw(node.extent.start.offset, children[0].extent.end.offset)
        if declares or not made:
            return self.render(node)
        condition = (f"mutated({made}) ? !bool({self.text(children[0])}) : "
                     f"bool({self.rewritten(children[0], node)})")
        start, end = children[0].extent.start.offset, children[0].extent.end.offset
        rest, at = "", end
        for child in children[1:]:
            rest += self.raw(at, child.extent.start.offset) + self.rewritten(child, node)
            at = child.extent.end.offset
        return (self.raw(node.extent.start.offset, start) + condition + rest +
                self.raw(at, node.extent.end.offset))

    def binary(self, node, text, is_statement):
        left, right = list(node.get_children())[:2]
        operator = self.raw(left.extent.end.offset, right.extent.start.offset).strip()
        whole = self.render(node)
        if operator == "=":
            return self.deletable(node, text, whole) if is_statement else whole
        choices = ""
        for other in REPLACED.get(operator, []):
            mutant = f"{self.text(left)} {other} {self.text(right)}"
            made = self.mutant(node, NAMES[operator], text, mutant)
            if made:
                choices += f"mutated({made}) ? ({mutant}) : "
        return f"({choices}({whole}))" if choices else whole

    def deletable(self, node, text, whole):
        made = self.mutant(node, "deletion", text, "")
        return f"(mutated({made}) ? void() : void({whole}))" if made else whole

    def constant(self, node, text):
        other = "0" if text == "1" else str(int(text) + 1)
        made = self.mutant(node, "constant", text, other)
        return f"(mutated({made}) ? {other} : {text})" if made else text

    def run(self, unit):
        """The whole header."""
        bodies = sorted(self.bodies(unit.cursor), key=lambda node: node.extent.start.offset)
        out, at = "", 0
        for body in bodies:
            if body.extent.start.offset < at:
                continue  # of a function within one
            out += self.raw(at, body.extent.start.offset) + self.render(body)
            at = body.extent.end.offset
        out += self.raw(at, len(self.bytes))
        up = "../" * (self.name.count("/") - 1)
        return out.replace("#pragma once\n", f'#pragma once\n#include "{up}mutated.hpp"\n', 1)

    def bodies(self, node):
        for child in node.get_children():
            file = child.location.file
            if child.kind == CursorKind.NAMESPACE or (file and file.name == str(self.path)):
                if child.kind in FUNCTIONS:
                    yield from (part for part in child.get_children()
                                if part.kind == CursorKind.COMPOUND_STMT)
                else:
                    yield from self.bodies(child)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=pathlib.Path, help="the repository")
    parser.add_argument("out", type=pathlib.Path, help="where the rewritten engine goes")
    parser.add_argument("--libclang", default="/usr/lib/llvm-19/lib/libclang-19.so.1")
    parser.add_argument("--exclude", default="", help="numbers of mutants that do not compile")
    parser.add_argument("headers", nargs="+", help="the headers to mutate, from the root")
    arguments = parser.parse_args()
    Config.set_library_file(arguments.libclang)
    root = arguments.root.resolve()
    all_of_it = root / "engine" / "mutation.cc"  # never written
    unit = Index.create().parse(
        str(all_of_it), args=["-std=c++20", f"-I{root}"], unsaved_files=[
            (str(all_of_it), "".join(f'#include "{name}"\n' for name in arguments.headers))])
    shutil.rmtree(arguments.out, ignore_errors=True)
    shutil.copytree(root / "engine", arguments.out / "engine")
    (arguments.out / "engine" / "mutated.hpp").write_text(MUTATED, encoding="utf-8")
    excluded = {int(number) for number in arguments.exclude.split(",") if number}
    mutants = []
    for name in arguments.headers:
        made = Rewriter(root / name, name, mutants, excluded).run(unit)
        (arguments.out / name).write_text(made, encoding="utf-8")
    (arguments.out / "mutants.json").write_text(json.dumps(mutants, indent=1), encoding="utf-8")
    print(f"{len(mutants) - len(excluded)} mutants")
    return 0


if __name__ == "__main__":
    sys.exit(main())
