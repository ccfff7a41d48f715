"""The arithmetic of a notice of our own: every number it prints is recomputed from the figures stored with it.

Pure. A check that fails names what is claimed and what it ought to be; a notice with a failed check stays a draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from services.notices.audit.annexes import miscalculated
from services.notices.audit.engine import audit_text
from services.notices.composition.kpis import BY_STEP, COUNTS, INTERLINKED, STEPS
from services.notices.composition.model import FigureRun, NoticeDocument, Paragraph, TextRun, plain_text
from services.notices.figures.catalogue import Balance, Catalogue, Kpi
from services.notices.figures.counts import CountedDays, miscounted
from services.notices.figures.index_figures import misscored
from services.notices.figures.model import Figure, FigureUnit, Pinned, recomputed, total_of
from services.notices.quantities.references import quantities


class Check(msgspec.Struct, frozen=True):
    """An equation or a rule, whether it holds, and where it does not."""

    name: str
    """What must hold: `resolved = resolved_early + resolved_on_time + resolved_overdue`."""
    ok: bool
    """Whether it does. A notice with a failed check is drafted all the same: read the detail before it is signed."""
    detail: str
    """Where it does not, the first five places; empty where it holds."""


CONTRADICTION_CHECK = "a reader of the text finds no contradiction"
"""Name of the check that audits the text as a stranger's."""

COUNTS_CHECK = "the counts of each day and agency give every figure of the whole and of the agencies"
"""Name of the check of figures by what they are summed of."""

INDEX_CHECK = "the counts of the index give its points"
"""Name of the check of the figures of the index of decision 766, by what the notice keeps of it."""

_STEP_COUNTS = tuple(kpi for kpi in STEPS if not kpi.endswith("_share"))


def check(notice: NoticeDocument, figures: dict[str, Figure], pinned: Pinned) -> list[Check]:
    """Every check of a composed notice."""
    return [*recheck(notice, figures, pinned), _check(CONTRADICTION_CHECK, _contradicted(notice, pinned))]


def recheck(
    notice: NoticeDocument, figures: dict[str, Figure], pinned: Pinned, counts: CountedDays | None = None
) -> list[Check]:
    """Every check of a notice but that of its text as a stranger reads it; by its counts, too, where it has any."""
    return [
        *recompute(notice, figures, pinned),
        _check("the annexes add up, by rows and by columns", miscalculated(notice, figures)),
        *([] if pinned.index is msgspec.UNSET else [_check(INDEX_CHECK, misscored(pinned.index, figures))]),
        *([] if counts is None else [_check(COUNTS_CHECK, miscounted(counts, figures, pinned.catalogue))]),
    ]


def recompute(notice: NoticeDocument, figures: dict[str, Figure], pinned: Pinned) -> list[Check]:
    """The checks of a notice by its figures: all that bundles of form 1 were issued with."""
    agencies = {f"@{agency.key}": agency.name for agency in pinned.agencies}
    procedures = {f"#{procedure.key}": procedure.name for procedure in pinned.procedures}
    departments = {f":{department.key}": department.name for department in pinned.departments}
    steps = {f">{step.key}": step.name for step in pinned.steps}
    scopes = {"": "the whole", **agencies, **procedures, **departments}
    return [
        _check("every number in the text prints its figure", _misprints(notice, figures)),
        _check("every cell of the annexes prints its figure", _miscells(notice, figures)),
        _check("no number in the text is without a figure", _unbound(notice, pinned)),
        _check("every derived figure follows from its inputs", _underived(figures)),
        *_of_parts(pinned.catalogue, figures, scopes),
        *(_check(balance.name, _unbalanced(figures, balance, scopes)) for balance in pinned.catalogue.balances),
        *(_check(f"the agencies add up to {kpi}", _unadded(figures, kpi, agencies)) for kpi in COUNTS),
        *(_check(f"the procedures add up to {kpi}", _unadded(figures, kpi, procedures)) for kpi in INTERLINKED),
        *(_check(f"the departments add up to {kpi}", _unadded(figures, kpi, departments)) for kpi in _STEP_COUNTS),
        # What was issued before steps were told apart has none.
        *(_check(f"the steps add up to {kpi}", _unadded(figures, kpi, steps)) for kpi in BY_STEP if steps),
    ]


def _check(name: str, faults: Iterator[str]) -> Check:
    details = list(faults)
    return Check(name, not details, "; ".join(details[:5]) + (f" and {len(details) - 5} more" if len(details) > 5 else ""))


def _misprints(notice: NoticeDocument, figures: dict[str, Figure]) -> Iterator[str]:
    for block in notice.body:
        if isinstance(block, Paragraph):
            for run in block.runs:
                if isinstance(run, FigureRun) and (run.figure not in figures or figures[run.figure].prose() != run.text):
                    expected = figures[run.figure].prose() if run.figure in figures else "nothing"
                    yield f"{run.figure} is printed {run.text}, not {expected}"


def _miscells(notice: NoticeDocument, figures: dict[str, Figure]) -> Iterator[str]:
    for annex in notice.annexes:
        for row in annex.rows:
            for cell in row.cells:
                if cell.figure is not None and figures[cell.figure].tabular() != cell.text:
                    yield f"{annex.label}: {cell.figure} is printed {cell.text}, not {figures[cell.figure].tabular()}"


def _unbound(notice: NoticeDocument, pinned: Pinned) -> Iterator[str]:
    named = names_with_numbers(pinned)
    for block in notice.body:
        if isinstance(block, Paragraph):
            words = " ".join(run.text if isinstance(run, TextRun) else "" for run in block.runs)
            unmarked = list(quantities(named.sub("", words)))
            for number in block.typed:
                if number in unmarked:
                    unmarked.remove(number)
            for number in unmarked:
                yield f"{number} in section {block.section}"


def _contradicted(notice: NoticeDocument, pinned: Pinned) -> Iterator[str]:
    for one in audit_text(audited_text(notice, pinned)).contradictions:
        yield f"{one.equation}: claimed {one.claimed}, computed {one.computed}"


def audited_text(notice: NoticeDocument, pinned: Pinned) -> str:
    """The text of a notice as the audit reads it: without names whose numbers count nothing."""
    return names_with_numbers(pinned).sub("…", plain_text(notice))


def names_with_numbers(pinned: Pinned) -> re.Pattern[str]:
    """Names that hold a number which counts nothing, as `Tổ 5` does, in full and as printed."""
    units = (*pinned.agencies, *pinned.procedures, *pinned.departments, *pinned.steps)
    names = {name for unit in units for name in (unit.name, unit.printed)}
    numbered = sorted((name for name in names if any(char.isdigit() for char in name)), key=len, reverse=True)
    return re.compile("|".join(re.escape(name) + r"(?!\d)" for name in numbered) or r"(?!)", re.IGNORECASE)


def _underived(figures: dict[str, Figure]) -> Iterator[str]:
    for figure in figures.values():
        value = recomputed(figure, figures)
        if value != figure.value:
            yield f"{figure.key} is {figure.value}, its inputs give {value}"


def _of_parts(catalogue: Catalogue, figures: dict[str, Figure], scopes: dict[str, str]) -> Iterator[Check]:
    """A check for every KPI that the notice has in whole and in parts."""
    for kpi in catalogue.kpis:
        if not kpi.parts or not figures.keys() >= {kpi.id, *kpi.parts, *kpi.base}:
            continue
        parts, base = " + ".join(kpi.parts), " + ".join(kpi.base)
        if kpi.base:
            yield _check(f"{kpi.id} = {parts} / {base}", _unshared(figures, kpi, scopes))
        else:
            yield _check(f"{kpi.id} = {parts}", _unbalanced(figures, Balance("", (kpi.id,), "=", kpi.parts), scopes))


def _unbalanced(figures: dict[str, Figure], balance: Balance, scopes: dict[str, str]) -> Iterator[str]:
    for suffix, scope in scopes.items():
        left, right = ([figures.get(kpi + suffix) for kpi in side] for side in (balance.left, balance.right))
        if None in left or None in right:
            if suffix == "":
                yield f"{scope}: metrics did not give all its figures"
            continue  # rows hold only what is printed of them
        if not all(figure.is_known for figure in (*left, *right) if figure is not None):
            continue
        one, other = (sum(figure.size for figure in side if figure is not None) for side in (left, right))
        if one != other if balance.relation == "=" else one > other:
            yield f"{scope}: {one} against {other}" if balance.relation == "=" else f"{scope}: {one} of {other}"


def _unshared(figures: dict[str, Figure], share: Kpi, scopes: dict[str, str]) -> Iterator[str]:
    for suffix, scope in scopes.items():
        if not figures.keys() >= {kpi + suffix for kpi in (share.id, *share.parts, *share.base)}:
            continue
        figure = figures[share.id + suffix]
        if not all(figures[kpi + suffix].is_known for kpi in (share.id, *share.parts, *share.base)):
            continue
        part, base = (sum(figures[kpi + suffix].size for kpi in side) for side in (share.parts, share.base))
        if (figure.numerator, figure.denominator) != (part, base):
            yield f"{scope}: {figure.numerator}/{figure.denominator} against {part}/{base}"


def _unadded(figures: dict[str, Figure], kpi: str, scopes: dict[str, str]) -> Iterator[str]:
    assert figures[kpi].unit is FigureUnit.count
    parts, whole = total_of(figures[kpi + suffix] for suffix in scopes), figures[kpi].numerator
    if (parts or 0) != (whole or 0):
        yield f"{parts} against {whole}"
