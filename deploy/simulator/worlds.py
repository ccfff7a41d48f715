"""Which worlds there are, by the name that the command line gives them."""

from __future__ import annotations

from pathlib import Path

from deploy.simulator.event_log import event_log_world
from deploy.simulator.random_world import RandomWorld, live_world
from deploy.simulator.reference import reference_world
from deploy.simulator.world import World


def make_world(
    name: str,
    *,
    dossiers: int = 1000,
    agencies: int = 20,
    seed: int = 1,
    dirt: float = 0.05,
    province: str = "99",
    live: bool = False,
    share: float = 0.5,
    deletions: bool = True,
    deleted_one_in: int = 100,
) -> World:
    """`reference`, `random`, or the path of an event log; ValueError says what is wrong with the name."""
    if name == "random":
        world = RandomWorld(dossiers=dossiers, agencies=agencies, seed=seed, province=province, dirt=dirt)
        return live_world(world, share=share, deletions=deletions, one_in=deleted_one_in) if live else world
    if name == "reference":
        return reference_world(live=live)
    if name.endswith(".csv"):
        return event_log_world(Path(name))
    raise ValueError(f"there is no world called {name}; take reference, random or the path of an event log in CSV")
