"""Puts faults into the pure modules of a craft, one at a time, and counts those that its tests notice.

    make mutants                                    60 faults of each craft
    make mutants CRAFT=clock SEED=7 SIZE=full       every fault of one; SIZE may be a number

The same seed takes the same faults of the same code. Ends with 1 where a craft's tests notice less than `NEEDED`.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.changes import Mutant, mutants
from tests.mutants.crafts import CRAFTS, Craft
from tests.mutants.running import ROOT, Child, Verdict, files_of, judged, path_of

NEEDED = 0.9
"""Share of the mutants that must be killed."""
EQUIVALENT = Path(__file__).parent / "equivalent.toml"


def equivalent(craft: str) -> set[tuple[str, str]]:
    """Mutants of a craft that compute the same, as the changed place before and after."""
    listed = tomllib.loads(EQUIVALENT.read_text()).get(craft, [])
    return {(one["before"].strip(), one["after"].strip()) for one in listed}


def all_of(craft: Craft) -> list[Mutant]:
    """Every mutant of a craft, those that are equivalent too."""
    modules = [module for name in craft.modules for module in files_of(name)]
    return [mutant for module in modules for mutant in mutants(module, path_of(module).read_text())]


def untouched(craft: Craft, tests: Sequence[str]) -> float:
    """Processor seconds of the tests when nothing is changed; ends with a message where they fail."""
    module = next(files_of(craft.modules[0]))
    same = Mutant(module, 0, "none", "", "", path_of(module).read_text())
    ((child, verdict),) = judged([same], tests, 600)
    if verdict is not Verdict.survived:
        sys.exit(f"{craft.name}: its tests fail without a mutant:\n{child.output()}")
    return child.seconds


def sample(craft: Craft, seed: str, size: str) -> list[Mutant]:
    """The mutants to try."""
    known = equivalent(craft.name)
    every = all_of(craft)
    for before, after in sorted(known - {(one.before, one.after) for one in every}):
        print(f"{craft.name}: listed as equivalent, and there is no such mutant:\n- {before}\n+ {after}")
    left = [one for one in every if (one.before, one.after) not in known]
    print(f"{craft.name}: {len(every)} mutants, {len(every) - len(left)} of them equivalent")
    return left if size == "full" else random.Random(f"{seed} {craft.name}").sample(left, min(int(size), len(left)))


def shown(child: Child) -> str:
    """A survivor as a difference."""
    mutant = child.mutant
    place = f"{path_of(mutant.module).relative_to(ROOT)}:{mutant.line}"
    return f"survived: {place} ({mutant.kind})\n    - {mutant.before}\n    + {mutant.after}"


def measure(craft: Craft, seed: str, size: str) -> bool:
    """Tries a sample and prints what came of it; whether enough was noticed."""
    chosen = sample(craft, seed, size)
    allowed = 10 + math.ceil(4 * untouched(craft, craft.tests))
    survivors = 0
    for child, verdict in judged(chosen, craft.tests, allowed):
        if verdict is Verdict.survived:
            survivors += 1
            print(shown(child), flush=True)
    killed = len(chosen) - survivors
    print(f"{craft.name}: killed {killed} of {len(chosen)} ({killed / len(chosen):.0%}), seed {seed}", flush=True)
    return killed >= NEEDED * len(chosen)


def main() -> int:
    """The command."""
    words = argparse.ArgumentParser(prog="make mutants", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--craft", choices=[craft.name for craft in CRAFTS])
    words.add_argument("--seed", default="1")
    words.add_argument("--size", default="60", help="how many of each craft, or `full`")
    given = words.parse_args()
    enough = [measure(craft, given.seed, given.size) for craft in CRAFTS if given.craft in (None, craft.name)]
    return 0 if all(enough) else 1


if __name__ == "__main__":
    raise SystemExit(main())
