#!/usr/bin/env python3
"""What the pages promise: links lead somewhere, and every command is one that is run by a test.

Commands are the lines of the fenced `sh` blocks; a comment after two spaces belongs to the reader.
"""

import argparse
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from check_tree import read_text, repository_files  # noqa: E402

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$")
FENCE = re.compile(r"^\s*```(\w*)")


def anchors(text):
    """The names by which the headings of a page can be linked to."""
    found = set()
    for line in prose(text):
        match = HEADING.match(line)
        if match:
            name = re.sub(r"[^\w\- ]", "", match.group(1).lower())
            found.add(name.replace(" ", "-"))
    return found


def prose(text):
    """The lines of a page, with those inside fences blanked so that numbers stay right."""
    inside = False
    for line in text.splitlines():
        if FENCE.match(line):
            inside = not inside
            yield ""
        else:
            yield "" if inside else line


def dead_links(root):
    """Links of *.md pages that lead to no file or heading; the outside world is not asked."""
    found = []
    for name in repository_files(root):
        if not name.endswith(".md"):
            continue
        page = root / name
        for number, line in enumerate(prose(read_text(page) or ""), start=1):
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                file = (page.parent / path) if path else page
                if not file.exists():
                    found.append(f"{name}:{number}: no such file: {target}")
                elif anchor and file.suffix == ".md" and anchor not in anchors(read_text(file)):
                    found.append(f"{name}:{number}: no such heading: {target}")
    return found


def commands(text):
    """Yields (line number, command) for each line of the `sh` blocks of a page."""
    language = None
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if fence:
            language = None if language is not None else fence.group(1)
        elif language == "sh" and line.strip() and not line.lstrip().startswith("#"):
            yield number, re.sub(r"\s\s+#.*$", "", line).strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    found = dead_links(parser.parse_args().root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
