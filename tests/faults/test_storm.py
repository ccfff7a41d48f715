"""A small storm with everything in it; `make storm` is the large one."""

from __future__ import annotations

import secrets
from pathlib import Path

from tests.faults.storm import SIZES, VICTIMS, Storm, holds


def test_nothing_is_lost_or_counted_twice_whatever_dies(folder: Path) -> None:
    seed = secrets.randbelow(1_000_000)
    data = folder / "storm"
    data.mkdir()
    report = Storm(SIZES["small"], seed, data).run()
    print(report)
    assert holds(report), report
    assert report["kills"].keys() == VICTIMS.keys()
    assert report["lost_acks"] > 0
