"""Judges the arithmetic of a notice's text: every total, balance, rate and change in it, and how to mend a contradiction.

Pure. A reading is charitable: where the text can be understood in two ways and one of them holds, it holds. A repair changes as
few printed figures as possible and breaks nothing that held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

import msgspec

from services.notices.audit.reading import (
    Amount,
    Breakdown,
    Kind,
    Sentence,
    breakdowns,
    example_list,
    paragraphs,
    sentences,
    shared,
)
from services.notices.audit.roles import Role, base_roles, rate_role, role_of, roles_of_parts
from services.notices.quantities import wording


class Contradiction(msgspec.Struct, frozen=True):
    """Something the text claims and its own figures deny."""

    text: str
    """The equation."""
    claimed: str
    computed: str
    repairs: tuple[str, ...]
    """Smallest changes that mend it, each for itself: `30.556 → 30.566`."""


class Audit(msgspec.Struct, frozen=True):
    """What came out for one text."""

    equations: int
    """How many equations the text claims."""
    contradictions: tuple[Contradiction, ...]
    held: tuple[str, ...]
    """The equations that hold."""


@dataclass
class _Sum:
    """A sum over printed counts; `variables` are the numbers of the figures, whole first."""

    whole: int
    parts: tuple[int, ...]


@dataclass
class _Findings:
    held: list[str] = field(default_factory=list)
    broken: list[Contradiction] = field(default_factory=list)

    def judge(self, text: str, claimed: Decimal, computed: Decimal, repairs: Iterable[str], *, unit: str = "") -> None:
        if claimed == computed:
            self.held.append(text)
        else:
            self.broken.append(Contradiction(text, _shown(claimed) + unit, _shown(computed) + unit, tuple(repairs)))


def audit(text: str) -> Audit:
    """Check the arithmetic of a notice; `text` as copied from the document, line breaks and all."""
    said = sentences(paragraphs(text))
    findings = _Findings()
    reader = _Reader(said)
    reader.sums(findings)
    reader.examples(findings)
    reader.rates(findings)
    reader.repeats(findings)
    return Audit(len(findings.held) + len(findings.broken), tuple(findings.broken), tuple(findings.held))


class _Reader:
    """The amounts of a text and what is known of them."""

    def __init__(self, said: list[Sentence]) -> None:
        self._said = said
        self._sentence = {one.place: sentence for sentence in said for one in sentence.amounts}
        self._amounts = {one.place: one for sentence in said for one in sentence.amounts}
        self._breakdowns = [found for sentence in said for found in breakdowns(sentence)]
        self._roles: dict[int, Role] = {}
        self._name_roles()
        self._value = {place: amount.value for place, amount in self._amounts.items()}
        """As printed; once the sums were judged, as the only possible repair has it."""

    def _name_roles(self) -> None:
        wholes = {found.whole.place for found in self._breakdowns}
        for place, amount in self._amounts.items():
            if amount.counts_dossiers and (role := role_of(amount, whole=place in wholes)):
                self._roles[place] = role
        for found in self._breakdowns:
            self._roles |= roles_of_parts(self._roles.get(found.whole.place), found)

    def _by_role(self, role: Role, *, interlinked: bool) -> Amount | None:
        """The first amount of a role."""
        for place in sorted(self._roles):
            if self._roles[place] is role and self._sentence[place].interlinked == interlinked:
                return self._amounts[place]
        return None

    # Sums

    def sums(self, findings: _Findings) -> None:
        """Totals against their parts and what came in against what became of it, with repairs over all of them at once."""
        equations = [_Sum(found.whole.place, self._chosen_parts(found)) for found in self._breakdowns if found.complete]
        for linked in (False, True):
            sides = [self._by_role(role, interlinked=linked) for role in (Role.handled, Role.resolved, Role.in_process)]
            if all(sides):
                whole, *parts = (side.place for side in sides if side is not None)
                equations.append(_Sum(whole, tuple(parts)))
        broken = [equation for equation in equations if self._off(equation)]
        held = [equation for equation in equations if not self._off(equation)]
        findings.held.extend(self._text(equation) for equation in held)
        for group in _connected(broken):
            repairs = self._repairs(group, held)
            for equation in group:
                alone = repairs or self._repairs([equation], held)
                printed = self._amounts[equation.whole].value
                ways = [f"{_shown(self._amounts[place].value)} → {_shown(value)}" for place, value in alone]
                findings.judge(self._text(equation), printed, printed - self._off(equation), ways)
            if len(repairs) == 1:
                self._value |= dict(repairs)

    def _chosen_parts(self, found: Breakdown) -> tuple[int, ...]:
        """The parts as the text groups them; other groupings only where the first does not add up and they do."""
        first = tuple(one.place for one in found.parts)
        choices = [first]
        everything = [*found.parts, *found.may_go_on]
        choices += [tuple(one.place for one in everything[:many]) for many in range(2, len(everything) + 1)]
        for choice in choices:
            if not self._off(_Sum(found.whole.place, choice), found.times):
                return choice
        return first

    def _off(self, equation: _Sum, times: dict[int, int] | None = None) -> Decimal:
        """By how much the whole exceeds its parts."""
        value = self._amounts
        parts = sum((value[place].value * (times or {}).get(place, 1) for place in equation.parts), Decimal())
        return value[equation.whole].value - parts

    def _text(self, equation: _Sum) -> str:
        parts = " + ".join(_shown(self._amounts[place].value) for place in equation.parts)
        return f"{_shown(self._amounts[equation.whole].value)} = {parts}"

    def _repairs(self, broken: list[_Sum], held: list[_Sum]) -> list[tuple[int, Decimal]]:
        """Changes of one printed figure that mend all of `broken` and break none of `held`."""
        bound = {place for equation in held for place in (equation.whole, *equation.parts)}
        shared_by_all = set.intersection(*({equation.whole, *equation.parts} for equation in broken))
        repairs = []
        for place in sorted(shared_by_all - bound):
            wanted = {
                self._amounts[place].value + (-self._off(equation) if place == equation.whole else self._off(equation))
                for equation in broken
            }
            if len(wanted) == 1 and (value := wanted.pop()) >= 0:
                repairs.append((place, value))
        return repairs

    def examples(self, findings: _Findings) -> None:
        """Lists of examples, which may not exceed the total they are taken from."""
        lists = [(found.whole, found.parts, found.times) for found in self._breakdowns if not found.complete]
        for before, sentence in pairwise(self._said):
            parts = example_list(sentence)
            wholes = [one for one in before.amounts if one.counts_dossiers]
            if parts and wholes and not any(found.whole in sentence.amounts for found in self._breakdowns):
                lists.append((wholes[-1], parts, shared(sentence, parts)))
        for whole, parts, times in lists:
            total = sum((one.value * times.get(one.place, 1) for one in parts), Decimal())
            text = f"{' + '.join(_times(one, times) for one in parts)} ≤ {_shown(whole.value)}"
            if total <= whole.value:
                findings.held.append(text)
            else:
                findings.broken.append(Contradiction(text, _shown(whole.value), _shown(total), ()))

    # Rates

    def rates(self, findings: _Findings) -> None:
        """Every rate against the counts it is made of, and every change against the two rates it lies between."""
        self._by_rate: dict[tuple[Role, bool], list[Amount]] = defaultdict(list)
        for sentence in self._said:
            earlier: set[int] = set()
            for order, amount in enumerate(sentence.amounts):
                if amount.kind is not Kind.rate or amount.place in earlier or _is_target(sentence, amount):
                    continue
                earlier |= _change(sentence, order, findings)
                role = rate_role(sentence, order)
                if role is not None:
                    self._by_rate[(role, sentence.interlinked)].append(amount)
                if not self._of_counts(sentence, order, findings) and role is not None:
                    self._of_roles(amount, role, sentence, findings)
        for (role, linked), found in self._by_rate.items():
            other = self._by_rate.get((Role.resolved_overdue, linked))
            if role is Role.in_time and other:
                text = f"{found[0].text} + {other[0].text} = 100 %"
                findings.judge(text, Decimal(100), found[0].value + other[0].value, (), unit=" %")

    def _of_counts(self, sentence: Sentence, order: int, findings: _Findings) -> bool:
        """A rate right after its count: `30/32 nhiệm vụ, đạt 93,75 %`, `24.458 hồ sơ trực tuyến đạt tỷ lệ 80,18 %`."""
        rate = sentence.amounts[order]
        if order == 0:
            return False
        count = sentence.amounts[order - 1]
        words = sentence.between(count, rate).lower()
        says = any(word in words.split() for word in ("đạt", "chiếm", "bằng", "(đạt", "(chiếm"))
        if len(words) > 90 or not says or any(stop in words for stop in ";.:") or count.kind in (Kind.rate, Kind.points):
            return False
        if count.kind is Kind.share:
            assert count.base is not None
            self._judge_rate(findings, rate, count.value, count.base)
            return True
        if order > 1 and "trên" in sentence.between(sentence.amounts[order - 2], count).lower().split():
            self._judge_rate(findings, rate, self._value[sentence.amounts[order - 2].place], self._value[count.place])
            return True
        self._of_some_base(count, rate, findings)
        return True

    def _of_some_base(self, count: Amount, rate: Amount, findings: _Findings) -> None:
        """A count with a rate whose base is not beside it: some printed count must be it."""
        part = self._value[count.place]
        named = [self._value[one.place] for role in base_roles(rate) if (one := self._by_role(role, interlinked=False))]
        natural = next(iter(named), None) or self._natural_base(part)
        bases = named or [
            *([natural] if natural else []),
            *(self._value[place] for place, one in self._amounts.items() if one.kind is Kind.count),
            *(one.base for one in self._amounts.values() if one.base is not None),
        ]
        places = _decimals(rate)
        for base in bases:
            if base >= part and base and _rounded(part, base, places) == rate.value:
                findings.held.append(f"{_shown(part)} / {_shown(base)} = {rate.text}")
                return
        low, high = _bases(part, rate.value, places)
        span = _shown(Decimal(low)) if low == high else f"{_shown(Decimal(low))}-{_shown(Decimal(high))}"
        computed = _rounded(part, natural, places) if natural else None
        if natural and computed is not None:
            findings.broken.append(
                Contradiction(
                    f"{_shown(part)} / {_shown(natural)} = {rate.text}",
                    rate.text,
                    f"{wording.decimal(computed)} %",
                    (f"{rate.text} → {wording.decimal(computed)} %", f"nêu rõ mẫu số ({span})"),
                )
            )
        else:
            unsaid = f"mẫu số {span} không được nêu trong văn bản"
            repair = (f"nêu rõ mẫu số ({span})",)
            findings.broken.append(Contradiction(f"{_shown(part)} / ? = {rate.text}", rate.text, unsaid, repair))

    def _natural_base(self, part: Decimal) -> Decimal | None:
        """The total that the same count is printed as a part of."""
        for found in self._breakdowns:
            if any(one.value == part for one in found.parts):
                return self._value[found.whole.place]
        return None

    def _of_roles(self, rate: Amount, role: Role, sentence: Sentence, findings: _Findings) -> None:
        """A rate with its name only: computed by every definition in use, and one of them must give it."""

        def value(of: Role) -> Decimal | None:
            found = self._by_role(of, interlinked=sentence.interlinked)
            return None if found is None else self._value[found.place]

        handled, resolved, late, within, pending = (
            value(one)
            for one in (Role.handled, Role.resolved, Role.resolved_overdue, Role.within_limit, Role.in_process_overdue)
        )
        if late is None or resolved is None:
            return
        if role is Role.in_time:
            definitions = [(resolved - late, resolved)]
            if within is not None and handled is not None:
                definitions.append((resolved - late + within, handled))
        elif role is Role.resolved_overdue:
            definitions = [(late, resolved)]
            if pending is not None and handled is not None:
                definitions.append((late + pending, handled))
        else:
            return
        fitting = [(part, base) for part, base in definitions if _rounded(part, base, _decimals(rate)) == rate.value]
        self._judge_rate(findings, rate, *(fitting or definitions)[0])

    def _judge_rate(self, findings: _Findings, rate: Amount, part: Decimal, base: Decimal) -> None:
        computed = _rounded(part, base, _decimals(rate))
        text = f"{_shown(part)} / {_shown(base)} = {rate.text}"
        if computed is None:
            findings.broken.append(Contradiction(text, rate.text, "0/0 không có giá trị", ()))
        else:
            shown = f"{wording.decimal(computed)} %"
            findings.judge(text, rate.value, computed, (f"{rate.text} → {shown}",), unit=" %")

    # The same thing said twice

    def repeats(self, findings: _Findings) -> None:
        """The same thing printed in two places must be the same."""
        said: dict[tuple[str, bool], list[Amount]] = defaultdict(list)
        for place, role in self._roles.items():
            if role.is_said_of_the_whole:
                said[(role.value, self._sentence[place].interlinked)].append(self._amounts[place])
        for (rate, linked), amounts in self._by_rate.items():
            said[(f"tỷ lệ {rate.value}", linked)].extend(amounts)
        for (name, _), amounts in said.items():
            first, *others = sorted(amounts, key=lambda one: one.place)
            for other in others:
                repairs = (f"{other.text} → {first.text}", f"{first.text} → {other.text}")
                findings.judge(f"{name}: {first.text} = {other.text}", other.value, first.value, repairs)


def _connected(equations: list[_Sum]) -> Iterator[list[_Sum]]:
    """Groups of equations that share a figure, directly or by others."""
    left = list(equations)
    while left:
        group = [left.pop(0)]
        known = {group[0].whole, *group[0].parts}
        while more := [one for one in left if known & {one.whole, *one.parts}]:
            for one in more:
                left.remove(one)
                group.append(one)
                known |= {one.whole, *one.parts}
        yield group


def _change(sentence: Sentence, order: int, findings: _Findings) -> set[int]:
    """`0,05 %, giảm 0,29 điểm phần trăm so với năm 2022 (0,34 %)`; gives the amounts that are no rates of this period."""
    if order + 2 >= len(sentence.amounts):
        return set()
    now, change, before = sentence.amounts[order : order + 3]
    verb = sentence.between(now, change).lower().split()
    against = sentence.between(change, before).lower()
    if change.kind not in (Kind.rate, Kind.points) or before.kind is not Kind.rate or "so với" not in against:
        return set()
    if not {"tăng", "giảm"} & set(verb):
        return set()
    up = "tăng" in verb
    computed = (now.value - before.value) * (1 if up else -1)
    text = f"{now.text} {'-' if up else '+'} {change.text} = {before.text}"
    findings.judge(text, change.value, computed, (f"{_shown(change.value)} → {_shown(abs(computed))}",))
    return {change.place, before.place}


def _is_target(sentence: Sentence, amount: Amount) -> bool:
    return "mục tiêu" in sentence.before(amount).lower()[-25:]


def _decimals(rate: Amount) -> int:
    return len(rate.text.rstrip("% ").partition(",")[2])


def _rounded(part: Decimal, base: Decimal, places: int) -> Decimal | None:
    """The share in per cent to as many places as the text prints, half-up."""
    if base == 0:
        return None
    scale: int = 10**places
    exact = Fraction(part) * 100 / Fraction(base)
    return Decimal(floor(exact * scale + Fraction(1, 2))) / scale


def _bases(part: Decimal, rate: Decimal, places: int) -> tuple[int, int]:
    """The least and the greatest base that gives the rate."""
    half = Fraction(1, 2 * 10**places)
    least = Fraction(part) * 100 / (Fraction(rate) + half)
    most = Fraction(part) * 100 / (Fraction(rate) - half) if Fraction(rate) > half else least
    # The upper edge of the rate rounds up to the next one, so its base is outside.
    return floor(least) + 1, max(ceil(most) - (0 if most.denominator == 1 else 1), floor(least) + 1)


def _times(amount: Amount, times: dict[int, int]) -> str:
    many = times.get(amount.place, 1)
    return _shown(amount.value) if many == 1 else f"{many} × {_shown(amount.value)}"


def _shown(value: Decimal) -> str:
    return wording.cell(int(value)) if value == value.to_integral() else wording.decimal(value)
