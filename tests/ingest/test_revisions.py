"""A decoder that reads a record otherwise than before is a new reading: only so what it reads goes before what it had read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from services.ingest.events.model import Event, Rejected
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import Kind
from shared.dossier import Channel
from tests.ingest import revisions


@pytest.mark.parametrize("name", KINDS)
def test_a_decoder_that_reads_otherwise_has_a_new_revision(name: str) -> None:
    before, now = revisions.recorded()[name], revisions.answers(name, KINDS[name])
    if now.revision == before.revision:
        found = revisions.changed(before, now)
        assert not found, f"{name} reads these otherwise: count its REVISION up. {found[:20]}"
    assert now == before, "Write the answers of the new revision: python -m tests.ingest.revisions"


def test_a_change_of_one_field_and_a_further_word_are_seen() -> None:
    kind = KINDS["files"]

    def misread(source: str, settings: Any, latest: Any) -> Any:
        decode = kind.decoder(source, settings, latest)

        def one(value: object) -> Event | Rejected:
            read = decode(value)
            if isinstance(read, Event) and read.about is not None and read.about.channel is Channel.post:
                return msgspec.structs.replace(read, about=msgspec.structs.replace(read.about, channel=None))
            return read

        return one

    other = SimpleNamespace(**{**vars(kind), "decoder": misread})
    found = revisions.changed(revisions.recorded()["files"], revisions.answers("files", cast("Kind", other)))
    assert "the known words in channel" in found
