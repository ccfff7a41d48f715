"""The sampler finds what tests do not notice: with the tests a fault is noticed, and with them taken away it survives."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from tests.mutants.__main__ import EQUIVALENT, equivalent
from tests.mutants.changes import mutants
from tests.mutants.crafts import CRAFTS, Craft
from tests.mutants.running import ROOT, files_of, path_of


def changed(code: str) -> set[str]:
    """Every mutant of a function with this body."""
    made = mutants("m", f"def f(a, b):\n    {code}\n")
    return {one.source.partition("\n")[2].strip() for one in made}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return a < b", {"return a <= b", "return a >= b", "return None"}),
        ("return a is b", {"return a is not b", "return None"}),
        ("return a and (not b)", {"return a or not b", "return a", "return not b", "return a and b", "return None"}),
        ("return a + 1", {"return a - 1", "return a + 2", "return a + 0", "return None"}),
        ("return f(a, b)", {"return f(b, a)", "return None"}),
        ("return min(a, b)", {"return max(a, b)", "return None"}),
        ("return 'x' if a else b", {"return 'x' if not a else b", "return 'x_' if a else b", "return None"}),
        ("return True", {"return False", "return None"}),
        ("f(a)", {"pass"}),
        ("a = f(a)", {"pass"}),
        ("a.b = a", {"pass"}),
        ("raise a", {"pass"}),
        ("a += b", {"a -= b", "pass"}),
        ("return [a for a in b if a]", {"return [a for a in b if True]", "return None"}),
    ],
)  # fmt: skip
def test_each_place_is_changed_in_each_way(code: str, expected: set[str]) -> None:
    assert changed(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "'''Said of it.'''",
        "c: int = a",
        "c = a",
        "raise AssertionError('cannot be 1')",
        "assert a < b",
        "return None",
        "import c",
    ],
)
def test_what_computes_nothing_is_left_alone(code: str) -> None:
    assert changed(code) == set()


def test_a_change_is_told_as_a_difference_of_its_line() -> None:
    told = {(one.before, one.after) for one in mutants("m", "def f(a, b):\n    return a < b\n")}
    assert ("return a < b", "return a <= b") in told


TRIAL = """
from tests.mutants.changes import Mutant, mutants
from tests.mutants.running import judged, path_of

text = path_of("shared.civil").read_text()
fault = next(one for one in mutants("shared.civil", text) if one.after == "OFFSET = timedelta(hours=8)")
endless = Mutant("shared.civil", 1, "", "", "", "while True: pass")
same = Mutant("shared.civil", 1, "", "", "", text)
for mutant, tests, seconds in ((same, "civil", 60), (fault, "civil", 60), (fault, "states", 60), (endless, "civil", 2)):
    ((child, verdict),) = judged([mutant], [f"tests/law/test_{tests}.py"], seconds)
    print(verdict)
"""


def test_a_fault_is_noticed_by_its_tests_and_survives_when_they_are_taken_away() -> None:
    before = path_of("shared.civil").read_bytes()
    ran = subprocess.run([sys.executable, "-c", TRIAL], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["survived", "killed", "survived", "endless"]
    assert path_of("shared.civil").read_bytes() == before


@pytest.mark.parametrize("craft", CRAFTS, ids=[craft.name for craft in CRAFTS])
def test_a_craft_names_modules_and_tests_that_are_there(craft: Craft) -> None:
    assert all(path_of(module).is_file() for name in craft.modules for module in files_of(name))
    assert all((ROOT / test).exists() for test in craft.tests)


def test_every_equivalent_mutant_has_a_reason_and_a_craft() -> None:
    listed = tomllib.loads(EQUIVALENT.read_text())
    assert set(listed) <= {craft.name for craft in CRAFTS}
    assert all(one["reason"].endswith(".") and one["before"] != one["after"] for several in listed.values() for one in several)
    assert all(len(equivalent(name)) == len(several) for name, several in listed.items())
