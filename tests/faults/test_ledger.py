"""By the ledger comes out what intake and dating make of the bytes of the portal, dirt and contradictions included."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from deploy.simulator.ledger import moment
from deploy.simulator.random_world import RandomWorld
from deploy.simulator.rendering import Renderer
from deploy.simulator.vocabulary import words_of
from services.ingest.catalogue.model import Ruleset
from services.ingest.dossiers.dating.assessment import assess
from services.ingest.dossiers.dating.facts import facts_of
from services.ingest.dossiers.folding import fold
from services.ingest.sources.kinds.igate.record import Decoder
from services.ingest.sources.kinds.igate.settings import Settings
from shared.agencies import Agency, Structure
from shared.procedures import Procedure, Procedures
from shared.workdays import STANDARD_HOURS, national_calendar
from tests.faults import ledger
from tests.faults.compare import differences


def test_the_ledger_and_the_services_agree_on_every_dossier_and_contradictions_are_among_them() -> None:
    world = RandomWorld(dossiers=1_500, seed=11, dirt=0.4)
    now = world.starts_at
    agencies, procedures = ledger.catalogue(world)
    ruleset = Ruleset(
        version=1,
        structure=Structure(msgspec.convert(agencies, list[Agency])),
        procedures=Procedures(msgspec.convert(procedures, list[Procedure])),
        calendar=national_calendar(),
        hours=STANDARD_HOURS,
    )
    renderer = Renderer(world.province, world.offices, world.offerings, words_of(world.province))
    decoder = Decoder("portal", Settings(base_url="http://portal"), moment(now) + timedelta(days=1))
    wanted = {one.code: one for one in ledger.entries(world, now)}
    contradictory = 0
    for shown in world.at(now):
        page = decoder.page(b'{"content":[' + renderer.dossier(shown) + b"]}")
        facts = facts_of(assess(fold(page.events), ruleset))
        entry = wanted[facts.code]
        assert differences(entry, msgspec.json.decode(msgspec.json.encode(facts))) == [], facts.code
        contradictory += entry.contradictory
    assert contradictory > 5
