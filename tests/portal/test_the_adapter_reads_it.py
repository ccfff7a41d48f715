"""What ingest's adapter and folding make of the portal's bytes is what the ledger says happened, dirt and all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from deploy.simulator.ledger import Snapshot, civil_day, instant, moment, suspensions
from deploy.simulator.random_world import RandomWorld, live_world
from deploy.simulator.reference import reference_world
from deploy.simulator.rendering import ONE_STOP_DESK, Renderer
from deploy.simulator.vocabulary import words_of
from deploy.simulator.world import World
from services.ingest.dossiers.folding import DossierState, fold
from services.ingest.dossiers.work import returns
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.settings import Settings
from shared.dossier import ContradictionKind, Status


def _read(world: World, every: int = 1) -> Iterator[tuple[Snapshot, DossierState]]:
    renderer = Renderer(world.province, world.offices, world.offerings, words_of(world.province))
    decoder = Decoder("portal", Settings(base_url="http://portal"), moment(world.starts_at) + timedelta(days=1))
    for number, shown in enumerate(world.at(world.starts_at)):
        if number % every == 0:
            page = decoder.page(b'{"content":[' + renderer.dossier(shown) + b"]}")
            assert not page.rejected, page.rejected
            yield shown, fold(page.events)


def _at(at: datetime | None) -> int | None:
    return None if at is None else instant(at)


@pytest.mark.parametrize(
    ("make", "every"),
    [
        (lambda: RandomWorld(dossiers=1500, seed=8, dirt=0.3), 1),
        (lambda: RandomWorld(dossiers=400, seed=9, dirt=0.3, province="30"), 1),
        (lambda: live_world(RandomWorld(dossiers=1500, seed=10, dirt=0.3)), 1),
        (reference_world, 25),
    ],
    ids=["random", "other words", "living", "reference"],
)
def test_every_dossier_is_read_as_it_happened(make: Callable[[], World], every: int) -> None:
    world = make()
    read = 0
    for shown, state in _read(world, every):
        read += 1
        history, code = shown.history, shown.history.code
        offering = world.offerings[history.offering]
        received = shown.received_at is not None
        assert state.code == code
        assert (state.status, state.outcome) == (shown.status, shown.outcome), code
        assert _at(state.received_at) == shown.received_at, code
        assert _at(state.ended_at) == shown.ended_at, code
        assert _at(state.delivered_at) == shown.delivered_at, code
        assert _at(state.due_at) == shown.due_at, code
        is_due_before = received and shown.due_at is not None and civil_day(shown.due_at) < civil_day(shown.received_at or 0)
        contradictions = [one.kind for one in state.contradictions]
        assert contradictions == [ContradictionKind.due_before_received] * is_due_before, code
        pauses = [(begin, end, kind) for begin, end, kind in suspensions(shown) if end is None or end > begin]
        assert [(_at(pause.from_at), _at(pause.to_at), pause.kind) for pause in state.pauses] == pauses, code
        departments = {one.department for one in state.work}
        assert (history.department is None) == (not departments), code
        if shown.status is not Status.registered and history.department is not None:
            assert ONE_STOP_DESK in departments
        assert returns(state.work, state.pauses, state.ended_at) == int(
            history.detour is not None and shown.ended_at is not None
        )
        about = state.about
        assert about.agency == world.offices[history.office].code
        assert (about.procedure, about.channel) == (offering.code, history.channel)
        assert about.digitised_intake == history.digitised_intake
        assert bool(about.digitised_result) == (history.digitised_result and shown.ended_at is not None)
        assert bool(about.reused) == (history.reused and history.digitised_intake)
        assert bool(about.fee_required) == (offering.fee_required and received)
        assert bool(about.fee_online) == (offering.fee_required and received and history.fee_online)
    assert read > 300
