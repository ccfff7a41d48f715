"""How entries of the catalogue are written: counts, counts of steps, shares, each with its example computed by hand. Pure."""

from __future__ import annotations

from datetime import date

from services.metrics.figures.kpis.algebra import Better, Kpi, Sum, rounded
from shared.contracts.definitions import ExampleFigure
from shared.contracts.kpis import Text

II06A = "Biểu II.06a, Thông tư 01/2020/TT-VPCP"
DECREE_61 = "Nghị định 61/2018/NĐ-CP"
DECISION_766 = "Quyết định 766/QĐ-TTg ngày 23/6/2022"
SINCE_766 = date(2022, 6, 23)


def quotient(numerator: int, denominator: int, digits: int) -> ExampleFigure:
    return ExampleFigure(numerator, denominator, rounded(numerator, denominator, digits))


def count(
    id: str,
    vi: str,
    en: str,
    numerator: Sum,
    describe_vi: str,
    describe_en: str,
    *,
    example: int,
    source: str = II06A,
    better: Better | None = None,
    parts: tuple[str, ...] = (),
    stated: Sum | None = None,
    among: Sum | None = None,
) -> Kpi:
    return Kpi(
        id, Text(vi, en), Text(describe_vi, describe_en), numerator, source=source, better=better, parts=parts,
        stated=stated, among=among, example=ExampleFigure(example, None, example),
    )  # fmt: skip


def step_count(
    id: str,
    vi: str,
    en: str,
    numerator: Sum,
    describe_vi: str,
    describe_en: str,
    *,
    example: int,
    better: Better | None = None,
    stated: Sum,
    among: Sum,
) -> Kpi:
    return Kpi(
        id, Text(vi, en), Text(describe_vi, describe_en), numerator, unit="steps", source=DECREE_61, better=better,
        stated=stated, among=among,
        example=ExampleFigure(example, None, example),
    )  # fmt: skip


def share(
    id: str, vi: str, en: str, numerator: Sum, denominator: Sum, describe_vi: str, describe_en: str,
    *, example: tuple[int, int], source: str = DECREE_61, better: Better = "higher", target: float | None = None,
    valid_from: date = date(2018, 6, 21), parts: tuple[str, ...] = (), base: tuple[str, ...] = (), stated: Sum | None = None,
) -> Kpi:  # fmt: skip
    return Kpi(
        id, Text(vi, en), Text(describe_vi, describe_en), numerator, denominator, unit="share", better=better,
        target=target, decimals=2, source=source, valid_from=valid_from, parts=parts, base=base, stated=stated,
        example=quotient(*example, 4),
    )  # fmt: skip
