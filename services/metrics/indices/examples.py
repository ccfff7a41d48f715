"""Examples of responses about indices."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.metrics.figures.api.examples.scene import (
    BALANCED,
    CAM_CHE,
    COMPLETE,
    CONTEXT,
    DISTRICT,
    LIEN_MAC,
    THANH_HA,
    figures,
    key,
)
from services.metrics.figures.kpis.catalogue import BY_ID
from services.metrics.indices.published import CAUSE_NAMES
from services.metrics.indices.rules import rulesets
from shared.contracts.indices import (
    AssessmentRecorded,
    ComparedScore,
    IndexComparison,
    IndexForecast,
    IndexLosses,
    IndexRanking,
    IndexRow,
    LossRow,
    PublishedPull,
    PublishedRecorded,
    PullsOrdered,
    Score,
    ScoredCause,
    ScoredComponent,
    ScoredPart,
    ScoringRules,
)
from shared.contracts.kpis import Text

_RULES = rulesets()[0]
_BY_RULES = ScoringRules(_RULES.valid_from, in_force=False, source=_RULES.source)
_PUBLICATION, _STORAGE = _RULES.by_id["1.1"], _RULES.by_id["4.4"]
_figures = figures(DISTRICT, key(THANH_HA), "storage_share", "not_from_storage")
SCORE = Score(
    **CONTEXT,
    balance=BALANCED,
    freshness=COMPLETE,
    index="766",
    components=[
        ScoredComponent(
            id=_PUBLICATION.id,
            group=_RULES.groups[_PUBLICATION.group],
            name=_PUBLICATION.name,
            rule=_PUBLICATION.rule,
            points=None,
            out_of=_PUBLICATION.max,
            source="not_available",
            basis=None,
            evidence=_PUBLICATION.evidence,
            observations=_PUBLICATION.observations,
        ),
        ScoredComponent(
            id=_STORAGE.id,
            group=_RULES.groups[_STORAGE.group],
            name=_STORAGE.name,
            rule=_STORAGE.rule,
            points=0,
            out_of=_STORAGE.max,
            source="computed",
            basis=None,
            available=4,
            lost=4,
            evidence=_STORAGE.evidence,
            parts=[
                ScoredPart(
                    counts="received_from_storage",
                    numerator=0,
                    denominator=30_566,
                    points=0,
                    out_of=4,
                    lost=4,
                    figure=_figures["storage_share"].figure,
                    costing=30_566,
                    costing_figure=_figures["not_from_storage"].figure,
                    causes=[
                        ScoredCause(
                            "not_from_storage",
                            BY_ID["not_from_storage"].name,
                            30_566,
                            _figures["not_from_storage"].figure,
                            mendable=False,
                        )
                    ],
                    points_at_full=4,
                    max_points=4,
                )
            ],
        ),
    ],
    points=0,
    out_of=4,
    of=100,
    share=0,
    band=None,
    kpis=_figures,
    rules=_BY_RULES,
    forecast=IndexForecast(
        lowest=0,
        highest=20,
        out_of=24,
        dossiers=12,
        in_reach=9,
        carried_in_time=4,
        carried_late=1,
        figure=_figures["not_from_storage"].figure,
        assumption=Text("Thấp nhất: không hồ sơ nào được kết thúc thêm", "Lowest: no dossier is ended any more"),
    ),
)


def _row(unit: object, rank: int, points: float, change: float) -> IndexRow:
    return IndexRow(
        agency=getattr(unit, "agency", None),
        code=getattr(unit, "code", None),
        name=getattr(unit, "name", Text("", "")),
        kind=getattr(unit, "kind", None),
        rank=rank,
        points=points,
        out_of=46,
        share=round(points / 46, 4),
        change=change,
        components={"2.1": 19.2, "4.1": round(points - 19.2, 2)},
        changes={"2.1": round(change * 0.46, 2)},
        moved={"2.1": round(change * 0.04, 4)},
    )


RANKING = IndexRanking(
    **CONTEXT,
    against=date(2022, 5, 11),
    period_kind="other",
    rules=_BY_RULES,
    component_names={name: _RULES.by_id[name].name for name in ("2.1", "4.1")},
    rows=[_row(CAM_CHE, 1, 25.2, 1.25), _row(LIEN_MAC, 2, 24.9, -0.4)],
    balance=BALANCED,
    freshness=COMPLETE,
)
LOSSES = IndexLosses(
    **CONTEXT,
    period_kind="other",
    rules=_BY_RULES,
    assumption=Text("Chỉ các hồ sơ này thay đổi, mẫu số giữ nguyên", "These dossiers alone change and the base stays"),
    rows=[
        LossRow(
            agency=CAM_CHE.agency,
            code=CAM_CHE.code,
            name=CAM_CHE.name,
            kind=CAM_CHE.kind,
            component="4.1",
            component_name=_RULES.by_id["4.1"].name,
            cause="result_not_digitised",
            cause_name=BY_ID["result_not_digitised"].name,
            dossiers=12,
            gain=0.0024,
            mendable=True,
            figure=BY_ID["result_not_digitised"].rule.join(key(CAM_CHE).around()),
        )
    ],
    balance=BALANCED,
    freshness=COMPLETE,
)
ASSESSED = AssessmentRecorded("766", "1.1", 5.5)
PULLS = PullsOrdered(["progress", "payment"])
PUBLISHED = PublishedRecorded(scores=8, units=7)
COMPARISON = IndexComparison(
    **CONTEXT,
    rows=[
        ComparedScore(
            unit="10816",
            unit_name=LIEN_MAC.name,
            component="2.1",
            component_name=_RULES.by_id["2.1"].name,
            code="PROGRESS",
            published_on=date(2026, 9, 30),
            numerator=156,
            denominator=161,
            points=19.38,
            our_numerator=159,
            our_denominator=164,
            our_points=19.39,
            dossiers=3,
            cause="not_synchronised",
            cause_name=CAUSE_NAMES["not_synchronised"],
        )
    ],
    differing=1,
    pulls=[
        PublishedPull(
            endpoint="progress",
            pulled_at=datetime(2026, 9, 30, 19, 5, tzinfo=UTC),
            next_at=datetime(2026, 10, 1, 19, 5, tzinfo=UTC),
            failing_since=None,
            error=None,
        )
    ],
    balance=BALANCED,
    freshness=COMPLETE,
)
