"""The arithmetic of a notice of our own: every number it prints is recomputed from the figures stored with it.

Pure. A check that fails names what is claimed and what it ought to be; a notice with a failed check stays a draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from services.notices.audit.claims import audit
from services.notices.figures import Figure, Pinned, Unit, recomputed
from services.notices.references import quantities
from services.notices.sections.derive import COUNTS, INTERLINKED, LATE_BY_LAW, LATE_BY_PORTAL
from services.notices.tree import Bound, Notice, Paragraph, Text, plain_text

SUMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("received_new", ("received_online", "received_counter", "received_post")),
    ("resolved", ("resolved_early", "resolved_on_time", "resolved_overdue")),
    ("in_process", ("in_process_within_limit", "in_process_overdue")),
)
"""Sums of form II.06a: the whole, and its parts."""

BALANCES = (
    (("received_new", "carried_over"), ("resolved", "in_process")),
    (
        ("interlinked_received_new", "interlinked_carried_over"),
        (
            "interlinked_resolved_in_time",
            "interlinked_resolved_overdue",
            "interlinked_in_process_within_limit",
            "interlinked_in_process_overdue",
        ),
    ),
)
"""What comes in is resolved or in process."""

SHARES = (
    ("online_share", ("received_online",), ("received_new",)),
    ("in_time_share", ("resolved_early", "resolved_on_time"), ("resolved",)),
)
"""Shares whose part and base are counts of the same notice."""


LATENESS = (
    ("resolved_overdue", "in_process_overdue", "overdue_by_portal_only"),
    (*(kpi for counts in LATE_BY_LAW.values() for kpi in counts), *LATE_BY_PORTAL),
)
"""Whatever is overdue, by law or by the software alone, is counted under one cause."""


class Check(msgspec.Struct, frozen=True):
    """An equation or a rule, whether it holds, and where it does not."""

    name: str
    ok: bool
    detail: str


def check(notice: Notice, figures: dict[str, Figure], pinned: Pinned) -> list[Check]:
    """Every check of a composed notice."""
    agencies = {f"@{agency.key}": agency.name for agency in pinned.agencies}
    procedures = {f"#{procedure.key}": procedure.name for procedure in pinned.procedures}
    places = {"": "the whole", **agencies}
    return [
        _made("every number in the text prints its figure", _misprints(notice, figures)),
        _made("every cell of the annexes prints its figure", _miscells(notice, figures)),
        _made("no number in the text is without a figure", _unbound(notice, pinned)),
        _made("a reader of the text finds no contradiction", _contradicted(notice, pinned)),
        _made("every derived figure follows from its inputs", _underived(figures)),
        *(_made(f"{whole} = {' + '.join(parts)}", _unequal(figures, (whole,), parts, places)) for whole, parts in SUMS),
        *(
            _made(f"{' + '.join(left)} = {' + '.join(right)}", _unequal(figures, left, right, where))
            for (left, right), where in zip(BALANCES, (places, {"": "the whole", **procedures}), strict=True)
        ),
        *(
            _made(f"{share} = {' + '.join(part)} / {base[0]}", _unshared(figures, share, part, base, places))
            for share, part, base in SHARES
        ),
        _made("every overdue dossier is counted under one cause", _unequal(figures, *LATENESS, {"": "the whole"})),
        *(
            _made(f"the causes lie within {part}", _beyond_sum(figures, tuple(counts), part))
            for part, counts in LATE_BY_LAW.items()
        ),
        _made("returned dossiers lie within those on time", _beyond(figures, "returned", "resolved_on_time", places)),
        *(_made(f"the agencies add up to {kpi}", _unadded(figures, kpi, agencies)) for kpi in COUNTS),
        *(_made(f"the procedures add up to {kpi}", _unadded(figures, kpi, procedures)) for kpi in INTERLINKED),
    ]


def _made(name: str, faults: Iterator[str]) -> Check:
    found = list(faults)
    return Check(name, not found, "; ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else ""))


def _misprints(notice: Notice, figures: dict[str, Figure]) -> Iterator[str]:
    for block in notice.body:
        if isinstance(block, Paragraph):
            for run in block.runs:
                if isinstance(run, Bound) and (run.figure not in figures or figures[run.figure].prose() != run.text):
                    expected = figures[run.figure].prose() if run.figure in figures else "nothing"
                    yield f"{run.figure} is printed {run.text}, not {expected}"


def _miscells(notice: Notice, figures: dict[str, Figure]) -> Iterator[str]:
    for annex in notice.annexes:
        for row in annex.rows:
            for cell in row.cells:
                if cell.figure is not None and figures[cell.figure].tabular() != cell.text:
                    yield f"{annex.label}: {cell.figure} is printed {cell.text}, not {figures[cell.figure].tabular()}"


def _unbound(notice: Notice, pinned: Pinned) -> Iterator[str]:
    named = _names_with_numbers(pinned)
    for block in notice.body:
        if isinstance(block, Paragraph):
            words = " ".join(run.text if isinstance(run, Text) else "" for run in block.runs)
            for number in quantities(named.sub("", words)):
                yield f"{number} in section {block.section}"


def _contradicted(notice: Notice, pinned: Pinned) -> Iterator[str]:
    for found in audit(_names_with_numbers(pinned).sub("…", plain_text(notice))).contradictions:
        yield f"{found.text}: claimed {found.claimed}, computed {found.computed}"


def _names_with_numbers(pinned: Pinned) -> re.Pattern[str]:
    """Names that hold a number which counts nothing, as `Tổ 5` does, in full and as printed."""
    names = {name for unit in (*pinned.agencies, *pinned.procedures) for name in (unit.name, unit.printed)}
    numbered = sorted((name for name in names if any(char.isdigit() for char in name)), key=len, reverse=True)
    return re.compile("|".join(re.escape(name) + r"(?!\d)" for name in numbered) or r"(?!)", re.IGNORECASE)


def _underived(figures: dict[str, Figure]) -> Iterator[str]:
    for figure in figures.values():
        value = recomputed(figure, figures)
        if value != figure.value:
            yield f"{figure.key} is {figure.value}, its inputs give {value}"


def _unequal(
    figures: dict[str, Figure], left: tuple[str, ...], right: tuple[str, ...], places: dict[str, str]
) -> Iterator[str]:
    for suffix, place in places.items():
        one, other = (sum(figures[kpi + suffix].size for kpi in side) for side in (left, right))
        if one != other:
            yield f"{place}: {one} against {other}"


def _unshared(
    figures: dict[str, Figure], share: str, part: tuple[str, ...], base: tuple[str, ...], places: dict[str, str]
) -> Iterator[str]:
    for suffix, place in places.items():
        figure = figures[share + suffix]
        wanted = tuple(sum(figures[kpi + suffix].size for kpi in side) for side in (part, base))
        if (figure.numerator, figure.denominator) != wanted:
            yield f"{place}: {figure.numerator}/{figure.denominator} against {wanted[0]}/{wanted[1]}"


def _beyond(figures: dict[str, Figure], part: str, whole: str, places: dict[str, str]) -> Iterator[str]:
    for suffix, place in places.items():
        if figures[part + suffix].size > figures[whole + suffix].size:
            yield f"{place}: {figures[part + suffix].size} of {figures[whole + suffix].size}"


def _beyond_sum(figures: dict[str, Figure], parts: tuple[str, ...], whole: str) -> Iterator[str]:
    total = sum(figures[part].size for part in parts)
    if total > figures[whole].size:
        yield f"{total} of {figures[whole].size}"


def _unadded(figures: dict[str, Figure], kpi: str, places: dict[str, str]) -> Iterator[str]:
    parts = sum(figures[kpi + suffix].size for suffix in places)
    assert figures[kpi].unit is Unit.count
    if parts != figures[kpi].size:
        yield f"{parts} against {figures[kpi].size}"
