"""`make storm` in the size that every change has to survive, 50.000 events and 60 kills; SIZE=full is the large one."""

from __future__ import annotations

import secrets
from pathlib import Path

from tests.faults.storm import SIZES, VICTIMS, Storm, holds


def test_nothing_is_lost_or_counted_twice_whatever_dies(folder: Path) -> None:
    size = SIZES["ci"]
    seed = secrets.randbelow(1_000_000)
    data = folder / "storm"
    data.mkdir()
    storm = Storm(size, seed, data)
    print(f"seed {seed}")
    report = storm.run()
    print(report)
    assert holds(report), report
    assert report["events"] >= 50_000
    assert report["kills"].keys() == VICTIMS.keys()
    assert sum(report["kills"].values()) == size.kills
    assert report["lost_acks"] > 0
    assert report["compared"]["deleted"] > 0
    assert report["pulls"].get("interrupted", 0) > 0
