"""What arithmetic makes of the claims of a key: verdicts, repairs, and the faults of a key. `README.md` tells the semantics.

.venv/bin/python -m tests.audit.judging         # checks every key of the corpus and counts
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from tests.audit.equations import Figure, Interval, compute, figure, interval, number, printed
from tests.audit.keys import REPORT_KINDS, STRUCTURAL, Claim, Repair, Span, Text, Verdict, corpus


class Judgement(NamedTuple):
    """What arithmetic makes of a claim."""

    verdict: Verdict
    computed: str


def judge(text: Text, claim: Claim, changed: Mapping[Span, Fraction] | None = None) -> Judgement:
    """Judges a claim by its operands alone, with the figures of some places replaced."""
    if claim.kind == "names":
        count = Fraction(len(claim.names))
        value = (changed or {}).get(
            text.find(figure(claim.claimed)), number(figure(claim.claimed).value or figure(claim.claimed).printed)[0]
        )
        return Judgement("holds" if value == count else "contradicted", str(count))
    if "?" in claim.equation:
        return Judgement("undecided", "")
    judged = [_judge_reading(text, claim, reading, changed or {}) for reading in claim.equation.split(" or ")]
    verdict: Verdict = judged[0].verdict if len({one.verdict for one in judged}) == 1 else "undecided"
    return Judgement(verdict, " or ".join(one.computed for one in judged))


def _judge_reading(text: Text, claim: Claim, reading: str, changed: Mapping[Span, Fraction]) -> Judgement:
    def worth(one: Figure, *, rate: bool) -> Interval:
        if one.printed == "100" and claim.kind == "shares":
            return Interval(Fraction(100), Fraction(100))
        value = changed.get(text.find(one)) if changed else None
        if value is None:
            return interval(one, rounded=rate or text.is_rate(one))
        exact = interval(one, rounded=rate or text.is_rate(one))
        middle = (exact.low + exact.high) / 2
        return Interval(exact.low + value - middle, exact.high + value - middle)

    one = figure(claim.claimed)
    claimed = worth(one, rate=claim.kind in {"rate", "ratio", "points", "relative", "shares"})
    operands_are_rates = claim.kind in {"points", "shares"}

    def operand(other: Figure) -> Interval:
        return worth(other, rate=operands_are_rates)

    decimals = 0
    if claim.kind in {"rate", "ratio", "points", "relative"}:
        exponent = number(one.value or one.printed)[1]
        decimals = max(0, -(exponent or 0))
    if claim.kind in {"points", "relative", "difference"}:
        before, after = (compute(side, operand) for side in reading.split(" -> "))
        if claim.direction == "down":
            before, after = after, before
        result = Interval(after.low - before.high, after.high - before.low)
        if claim.kind == "relative":
            base = before if claim.direction == "up" else after
            result = Interval(result.low / base.high * 100, result.high / base.low * 100)
    elif claim.kind == "shares":
        result = compute(reading, operand)
        middle = (result.low + result.high) / 2
        return Judgement("holds" if result.low <= 100 <= result.high else "contradicted", _print(middle, 2))
    elif claim.kind == "bound":
        sign, other = reading[:2], reading[3:]
        result = compute(other, operand)
        fits = claimed.high >= result.low if sign == ">=" else claimed.low <= result.high
        return Judgement("holds" if fits else "contradicted", _print((result.low + result.high) / 2, 0))
    else:
        result = compute(reading, operand)
        if claim.kind == "rate":
            result = result.scaled(100)
    middle = (result.low + result.high) / 2
    if middle.denominator != 1 and not decimals and claim.kind not in {"rate", "ratio", "relative"}:
        decimals = 2
    return Judgement("holds" if claimed.meets(result) else "contradicted", _print(middle, decimals))


def _print(value: Fraction, decimals: int) -> str:
    return printed(value, decimals)


def repairs(text: Text, claim: Claim) -> list[Repair]:
    """Changes of one figure of a contradicted claim that mend most contradictions and break nothing; [] where none does."""
    if claim.kind in {"bound", "shares", "names"}:
        return []
    by_place: dict[Span, list[Claim]] = {}
    for other in text.key.claims:
        for one in other.figures:
            if one.printed != "100" or other.kind != "shares":
                by_place.setdefault(text.find(one), []).append(other)
    found: list[tuple[int, Repair]] = []
    for one in dict.fromkeys(claim.figures):
        if one.bound or one.value:
            continue
        span = text.find(one)
        touched = by_place[span]
        for value in _candidates(text, claim, one, span):
            verdicts = [(other.verdict, judge(text, other, {span: value}).verdict) for other in touched]
            if any(before == "holds" and after == "contradicted" for before, after in verdicts):
                continue
            mended = sum(before == "contradicted" and after == "holds" for before, after in verdicts)
            exponent = number(one.printed)[1]
            dots = "." in one.printed or "," in one.printed or value < 1000 or number(one.printed)[0] < 1000
            after_text = printed(value, max(0, -(exponent or 0)), dots=dots)
            found.append((mended, Repair(span, one.printed, after_text)))
    best = max((mended for mended, _ in found), default=0)
    return list(dict.fromkeys(repair for mended, repair in found if mended == best and best))


def _candidates(text: Text, claim: Claim, one: Figure, span: Span) -> Iterator[Fraction]:
    """Values of a figure, others than its own, with which the claim holds; of many the first few."""
    own, exponent = number(one.printed)
    step = Fraction(10) ** (exponent or 0)
    tried: set[Fraction] = set()

    def miss(value: Fraction) -> Fraction:
        """Computed minus claimed, as a function of the figure."""
        return judge_difference(text, claim, {span: value})

    start, far = miss(own), miss(own + step)
    slope = (far - start) / step
    if not slope:
        return
    middle = own - start / slope
    for _ in range(12):  # rates are hyperbolas of their base
        error = miss(middle)
        slope = (miss(middle + step) - error) / step
        if not slope or abs(error) < Fraction(1, 10**7):
            break
        middle = (middle - error / slope).limit_denominator(10**9)
        if middle <= 0:
            return
    nearest = round(middle / step)
    for offset in (0, 1, -1, 2, -2, 3, -3):
        value = (nearest + offset) * step
        if value == own or value < 0 or value in tried:
            continue
        tried.add(value)
        if judge(text, claim, {span: value}).verdict == "holds":
            if claim.kind in {"points", "relative", "rate", "ratio"} and one == figure(claim.claimed) and tried - {value}:
                continue  # a claimed rate is computed, and rounded once
            yield value


def judge_difference(text: Text, claim: Claim, changed: Mapping[Span, Fraction]) -> Fraction:
    """Computed minus claimed, by the middles of the figures."""

    def worth(one: Figure) -> Interval:
        value = changed.get(text.find(one))
        if value is None:
            exact = interval(one, rounded=False)
            value = (exact.low + exact.high) / 2
        return Interval(value, value)

    reading = claim.equation.split(" or ")[0]
    if claim.kind in {"points", "relative", "difference"}:
        before, after = (compute(side, worth).low for side in reading.split(" -> "))
        result = (after - before) * (1 if claim.direction == "up" else -1)
        if claim.kind == "relative":
            result = result / before * 100
    else:
        result = compute(reading, worth).low * (100 if claim.kind == "rate" else 1)
    return result - worth(figure(claim.claimed)).low


def faults(text: Text) -> Iterator[str]:
    """What is wrong with a key; nothing of a good one."""
    key = text.key
    wrong = {(text.find(figure(one.figure)), one.error): one for one in key.planted}
    numeric = {span: number(figure(one.true).value or one.true)[0] for (span, _), one in wrong.items() if one.true}
    structural = {span for (span, error) in wrong if error in STRUCTURAL}
    for claim in key.claims:
        quote = text.find_quote(claim)
        spans = [text.find(one) for one in claim.figures if not (claim.kind == "shares" and one.printed == "100")]
        if claim.kind not in REPORT_KINDS:
            yield f"{claim.kind} is no kind"
        if not quote.overlaps(spans[0]):
            yield f"{claim.claimed} is not in {claim.quote!r}"
        if claim.kind == "names":
            for name in claim.names:
                if name not in text.written:
                    yield f"{name} is not in the text"
        judged = judge(text, claim)
        if judged != (claim.verdict, claim.computed):
            yield f"{claim.quote!r}: {claim.claimed} = {claim.equation} gives {judged}, not {(claim.verdict, claim.computed)}"
        if (claim.verdict == "undecided") != bool(claim.reason):
            yield f"{claim.quote!r}: a reason exactly where it is undecided"
        touched = [span for span in spans if span in numeric]
        if claim.verdict == "contradicted":
            if not touched and spans[0] not in structural:
                yield f"{claim.quote!r}: contradicted without a planted error: {claim.equation} = {claim.computed}"
            if touched and judge(text, claim, numeric).verdict != "holds" and spans[0] not in structural:
                yield f"{claim.quote!r}: contradicted also with what stood there before"
        expected = [str(one) for one in repairs(text, claim)] if claim.verdict == "contradicted" else []
        if expected != claim.repairs:
            yield f"{claim.quote!r}: repairs are {expected}"
    for (span, error), one in wrong.items():
        if not any(
            span in [text.find(f) for f in c.figures if f.printed != "100" or c.kind != "shares"]
            for c in key.claims
            if c.verdict == "contradicted"
        ):
            yield f"{one.figure} ({error}) contradicts nothing"


def main() -> int:
    """Prints what is wrong with the keys, and how many claims there are."""
    texts, bad = corpus(), 0
    for text in texts:
        for fault in faults(text):
            bad += 1
            sys.stderr.write(f"{text.half}/{text.name}: {fault}\n")
    kinds = Counter((claim.kind, claim.verdict) for text in texts for claim in text.key.claims)
    planted = Counter(one.error for text in texts for one in text.key.planted)
    for (kind, verdict), count in sorted(kinds.items()):
        sys.stdout.write(f"{kind:12}{verdict:14}{count:5}\n")
    wrong = sum(1 for text in texts if text.key.planted)
    sys.stdout.write(f"{len(texts)} texts, {wrong} with planted errors; {sum(kinds.values())} claims\n")
    sys.stdout.writelines(f"{error:20}{count:5}\n" for error, count in planted.most_common())
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
