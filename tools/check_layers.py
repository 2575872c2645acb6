#!/usr/bin/env python3
"""Who may include whom.

The engine, the models and whatever judges them are worth comparing only while they do not share
code. This check is that claim: it reads every #include below the repository's root and names each
one that crosses a wall, as `file:line: reason`.

    engine <- models <- fuzz, proofs, judges <- tests/mutants <- tests, tools

`models/` may include nothing of `engine/` but `engine/api.hpp`; `fuzz/`, `proofs/` and `judges/`
never include each other; the engine includes no hosted part of the standard library.
"""

import argparse
import pathlib
import re
import sys

SUFFIXES = {".hpp", ".cc", ".h", ".cpp"}

# The rooms whose headers each room may include, besides its own.
MAY_INCLUDE = {
    "engine": set(),
    "models": {"engine"},
    "fuzz": {"engine", "models"},
    "proofs": {"engine", "models"},
    "judges": {"engine", "models"},
    "tests/mutants": {"engine", "models", "fuzz", "proofs"},
    "tools": {"engine", "models", "fuzz", "proofs", "judges", "tests/mutants"},
    "tests": {"engine", "models", "fuzz", "proofs", "judges", "tests/mutants", "tools", "examples"},
}


def room_of(path):
    """The room that a path from the root lies in: the longest that there is."""
    rooms = [room for room in MAY_INCLUDE if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else path.split("/")[0]


# The only header of the engine that the models may see, and whatever it includes they see too, so
# it stands on the standard library alone.
SHARED_WORDS = "engine/api.hpp"

# What a compiler brings without a hosted library. <atomic> is not among it: libstdc++ 12 cannot
# compile it for a target without an operating system.
FREESTANDING = {"bit", "concepts", "cstddef", "cstdint", "limits", "type_traits", "version"}

# Libraries beside the standard one, by the first part of the header's path; a room that is not
# named in a library's set does without it.
LIBRARIES = {
    "benchmark": {"tests"},
    "CLI": {"tools", "tests"},
    "fmt": {"fuzz", "proofs", "judges", "tools", "tests"},
    "gmock": {"tests"},
    "gtest": {"tests"},
    "nlohmann": {"tools", "tests", "judges"},
    "z3++.h": {"proofs"},
    "z3.h": {"proofs"},
    "zlib.h": {"tools", "tests"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes_of(path):
    """Yields (line number, '<' or '"', name) for each #include of a file."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def library_error(room, name):
    """Why a room may not include <name>, or None."""
    if room == "engine":
        return None if name in FREESTANDING else f"the engine is freestanding and has no <{name}>"
    library = name.split("/")[0]
    if library in LIBRARIES and room not in LIBRARIES[library]:
        return f"{room}/ does without <{name}>"
    if library == "twinwalk":
        return f'<{name}> is the installed name; inside the tree it is "engine/…"'
    return None


def resolve(root, file, name):
    """The file that a quoted include names, and whether it was spelt from the root."""
    beside = (file.parent / name).resolve()
    if beside.is_file():
        return beside, False
    from_root = (root / name).resolve()
    return (from_root, True) if from_root.is_file() else (None, False)


def quoted_error(root, file, room, name):
    """Why a file of a room may not include "name", or None."""
    target, from_root = resolve(root, file, name)
    if target is None or not target.is_relative_to(root):
        return f'"{name}" is no file of this repository'
    path = target.relative_to(root).as_posix()
    other = room_of(path)
    if file.relative_to(root).as_posix() == SHARED_WORDS:
        return f'api.hpp holds the shared words and includes nothing of the tree, so not "{name}"'
    if other == room:
        if room == "engine" and from_root:
            return f'the engine is vendored as a folder: include "{name}" by its relative path'
        return None
    if other not in MAY_INCLUDE[room]:
        return f'{room}/ may not include {other}/: "{name}"'
    if room == "models" and path != SHARED_WORDS:
        return f'models/ may include nothing of engine/ but api.hpp: "{name}"'
    if not from_root:
        return f'another room is included from the root, as "{path}"'
    return None


def violations(root):
    """Every offending #include below `root`, as lines `file:line: reason`."""
    root = root.resolve()
    found = []
    for room in MAY_INCLUDE:
        for file in sorted((root / room).rglob("*")):
            if file.suffix not in SUFFIXES or not file.is_file():
                continue
            if room_of(file.relative_to(root).as_posix()) != room:
                continue
            for number, kind, name in includes_of(file):
                error = (library_error(room, name) if kind == "<"
                         else quoted_error(root, file, room, name))
                if error:
                    found.append(f"{file.relative_to(root).as_posix()}:{number}: {error}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    found = violations(parser.parse_args().root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
