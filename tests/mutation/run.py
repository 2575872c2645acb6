#!/usr/bin/env python3
"""Makes every small mistake in the engine that an operator can, and says which of them nobody notices.

The rewritten engine (rewrite.py) is built once and run once for each mutant (judge.cc), by the
generator's first sequences on seven formats. A survivor is either behaviour that no oracle watches or
no change of behaviour at all; which it is, a person says.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# What is mutated: the algorithms, and a format of each way to encode.
HEADERS = ["steps", "region", "cursor", "leaf_run", "path", "geometry", "sharing", "teardown", "traversal",
           "table_metadata", "frame_chain", "flush_plan", "page_table", "formats/x86_64_layout",
           "formats/x86_64", "formats/leaf_bits", "formats/riscv", "formats/aarch64_bits",
           "formats/aarch64_stage1", "formats/named_types", "formats/loongarch64", "formats/ept"]


def build(work, release):
    """Rewrites the engine and builds its judge; the mutants there are."""
    headers = [f"engine/{name}.hpp" for name in HEADERS]
    subprocess.run([sys.executable, HERE / "rewrite.py", ROOT, work, *headers], check=True)
    subprocess.run(
        ["clang++-19", "-std=c++20", "-O1", "-w", "-Wno-c++11-narrowing", "-DFMT_SHARED", f"-I{work}",
         f"-I{ROOT}", HERE / "judge.cc", release / "fuzz/libtwinwalk_fuzz.a",
         release / "models/libtwinwalk_models.a", "-lfmt", "-o", work / "judge"], check=True)
    return json.loads((work / "mutants.json").read_text(encoding="utf-8"))


# The format whose encoding a header is, to be tried first.
FORMATS = {"riscv": "sv39", "aarch64": "aarch64-s1", "named_types": "aarch64-s1", "ept": "ept-4",
           "loongarch64": "loongarch64"}


def asked(mutant):
    """A mutant as the judge is asked for it."""
    formats = [name for part, name in FORMATS.items() if f"formats/{part}" in mutant["file"]]
    return "@".join([str(mutant["number"]), *formats])


def sampled(mutants, size, seed):
    """As many of each operator as its share, drawn by the seed."""
    draw, chosen = random.Random(seed), []
    for operator in sorted({m["operator"] for m in mutants}):
        of_it = [m for m in mutants if m["operator"] == operator]
        chosen += draw.sample(of_it, min(len(of_it), -(-size * len(of_it) // len(mutants))))
    return sorted(chosen, key=lambda m: m["number"])


def judge(work, words):
    """(number, verdict, runs, by whom) for each mutant that is asked for."""
    out = subprocess.run([work / "judge", *words], check=True, text=True,
                         capture_output=True).stdout
    for line in out.splitlines():
        number, verdict, runs, *by = line.split(maxsplit=3)
        yield int(number), verdict, int(runs), by[0] if by else ""


def report(mutants, verdicts):
    """Prints the survivors and the sums; how many survived."""
    alive = [m for m in mutants if verdicts[m["number"]][0] == "alive"]
    for m in alive:
        print(f'{m["file"]}:{m["line"]}: {m["operator"]}: {m["before"]}  ->  {m["after"] or "nothing"}')
    by = collections.Counter(who for verdict, who in verdicts.values() if verdict == "killed")
    print("\nkilled by")
    for who, count in by.most_common():
        print(f"  {count:5}  {who}")
    print("\nof each operator, killed and alive")
    for operator in sorted({m["operator"] for m in mutants}):
        of_it = [verdicts[m["number"]][0] for m in mutants if m["operator"] == operator]
        print(f'  {operator:<11} {of_it.count("killed"):5} {of_it.count("alive"):5}')
    print(f"\n{len(mutants) - len(alive)} killed, {len(alive)} alive")
    return len(alive)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", type=pathlib.Path, default=ROOT / "build/release",
                        help="where the harness is built")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/mutation")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--sample", type=int, help="try so many, of each operator its share")
    parser.add_argument("--seed", type=int, default=1, help="what the sample follows from")
    arguments = parser.parse_args()
    mutants = build(arguments.work, arguments.release)
    (_, verdict, _, by), = judge(arguments.work, ["0"])
    if verdict != "alive":
        print(f"mutation: the engine as it is was found by {by}", file=sys.stderr)
        return 3
    if arguments.sample:
        mutants = sampled(mutants, arguments.sample, arguments.seed)
        print(f"a sample of {len(mutants)} by seed {arguments.seed}", file=sys.stderr)
    # In small pieces, for a mutant that runs on holds up those after it.
    words = [asked(mutant) for mutant in mutants]
    pieces = [words[n:n + 10] for n in range(0, len(words), 10)]
    verdicts = {}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for piece in pool.map(lambda piece: list(judge(arguments.work, piece)), pieces):
            verdicts.update({number: (verdict, by) for number, verdict, _, by in piece})
    report(mutants, verdicts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
