"""The ledger and the catalogue as JSON and CSV, for tests that check what was read from the portal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from deploy.simulator.ledger import civil_day, moment, snapshot, suspensions
from deploy.simulator.world import World
from shared import agencies, procedures


def _iso(at: int | None) -> str | None:
    return None if at is None else moment(at).isoformat()


def entry(world: World, index: int, now: int) -> dict[str, object]:
    """One dossier of the ledger as it stands at `now`; `"gone": true` when the portal does not have it (any more)."""
    history = world.history(index)
    state = snapshot(history, now)
    offering = world.offerings[history.offering]
    basics: dict[str, object] = {
        "index": index,
        "code": history.code,
        "agency": world.offices[history.office].code,
        "procedure": offering.code,
        "limit": {"amount": offering.amount, "unit": offering.unit} if offering.in_catalogue else None,
        "channel": history.channel.value,
        "gone": state is None,
    }
    if state is None:
        return basics
    ended = state.ended_at
    return basics | {
        "status": state.status.value,
        "received_at": _iso(state.received_at),
        "received_on": None if state.received_at is None else civil_day(state.received_at).isoformat(),
        "ended_at": _iso(ended),
        "ended_on": None if ended is None else civil_day(max(ended, state.received_at or ended)).isoformat(),
        "outcome": None if state.outcome is None else state.outcome.value,
        "completed_at": _iso(state.completed_at),
        "delivered_at": _iso(state.delivered_at),
        "updated_at": _iso(state.updated_at),
        "portal_due_at": _iso(state.due_at),
        "first_due_at": _iso(state.first_due_at),
        "legal_due_at": _iso(history.legal_due_at),
        "suspensions": [[_iso(begin), _iso(end), status.value] for begin, end, status in suspensions(state)],
        "steps": [[step.status.value, _iso(step.at), _iso(step.recorded_at)] for step in state.steps],
        "interlinked": offering.interlinked,
        "digitisation_required": offering.digitisation_required,
        "digitised_intake": history.digitised_intake,
        "digitised_result": history.digitised_result and ended is not None,
        "reused": history.reused and history.digitised_intake,
        "fee_required": offering.fee_required,
        "fee_online": offering.fee_required and history.fee_online,
        "sent_as_finished": history.sent_as_finished,
        "cause": history.cause,
    }


def _csv(columns: Iterable[str], rows: Iterable[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def agencies_csv(world: World) -> str:
    """All agencies of the province, of all generations, as the catalogue of ingest imports them."""
    return _csv(agencies.COLUMNS, agencies.to_rows(world.agencies()))


def procedures_csv(world: World) -> str:
    """All procedures whose legal limit is known, as the catalogue of ingest imports them."""
    return _csv(procedures.COLUMNS, procedures.to_rows(world.procedures()))
