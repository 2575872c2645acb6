#!/usr/bin/env python3
"""What every file of the repository owes its reader: a length one can read, and nothing left open."""

import argparse
import pathlib
import re
import subprocess
import sys

LINES_MAX = 450
LENGTH_SUFFIXES = {".hpp", ".cc", ".py"}

# Unfinished work is an issue, not a comment. Spelt in parts so that this file does not name itself.
MARKERS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")

# Recorded input is kept as it came.
RECORDED = ("corpus/traces/", "corpus/vectors/")


def repository_files(root):
    """Paths of the files that git keeps or would keep; all of them where there is no git."""
    git = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if git.returncode == 0:
        names = [name for name in git.stdout.split("\0") if name]
    else:
        names = [p.relative_to(root).as_posix() for p in root.rglob("*")
                 if p.is_file() and p.relative_to(root).parts[0] not in {"build", ".git"}]
    return sorted(name for name in set(names) if (root / name).is_file())


def read_text(path):
    """A file's text, or None when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def too_long(name, text):
    if pathlib.PurePath(name).suffix not in LENGTH_SUFFIXES:
        return []
    count = len(text.splitlines())
    return [f"{name}:{LINES_MAX + 1}: {count} lines; split the file"] if count > LINES_MAX else []


def left_open(name, text):
    if name.startswith(RECORDED):
        return []
    return [f"{name}:{number}: left open: {line.strip()}"
            for number, line in enumerate(text.splitlines(), start=1) if MARKERS.search(line)]


def violations(root):
    """Every offence below `root`, as lines `file:line: reason`."""
    found = []
    for name in repository_files(root):
        text = read_text(root / name)
        if text is not None:
            found += too_long(name, text) + left_open(name, text)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    found = violations(parser.parse_args().root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
