#!/usr/bin/env python3
"""Objects that are to be linked into a kernel ask nothing of it: `nm -u` must be empty."""

import argparse
import subprocess
import sys


def undefined_symbols(nm, objects):
    """Lines `object: symbol` for each symbol that an object does not define itself."""
    answer = subprocess.run(
        [nm, "--undefined-only", "--print-file-name", *objects],
        capture_output=True, text=True, check=True)
    return [line for line in answer.stdout.splitlines() if line.strip()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nm", default="nm", help="the symbol lister to ask")
    parser.add_argument("objects", nargs="+")
    arguments = parser.parse_args()
    found = undefined_symbols(arguments.nm, arguments.objects)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
