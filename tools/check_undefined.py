#!/usr/bin/env python3
"""Objects that are to be linked into a kernel ask nothing of it: `nm -u` must be empty, but for what
every compiler may ask of a freestanding program anyway, where that is allowed."""

import argparse
import subprocess
import sys


# GCC and clang turn copies and fills into calls of these, and say so in their manuals.
MEMORY_FUNCTIONS = {"memcpy", "memmove", "memset", "memcmp"}


def undefined_symbols(nm, objects, allowed=()):
    """Lines `object: symbol` for each symbol, not among the allowed, that an object does not define
    itself."""
    answer = subprocess.run(
        [nm, "--undefined-only", "--print-file-name", *objects],
        capture_output=True, text=True, check=True)
    return [line for line in answer.stdout.splitlines()
            if line.strip() and line.split()[-1] not in allowed]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nm", default="nm", help="the symbol lister to ask")
    parser.add_argument("--allow-memory-functions", action="store_true",
                        help="memcpy, memmove, memset and memcmp may be asked for")
    parser.add_argument("objects", nargs="+")
    arguments = parser.parse_args()
    allowed = MEMORY_FUNCTIONS if arguments.allow_memory_functions else ()
    found = undefined_symbols(arguments.nm, arguments.objects, allowed)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
