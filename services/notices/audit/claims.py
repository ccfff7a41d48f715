"""Checks the arithmetic of a notice's text: every total, balance, rate and change in it, and how to repair a contradiction.

Pure. Where the text can be understood in two ways and one of them holds, it holds. A repair changes as
few printed figures as possible and breaks nothing that held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

import msgspec

from services.notices.audit.arithmetic import decimals_of, possible_bases, printed_number, rounded
from services.notices.audit.reading import (
    Amount,
    AmountKind,
    Breakdown,
    Sentence,
    breakdowns,
    example_list,
    paragraphs,
    sentences,
    shared,
)
from services.notices.audit.roles import AmountRole, base_roles, rate_role, role_of, roles_of_parts
from services.notices.quantities import wording


class Contradiction(msgspec.Struct, frozen=True):
    """A claim of the text that contradicts its own figures."""

    text: str
    """The equation."""
    claimed: str
    computed: str
    repairs: tuple[str, ...]
    """Smallest changes, each of which alone repairs it: `30.556 → 30.566`."""


class TextAudit(msgspec.Struct, frozen=True):
    """The result for one text."""

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
class _Verdicts:
    held: list[str] = field(default_factory=list)
    broken: list[Contradiction] = field(default_factory=list)

    def judge(self, text: str, claimed: Decimal, computed: Decimal, repairs: Iterable[str], *, unit: str = "") -> None:
        if claimed == computed:
            self.held.append(text)
        else:
            self.broken.append(
                Contradiction(text, printed_number(claimed) + unit, printed_number(computed) + unit, tuple(repairs))
            )


def audit(text: str) -> TextAudit:
    """Check the arithmetic of a notice; `text` as copied from the document, line breaks and all."""
    read = sentences(paragraphs(text))
    verdicts = _Verdicts()
    reader = _Reader(read)
    reader.sums(verdicts)
    reader.examples(verdicts)
    reader.rates(verdicts)
    reader.repetitions(verdicts)
    return TextAudit(len(verdicts.held) + len(verdicts.broken), tuple(verdicts.broken), tuple(verdicts.held))


class _Reader:
    """The amounts of a text and what is known of them."""

    def __init__(self, sentences: list[Sentence]) -> None:
        self._sentences = sentences
        self._sentence = {one.index: sentence for sentence in sentences for one in sentence.amounts}
        self._amounts = {one.index: one for sentence in sentences for one in sentence.amounts}
        self._breakdowns = [found for sentence in sentences for found in breakdowns(sentence)]
        self._roles: dict[int, AmountRole] = {}
        self._name_roles()
        self._value = {index: amount.value for index, amount in self._amounts.items()}
        """As printed; after the sums were checked, with the only possible repair applied."""

    def _name_roles(self) -> None:
        wholes = {found.whole.index for found in self._breakdowns}
        for index, amount in self._amounts.items():
            if amount.counts_dossiers and (role := role_of(amount, whole=index in wholes)):
                self._roles[index] = role
        for found in self._breakdowns:
            self._roles |= roles_of_parts(self._roles.get(found.whole.index), found)

    def _by_role(self, role: AmountRole, *, interlinked: bool) -> Amount | None:
        """The first amount of a role."""
        for index in sorted(self._roles):
            if self._roles[index] is role and self._sentence[index].interlinked == interlinked:
                return self._amounts[index]
        return None

    # Sums

    def sums(self, verdicts: _Verdicts) -> None:
        """Totals against their parts, and dossiers handled against resolved and in process; a repair must fit all of them."""
        equations = [_Sum(found.whole.index, self._chosen_parts(found)) for found in self._breakdowns if found.complete]
        for linked in (False, True):
            sides = [
                self._by_role(role, interlinked=linked)
                for role in (AmountRole.handled, AmountRole.resolved, AmountRole.in_process)
            ]
            if all(sides):
                whole, *parts = (side.index for side in sides if side is not None)
                equations.append(_Sum(whole, tuple(parts)))
        broken = [equation for equation in equations if self._off(equation)]
        held = [equation for equation in equations if not self._off(equation)]
        verdicts.held.extend(self._text(equation) for equation in held)
        for group in _connected(broken):
            repairs = self._repairs(group, held)
            for equation in group:
                alone = repairs or self._repairs([equation], held)
                printed = self._amounts[equation.whole].value
                ways = [f"{printed_number(self._amounts[index].value)} → {printed_number(value)}" for index, value in alone]
                verdicts.judge(self._text(equation), printed, printed - self._off(equation), ways)
            if len(repairs) == 1:
                self._value |= dict(repairs)

    def _chosen_parts(self, found: Breakdown) -> tuple[int, ...]:
        """The parts as the text groups them; other groupings only where the first does not add up and they do."""
        first = tuple(one.index for one in found.parts)
        choices = [first]
        everything = [*found.parts, *found.possible_parts]
        choices += [tuple(one.index for one in everything[:many]) for many in range(2, len(everything) + 1)]
        for choice in choices:
            if not self._off(_Sum(found.whole.index, choice), found.times):
                return choice
        return first

    def _off(self, equation: _Sum, times: dict[int, int] | None = None) -> Decimal:
        """By how much the whole exceeds its parts."""
        value = self._amounts
        parts = sum((value[index].value * (times or {}).get(index, 1) for index in equation.parts), Decimal())
        return value[equation.whole].value - parts

    def _text(self, equation: _Sum) -> str:
        parts = " + ".join(printed_number(self._amounts[index].value) for index in equation.parts)
        return f"{printed_number(self._amounts[equation.whole].value)} = {parts}"

    def _repairs(self, broken: list[_Sum], held: list[_Sum]) -> list[tuple[int, Decimal]]:
        """Changes of one printed figure that repair all of `broken` and break none of `held`."""
        bound = {index for equation in held for index in (equation.whole, *equation.parts)}
        shared_by_all = set.intersection(*({equation.whole, *equation.parts} for equation in broken))
        repairs = []
        for index in sorted(shared_by_all - bound):
            wanted = {
                self._amounts[index].value + (-self._off(equation) if index == equation.whole else self._off(equation))
                for equation in broken
            }
            if len(wanted) == 1 and (value := wanted.pop()) >= 0:
                repairs.append((index, value))
        return repairs

    def examples(self, verdicts: _Verdicts) -> None:
        """Lists of examples, which may not exceed the total they are taken from."""
        lists = [(found.whole, found.parts, found.times) for found in self._breakdowns if not found.complete]
        for before, sentence in pairwise(self._sentences):
            parts = example_list(sentence)
            wholes = [one for one in before.amounts if one.counts_dossiers]
            if parts and wholes and not any(found.whole in sentence.amounts for found in self._breakdowns):
                lists.append((wholes[-1], parts, shared(sentence, parts)))
        for whole, parts, times in lists:
            total = sum((one.value * times.get(one.index, 1) for one in parts), Decimal())
            text = f"{' + '.join(_times(one, times) for one in parts)} ≤ {printed_number(whole.value)}"
            if total <= whole.value:
                verdicts.held.append(text)
            else:
                verdicts.broken.append(Contradiction(text, printed_number(whole.value), printed_number(total), ()))

    # Rates

    def rates(self, verdicts: _Verdicts) -> None:
        """Every rate against its counts, and every change against the two rates that it compares."""
        self._by_rate: dict[tuple[AmountRole, bool], list[Amount]] = defaultdict(list)
        for sentence in self._sentences:
            earlier: set[int] = set()
            for order, amount in enumerate(sentence.amounts):
                if amount.kind is not AmountKind.rate or amount.index in earlier or _is_target(sentence, amount):
                    continue
                earlier |= _change(sentence, order, verdicts)
                role = rate_role(sentence, order)
                if role is not None:
                    self._by_rate[(role, sentence.interlinked)].append(amount)
                if not self._of_counts(sentence, order, verdicts) and role is not None:
                    self._of_roles(amount, role, sentence, verdicts)
        for (role, linked), found in self._by_rate.items():
            other = self._by_rate.get((AmountRole.resolved_overdue, linked))
            if role is AmountRole.in_time and other:
                text = f"{found[0].text} + {other[0].text} = 100 %"
                verdicts.judge(text, Decimal(100), found[0].value + other[0].value, (), unit=" %")

    def _of_counts(self, sentence: Sentence, order: int, verdicts: _Verdicts) -> bool:
        """A rate right after its count: `30/32 nhiệm vụ, đạt 93,75 %`, `24.458 hồ sơ trực tuyến đạt tỷ lệ 80,18 %`."""
        rate = sentence.amounts[order]
        if order == 0:
            return False
        count = sentence.amounts[order - 1]
        words = sentence.between(count, rate).lower()
        introduces = any(word in words.split() for word in ("đạt", "chiếm", "bằng", "(đạt", "(chiếm"))
        if (
            len(words) > 90
            or not introduces
            or any(stop in words for stop in ";.:")
            or count.kind in (AmountKind.rate, AmountKind.points)
        ):
            return False
        if count.kind is AmountKind.share:
            assert count.base is not None
            self._judge_rate(verdicts, rate, count.value, count.base)
            return True
        if order > 1 and "trên" in sentence.between(sentence.amounts[order - 2], count).lower().split():
            self._judge_rate(verdicts, rate, self._value[sentence.amounts[order - 2].index], self._value[count.index])
            return True
        self._of_some_base(count, rate, verdicts)
        return True

    def _of_some_base(self, count: Amount, rate: Amount, verdicts: _Verdicts) -> None:
        """A count with a rate whose base is not next to it: some printed count must be the base."""
        part = self._value[count.index]
        named = [self._value[one.index] for role in base_roles(rate) if (one := self._by_role(role, interlinked=False))]
        natural = next(iter(named), None) or self._natural_base(part)
        bases = named or [
            *([natural] if natural else []),
            *(self._value[index] for index, one in self._amounts.items() if one.kind is AmountKind.count),
            *(one.base for one in self._amounts.values() if one.base is not None),
        ]
        decimals = decimals_of(rate)
        for base in bases:
            if base >= part and base and rounded(part, base, decimals) == rate.value:
                verdicts.held.append(f"{printed_number(part)} / {printed_number(base)} = {rate.text}")
                return
        low, high = possible_bases(part, rate.value, decimals)
        span = (
            printed_number(Decimal(low)) if low == high else f"{printed_number(Decimal(low))}-{printed_number(Decimal(high))}"
        )
        computed = rounded(part, natural, decimals) if natural else None
        if natural and computed is not None:
            verdicts.broken.append(
                Contradiction(
                    f"{printed_number(part)} / {printed_number(natural)} = {rate.text}",
                    rate.text,
                    f"{wording.decimal(computed)} %",
                    (f"{rate.text} → {wording.decimal(computed)} %", f"nêu rõ mẫu số ({span})"),
                )
            )
        else:
            unsaid = f"mẫu số {span} không được nêu trong văn bản"
            repair = (f"nêu rõ mẫu số ({span})",)
            verdicts.broken.append(Contradiction(f"{printed_number(part)} / ? = {rate.text}", rate.text, unsaid, repair))

    def _natural_base(self, part: Decimal) -> Decimal | None:
        """The total that the same count is printed as a part of."""
        for found in self._breakdowns:
            if any(one.value == part for one in found.parts):
                return self._value[found.whole.index]
        return None

    def _of_roles(self, rate: Amount, role: AmountRole, sentence: Sentence, verdicts: _Verdicts) -> None:
        """A rate without its counts next to it: one of the definitions in use must give it."""

        def value(of: AmountRole) -> Decimal | None:
            found = self._by_role(of, interlinked=sentence.interlinked)
            return None if found is None else self._value[found.index]

        handled, resolved, late, within, pending = (
            value(one)
            for one in (
                AmountRole.handled,
                AmountRole.resolved,
                AmountRole.resolved_overdue,
                AmountRole.within_limit,
                AmountRole.in_process_overdue,
            )
        )
        if late is None or resolved is None:
            return
        if role is AmountRole.in_time:
            definitions = [(resolved - late, resolved)]
            if within is not None and handled is not None:
                definitions.append((resolved - late + within, handled))
        elif role is AmountRole.resolved_overdue:
            definitions = [(late, resolved)]
            if pending is not None and handled is not None:
                definitions.append((late + pending, handled))
        else:
            return
        fitting = [(part, base) for part, base in definitions if rounded(part, base, decimals_of(rate)) == rate.value]
        self._judge_rate(verdicts, rate, *(fitting or definitions)[0])

    def _judge_rate(self, verdicts: _Verdicts, rate: Amount, part: Decimal, base: Decimal) -> None:
        computed = rounded(part, base, decimals_of(rate))
        text = f"{printed_number(part)} / {printed_number(base)} = {rate.text}"
        if computed is None:
            verdicts.broken.append(Contradiction(text, rate.text, "0/0 không có giá trị", ()))
        else:
            shown = f"{wording.decimal(computed)} %"
            verdicts.judge(text, rate.value, computed, (f"{rate.text} → {shown}",), unit=" %")

    # The same figure printed twice

    def repetitions(self, verdicts: _Verdicts) -> None:
        """A figure that is printed in two places must be the same in both."""
        sentences: dict[tuple[str, bool], list[Amount]] = defaultdict(list)
        for index, role in self._roles.items():
            if role.is_stated_once:
                sentences[(role.value, self._sentence[index].interlinked)].append(self._amounts[index])
        for (rate, linked), amounts in self._by_rate.items():
            sentences[(f"tỷ lệ {rate.value}", linked)].extend(amounts)
        for (name, _), amounts in sentences.items():
            first, *others = sorted(amounts, key=lambda one: one.index)
            for other in others:
                repairs = (f"{other.text} → {first.text}", f"{first.text} → {other.text}")
                verdicts.judge(f"{name}: {first.text} = {other.text}", other.value, first.value, repairs)


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


def _change(sentence: Sentence, order: int, verdicts: _Verdicts) -> set[int]:
    """`0,05 %, giảm 0,29 điểm phần trăm so với năm 2022 (0,34 %)`; gives the amounts that are no rates of this period."""
    if order + 2 >= len(sentence.amounts):
        return set()
    now, change, before = sentence.amounts[order : order + 3]
    verb = sentence.between(now, change).lower().split()
    against = sentence.between(change, before).lower()
    if change.kind not in (AmountKind.rate, AmountKind.points) or before.kind is not AmountKind.rate or "so với" not in against:
        return set()
    if not {"tăng", "giảm"} & set(verb):
        return set()
    up = "tăng" in verb
    computed = (now.value - before.value) * (1 if up else -1)
    text = f"{now.text} {'-' if up else '+'} {change.text} = {before.text}"
    verdicts.judge(text, change.value, computed, (f"{printed_number(change.value)} → {printed_number(abs(computed))}",))
    return {change.index, before.index}


def _is_target(sentence: Sentence, amount: Amount) -> bool:
    return "mục tiêu" in sentence.before(amount).lower()[-25:]


def _times(amount: Amount, times: dict[int, int]) -> str:
    many = times.get(amount.index, 1)
    return printed_number(amount.value) if many == 1 else f"{many} × {printed_number(amount.value)}"
