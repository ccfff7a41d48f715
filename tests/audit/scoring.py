"""How well an engine reads the corpus: recall, precision, decided share and exact repairs, per half and kind.

    .venv/bin/python -m tests.audit.scoring documents var/audit-score    # the corpus as documents
    .venv/bin/python -m tests.audit.scoring score reports/audit.json     # prints, and writes reports/audit-score.json

An engine's responses have the shape of `reports/audit.json`; `score(texts, responses)` is what tests call.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.audit.documents import write_documents
from tests.audit.equations import figure, interval, number
from tests.audit.keys import REPORT_KINDS, Claim, Span, Text, Verdict, corpus, occurrences

REPORT = Path("reports/audit-score.json")


class At(msgspec.Struct, frozen=True):
    """Where a response points to: in plain text code points of the whole file; in other documents the quote counts."""

    start: int = 0
    end: int = 0
    page: int | None = None
    paragraph: int | None = None


class ReportedRepair(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """One figure that an engine would change."""

    before: str
    after: str
    at: At | None = None


class Reported(msgspec.Struct, frozen=True):
    """One claim as an engine reports it."""

    verdict: Verdict
    kind: str
    quote: str = ""
    at: At = At()
    claimed: str | float | None = None
    computed: str | float | None = None
    repairs: list[ReportedRepair] = []


class Response(msgspec.Struct, frozen=True):
    """What an engine reports of one document."""

    claims: list[Reported]


class Score(msgspec.Struct, frozen=True):
    """Rates are `null` where nothing could be counted."""

    texts: int
    claims: int
    recall: float | None
    """Contradicted claims of the keys that are reported as contradicted."""
    precision: float | None
    """Reported contradictions that are some, of all reported."""
    decided: float | None
    """Claims that hold or are contradicted, and are reported as one of the two."""
    exact_repairs: float | None
    """Planted errors that only one change of a figure undoes, for which just this change is reported."""
    right: float | None
    """Claims of the keys whose verdict is reported, undecided ones included."""


class HalfScore(Score, frozen=True):
    """A half of the corpus, and each kind of claim in it."""

    kinds: dict[str, Score]
    missed: list[str]
    false_alarms: list[str]


class Match(NamedTuple):
    """A claim of a key, and what was reported of it."""

    text: Text
    claim: Claim
    reported: Reported | None


def score(texts: Sequence[Text], responses: Mapping[str, Response]) -> dict[str, HalfScore]:
    """Scores responses by the names of the texts, for each half."""
    return {
        half: _half([text for text in texts if text.half == half], responses) for half in sorted({text.half for text in texts})
    }


def _half(texts: list[Text], responses: Mapping[str, Response]) -> HalfScore:
    matches: list[Match] = []
    alarms: list[tuple[str, Reported, bool]] = []
    for text in texts:
        reported = responses[text.name].claims if text.name in responses else []
        matched = match(text, reported)
        matches += matched
        used = {id(one.reported) for one in matched if one.claim.verdict == "contradicted"}
        wrong = [one for one in reported if one.verdict == "contradicted"]
        alarms += [(text.name, one, id(one) in used or _is_true(text, one)) for one in wrong]
    total = _score(len(texts), matches, alarms)
    kinds = {}
    for kind in sorted({one.claim.kind for one in matches}):
        of_kind = [one for one in matches if one.claim.kind == kind]
        mine = [one for one in alarms if one[1].kind == REPORT_KINDS[kind]]
        kinds[kind] = _score(len({one.text.name for one in of_kind}), of_kind, mine)
    return HalfScore(
        **msgspec.structs.asdict(total),
        kinds=kinds,
        missed=[
            f"{one.text.name}: {one.claim.quote}"
            for one in matches
            if one.claim.verdict == "contradicted" and not _is_found(one)
        ],
        false_alarms=[f"{name}: {one.quote}" for name, one, true in alarms if not true],
    )


def _score(texts: int, matches: list[Match], alarms: list[tuple[str, Reported, bool]]) -> Score:
    contradicted = [one for one in matches if one.claim.verdict == "contradicted"]
    decidable = [one for one in matches if one.claim.verdict != "undecided"]
    decided = [one for one in decidable if one.reported and one.reported.verdict != "undecided"]
    exact = _exact_repairs(contradicted)
    return Score(
        texts=texts,
        claims=len(matches),
        recall=_share(sum(map(_is_found, contradicted)), len(contradicted)),
        precision=_share(sum(true for _, _, true in alarms), len(alarms)),
        decided=_share(len(decided), len(decidable)),
        exact_repairs=_share(sum(exact), len(exact)),
        right=_share(
            sum(one.reported is not None and one.reported.verdict == one.claim.verdict for one in matches), len(matches)
        ),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _is_found(one: Match) -> bool:
    return one.reported is not None and one.reported.verdict == "contradicted"


def _exact_repairs(contradicted: list[Match]) -> list[bool]:
    """For every planted error that only one change undoes, whether its claims together report just that change."""
    groups: dict[tuple[str, str], list[Match]] = {}
    for one in contradicted:
        truths = {f"{figure(planted.figure).printed} -> {planted.true}" for planted in one.text.key.planted if planted.true}
        if len(one.claim.repairs) == 1 and one.claim.repairs[0] in truths:
            groups.setdefault((one.text.name, one.claim.repairs[0]), []).append(one)
    exact = []
    for (_, repair), group in groups.items():
        changes = {_change(each) for one in group if one.reported for each in one.reported.repairs}
        before, after = repair.split(" -> ")
        exact.append(changes == {(_value(before), _value(after))})
    return exact


def _change(repair: ReportedRepair) -> tuple[Fraction | None, Fraction | None]:
    """What a reported repair changes; keys name `54 -> 45` what is printed `54 tỷ`."""
    before, after = (str(one).split() for one in (repair.before, repair.after))
    bare = len(before) == len(after) == 2 and before[1] == after[1]
    return (_value(before[0]), _value(after[0])) if bare else (_value(repair.before), _value(repair.after))


def match(text: Text, reported: Sequence[Reported]) -> list[Match]:
    """Pairs claims with what was reported of them: by place and a figure of the equation, best pairs first, each used once."""
    pairs = []
    spans = [reported_spans(text, one) for one in reported]
    for index, claim in enumerate(text.key.claims):
        places = _places(text, claim)
        values = _values(text, claim)
        for other, one in enumerate(reported):
            if not any(mine.overlaps(its) for mine in places for its in spans[other]):
                continue
            claimed = _claimed(one, values)
            if claimed is None:
                continue
            own = interval_middle(claim)
            points = 4 * (claimed == own) + 3 * (one.kind == REPORT_KINDS[claim.kind]) + 2 * (one.verdict == claim.verdict)
            points += 2 * any(places[0].overlaps(its) for its in spans[other]) + (
                _value(one.computed) == _value(claim.computed or None)
            )
            pairs.append((-points, index, other))
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for _, index, other in sorted(pairs):
        if index not in chosen and other not in taken:
            chosen[index] = other
            taken.add(other)
    return [
        Match(text, claim, reported[chosen[index]] if index in chosen else None) for index, claim in enumerate(text.key.claims)
    ]


def interval_middle(claim: Claim) -> Fraction:
    """The claimed value."""
    exact = interval(figure(claim.claimed)._replace(bound=""), rounded=False)
    return (exact.low + exact.high) / 2


def _places(text: Text, claim: Claim) -> list[Span]:
    """The claimed figure, the other figures of the equation, and listed names."""
    return [text.find(one) for one in claim.figures if not (claim.kind == "shares" and one.printed == "100")]


def _values(text: Text, claim: Claim) -> set[Fraction]:
    """Every figure that an engine may call the claimed one."""
    values = {_value(one.value or one.printed) for one in claim.figures} | {_value(claim.computed.split(" or ")[0] or None)}
    if claim.kind == "shares":
        values.add(Fraction(100))
    return {value for value in values if value is not None}


def _is_true(text: Text, one: Reported) -> bool:
    """Whether a contradiction that was not paired names a figure of a contradicted claim: it follows from the same error."""
    spans = reported_spans(text, one)
    return any(
        claim.verdict == "contradicted"
        and _claimed(one, _values(text, claim)) is not None
        and any(mine.overlaps(its) for mine in _places(text, claim) for its in spans)
        for claim in text.key.claims
    )


def reported_spans(text: Text, one: Reported) -> list[Span]:
    """Where a response points to in the text of the corpus."""
    if text.key.format == "text" and one.at.end > one.at.start:
        return [Span(one.at.start, one.at.end)]
    squeezed, places = [], []
    for place, character in enumerate(text.text):
        if not character.isspace() and character != "|":
            squeezed.append(character)
            places.append(place)
    whole, quote = "".join(squeezed), "".join(one.quote.replace("|", "").split())
    found, start = [], whole.find(quote) if quote else -1
    while start >= 0:
        found.append(Span(places[start], places[start + len(quote) - 1] + 1))
        start = whole.find(quote, start + 1)
    return found or list(occurrences(text.text, str(one.claimed)))


@lru_cache(maxsize=8192)
def _value(words: str | float | None) -> Fraction | None:
    """A figure of a response or key as a number; None where it is none."""
    if words is None or words == "":
        return None
    if isinstance(words, int | float):
        return Fraction(str(words))
    try:
        return number(words.strip().removeprefix("-").strip("<>~ "))[0]
    except ValueError:
        return None


def _claimed(one: Reported, values: set[Fraction]) -> Fraction | None:
    """The figure that a response claims, of those given; keys name `360` for what is printed `360 triệu`."""
    bare = one.claimed.split()[0] if isinstance(one.claimed, str) and one.claimed.strip() else None
    return next((value for value in (_value(one.claimed), _value(bare)) if value in values), None)


def perfect(text: Text) -> Response:
    """The response that the key itself would give."""
    claims = []
    for claim in text.key.claims:
        span = text.find(figure(claim.claimed))
        one = figure(claim.claimed)
        changes = [ReportedRepair(before, after) for before, _, after in (repair.partition(" -> ") for repair in claim.repairs)]
        claims.append(
            Reported(
                claim.verdict,
                REPORT_KINDS[claim.kind],
                claim.quote,
                At(*span),
                one.value or one.printed,
                claim.computed,
                changes,
            )
        )
    return Response(claims)


def main(arguments: Sequence[str]) -> int:
    """Writes the documents, or scores a report."""
    texts = corpus()
    if len(arguments) == 2 and arguments[0] == "documents":
        write_documents(texts, Path(arguments[1]))
        return 0
    if len(arguments) != 2 or arguments[0] != "score":
        sys.stderr.write(f"{__doc__}\n")
        return 2
    report = msgspec.json.decode(Path(arguments[1]).read_bytes(), type=dict[str, Response])
    names = {f"{text.half}.{text.name}": text.name for text in texts}
    responses = {names[Path(file).stem]: response for file, response in report.items() if Path(file).stem in names}
    scores = score(texts, responses)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(scores), indent=1))
    for half, total in scores.items():
        sys.stdout.write(f"{half:14}texts claims   recall precision  decided  repairs    right\n")
        for name, one in {"all": total, **total.kinds}.items():
            rates = (one.recall, one.precision, one.decided, one.exact_repairs, one.right)
            sys.stdout.write(
                f"  {name:12}{one.texts:5}{one.claims:7}"
                + "".join(f"{'-' if rate is None else format(rate, '.3f'):>9}" for rate in rates)
                + "\n"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
