#!/usr/bin/env python3
"""Makes docs/compatibility.md of the comments before the tests that show what it says.

A `// ----` line begins a section. Before each test stand two comments, `// There: …` and
`// Here: …`, which may go on over several lines.
"""

import argparse
import pathlib
import re
import sys

SOURCE = "tests/engine/compatibility_test.cc"
PAGE = "docs/compatibility.md"

HEAD = f"""# Coming from other libraries

What a user of page_table_multiarch 0.6.1 (PTM), page-table-generic 0.7.4 (PTG) or axaddrspace 0.5.9 (AXA) finds here.
"Seen" is what came of running the library, "read" what its source says; each row is a test in
[{SOURCE}](../{SOURCE}), of which this page is made by `tools/compatibility.py`.
"""

SECTION = re.compile(r"^// ---- (.+?) ----$")
TEST = re.compile(r"^TEST(?:_F)?\((\w+), (\w+)\)")


class Malformed(Exception):
    """A test without its comments, or comments without a test, in a line of the source."""


def rows(text):
    """(section, there, here, test) for each test."""
    section, comment = None, []
    for number, line in enumerate(text.splitlines(), 1):
        heading, test = SECTION.match(line), TEST.match(line)
        if heading:
            section, comment = heading.group(1), []
        elif line.startswith("//"):
            comment.append(line.removeprefix("//").strip())
        elif test:
            said = re.fullmatch(r"There: (.+) Here: (.+)", " ".join(comment))
            if not said or not section:
                raise Malformed(f"{SOURCE}:{number}: no There and Here before {test.group(0)}")
            yield section, said.group(1), said.group(2), ".".join(test.groups())
            comment = []
        elif line.strip():
            comment = []


def page(text):
    """The whole page."""
    lines, last = [HEAD], None
    for section, there, here, test in rows(text):
        if section != last:
            lines.append(f"\n## {section}\n" if last else f"## {section}\n")
            lines.append("| there | here | test |\n|---|---|---|")
            last = section
        lines.append(f"| {there} | {here[0].upper() + here[1:]} | `{test}` |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    try:
        made = page((root / SOURCE).read_text(encoding="utf-8"))
    except Malformed as error:
        print(f"compatibility: {error}", file=sys.stderr)
        return 2
    new = root / (PAGE + ".new")
    new.write_text(made, encoding="utf-8")
    new.replace(root / PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
