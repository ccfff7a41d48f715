"""Rates: a share with its count beside it, over a base that is said or that the measure asks for; and rates by name. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit.claims.facts import RECEIVED, Facts, around, meaning_of, nearest
from services.notices.audit.claims.named_rates import NamedRates, is_share_of, ratio
from services.notices.audit.claims.printed_bases import level_of, of_amount, over, planned, targeted
from services.notices.audit.claims.settings import (
    Setting,
    attached,
    attached_amount,
    first_of_two,
    is_change,
    is_level_of_before,
    is_of_cases,
    is_of_goal,
    is_start,
    is_target,
    is_threshold,
    opens_with_base,
    stands_over,
)
from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import Figure, FigureKind, Mark
from services.notices.audit.groups import DIVIDING, Group
from services.notices.audit.measures import stated_by
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.exact import Fraction
from services.notices.quantities.lexer import TokenKind

FAR = 4
"""A rate so many times what a count of the same unit would give is of something else."""
_UNSURE = frozenset(("digitised", "digitised_intake", "digitised_result", "paid"))
"""Measures whose shares are of what had to be done, which reports seldom print."""


class Rates:
    """Makes the claims of rates."""

    def __init__(self, facts: Facts, with_totals: Facts, groups: Sequence[Group], counts: Sequence[Figure]) -> None:
        self._facts = self._text = facts
        self._with_totals = with_totals
        """With the totals of tables, which are asked where the text has no base."""
        self._counts = counts
        self._told: set[tuple[object, ...]] = set()
        """Rates with a count beside them: said again by name, they are repeated and not claimed anew."""
        self._whole: dict[int, Figure] = {}
        for group in groups:
            for part in group.parts:
                self._whole.setdefault(id(part), group.whole)
        self._last = {id(group.parts[-1]) for group in groups if group.parts}
        self._by_name = NamedRates(facts, counts, self._whole)
        self._by_name_of_totals = NamedRates(with_totals, counts, self._whole)

    def readings(self, setting: Setting) -> list[Equation]:
        """Every reading of one rate; empty where it claims nothing of counts."""
        rate = setting.rate
        if is_start(setting):
            self._by_name.begin(setting)
            return []
        if is_change(setting) or is_target(setting) or is_threshold(setting) or rate.value > 1000:
            return []
        part = attached(setting)
        if part is not None:
            if not rate.own:
                rate.meaning, rate.inherited = dict(part.meaning), set(part.inherited)
                rate.qualified = part.qualified
            self._told.add(_key(rate))
            out = self._of_part(setting, part)
            if out and out[0].base == out[0].terms:
                self._facts = self._with_totals
                out = self._of_part(setting, part)
                self._facts = self._text
            for one in out if is_of_goal(setting) and not targeted(setting, part) else ():
                one.certain = one.mistaken
            return out
        amount = attached_amount(setting)
        if amount is not None:
            return of_amount(setting, amount) or [ratio(rate, (Term(amount),), (Term(amount),), certain=False, guessed=True)]
        return [] if _key(rate) in self._told else self._by_name.readings(setting) or self._of_totals(setting)

    def _of_totals(self, setting: Setting) -> list[Equation]:
        """`Tỷ lệ đúng hạn chung là 98,46%` below a table: of its totals, where it holds or is a slip of what they give."""
        meaning = setting.rate.meaning
        # `của các xã, phường`: the rows of the table are those of one level.
        setting.rate.meaning = {name: value for name, value in meaning.items() if name != "level"}
        out = self._by_name_of_totals.readings(setting)
        setting.rate.meaning = meaning
        for one in out:
            one.mistaken = one.certain and mends(one)
        return [one for one in out if one.holds() or one.mistaken][:1]

    # A count beside it

    def _of_part(self, setting: Setting, part: Figure) -> list[Equation]:
        rate = setting.rate
        if part.kind is FigureKind.part:
            share = ratio(rate, (Term(part),), (Term(part, whole=True),))
            before = setting.paragraph.tokens[max(0, rate.token - 1)].norm
            of_those = rate.value == 100 and Mark.comma not in setting.marks  # `9/10 xã đạt 100%`
            exact = is_share_of(rate, part) and (rate.depth > part.depth or before not in ("trên", "dưới", "từ"))
            exact = exact and not (of_those or is_of_goal(setting))
            share.mistaken = is_of_goal(setting) and rate.decimals > 0 and mends(share)  # what was done over what was planned
            return [share] if exact or share.mistaken or share.holds() else []  # `7/10 huyện đạt trên 75%`: which ones
        if part.roles & {"increase", "decrease"}:
            return self._of_change(setting, part)
        if is_level_of_before(setting):
            then = level_of(setting, part)
            return [] if then is None else [ratio(rate, (Term(part),), (Term(then),))]
        first = first_of_two(setting, part)
        if first is not None:
            others = self._of_part(setting, first)
            out = [*others, *self._of_count(setting, part)]
            for one in out[len(others) :]:
                one.certain = False
            return out
        return self._of_count(setting, part)

    def _of_count(self, setting: Setting, part: Figure) -> list[Equation]:
        rate = setting.rate
        stated = targeted(setting, part) or self._stated_base(setting, part)
        if stated:
            divided = self._whole.get(id(part))
            if divided is not None and stated[0].base[0].figure is not divided:
                # `14 đơn vị gồm 5 phòng và 9 xã, bằng 66,7% số đơn vị`
                stated.append(ratio(rate, (Term(divided),), stated[0].base, certain=False))
            return stated
        out: list[Equation] = []
        whole = self._whole.get(id(part))
        if whole is not None and whole.kind is FigureKind.count and whole.value >= part.value:
            out.append(ratio(rate, (Term(part),), (Term(whole),)))
        certain = part.meaning.get("stage") not in _UNSURE
        certain = certain and whole is None and "default" not in part.inherited and not opens_with_base(setting, part)
        bases = self._bases(part.meaning, part, rate)
        out.extend(ratio(rate, (Term(part),), (Term(base),), certain=certain) for base in bases)
        if not out and part.unit not in (None, "dossier", "case"):
            of_unit = [
                one for one in setting.before if one is not part and one.kind is FigureKind.count and one.unit == part.unit
            ]
            of_unit = [one for one in of_unit if one.value > part.value] or self._of_unit(part)
            worded = any("base" in cue.roles and cue.start <= rate.last + 1 for cue in setting.following)
            apart = any(token.text == ";" for one in of_unit for token in setting.paragraph.tokens[one.last : part.token])
            sure = (
                len(of_unit) == 1
                and not (apart or is_of_goal(setting))
                and (not worded or part.sentence == of_unit[0].sentence)
            )
            whole = next(
                (one for one in reversed(setting.before) if one.kind is FigureKind.part and one.unit == part.unit), None
            )
            if whole is not None and whole.sentence == part.sentence:
                # `412/450 ý kiến đồng ý (91,56%), 30 ý kiến đề nghị sửa đổi (6,67%)`
                out.append(ratio(rate, (Term(part),), (Term(whole, whole=True),), certain=False))
                sure = False
            sure = sure and all(_are_near(100 * part.value, rate.value * one.value) for one in of_unit)
            out.extend(ratio(rate, (Term(part),), (Term(one),), certain=sure) for one in of_unit)
        if part.unit in ("agency", "person") and not out:
            # Nothing near says what it is of; rates beside it may.
            return [ratio(rate, (Term(part),), (Term(part),), certain=False, guessed=True)]
        fallback = [
            one
            for one in around(self._counts, part)
            if one.value >= part.value and one is not part and (one.unit in (None, part.unit) or part.unit is None)
        ]
        out.extend(ratio(rate, (Term(part),), (Term(base),), certain=False) for base in nearest(fallback, part)[:30])
        if whole is not None and id(part) in self._last:
            # After a list a rate may be of all of it: `chậm 23 hồ sơ, đất đai 18, hộ tịch 5, tính ra 1,13 %`.
            near = around(self._counts, part)
            larger = [one for one in near if one.value >= whole.value and one is not whole and _same_unit(one, whole)]
            out.extend(ratio(rate, (Term(whole),), (Term(base),), certain=False) for base in nearest(larger, part)[:10])
        earlier = [
            one
            for one in setting.before
            if one is not part and one.counts and one.depth == part.depth and one.value <= part.value
        ]
        if earlier and _same_unit(earlier[-1], part):
            out.append(ratio(rate, (Term(earlier[-1]),), (Term(part),), certain=False))
        if not out:
            out.append(ratio(rate, (Term(part),), (Term(part),), certain=False))
        return out

    def _of_unit(self, part: Figure) -> list[Figure]:
        """The whole of its unit that the paragraph tells before: `nhận 39 đơn (...). Đã giải quyết 36 đơn, đạt 92,3%`."""
        before = [
            one
            for one in around(self._counts, part)
            if one.paragraph == part.paragraph and one.start < part.start and one.unit == part.unit and one.depth == 0
        ]
        wholes = [one for one in before if id(one) not in self._whole and one.value > part.value and "each" not in one.roles]
        wholes = [one for one in wholes if not one.roles & {"increase", "decrease"} and one.scope == part.scope]
        return wholes[-1:] if len({one.value for one in wholes}) == 1 else wholes

    def _of_change(self, setting: Setting, change: Figure) -> list[Equation]:
        """`tiếp nhận 3.210 hồ sơ, tăng 210 hồ sơ so với năm trước (tương đương 7%)`: over what there was before."""
        if setting.rate.value > 100 or any(
            token.norm == "bằng" for token in setting.paragraph.tokens[change.last : setting.rate.token]
        ):
            return []  # `bằng 103,1% kỳ trước` is no growth
        earlier = [
            one
            for one in setting.paragraph.figures
            if one.end <= change.start and one.kind is FigureKind.count and one.depth <= change.depth
        ]
        out: list[Equation] = []
        compared = [
            one for one in setting.before if one is not change and one.kind is FigureKind.count and "against" in one.roles
        ]
        out.extend(ratio(setting.rate, (Term(change),), (Term(one),)) for one in compared[-1:])
        if earlier and earlier[-1].period and earlier[-1].period != setting.rate.period:
            out.append(ratio(setting.rate, (Term(change),), (Term(earlier[-1]),)))
        for now in reversed(earlier[-3:]):
            if now.unit not in (None, change.unit) and change.unit is not None and not is_of_cases(setting.paragraph, change):
                continue
            sign = 1 if "decrease" in change.roles else -1
            meant = not out and now.sentence == change.sentence and now.value > change.value
            out.append(ratio(setting.rate, (Term(change),), (Term(now), Term(change, sign)), certain=meant))
        pair = [one for one in earlier if one is not change and not one.roles & {"increase", "decrease"}][-2:]
        if len(pair) == 2:
            # What rose is above what it was, what fell below.
            less, more = sorted(pair, key=lambda one: one.value)
            now, then = (less, more) if "decrease" in change.roles else (more, less)
            growth = Equation("change", Form.growth, Term(setting.rate), (Term(now),), (Term(then),), certain=False)
            growth.falls = "decrease" in change.roles
            out.append(growth)
            if then.value:
                out.append(ratio(setting.rate, (Term(change),), (Term(then),), certain=False))
        return out

    def _stated_base(self, setting: Setting, part: Figure) -> list[Equation]:
        """`80 hồ sơ trên tổng số 100 hồ sơ, đạt 80%`, `đạt 80% của 100 hồ sơ`, `chiếm 0,84% tổng số hồ sơ tiếp nhận`."""
        rate = setting.rate
        level = level_of(setting, part)
        if level is not None:
            return [ratio(rate, (Term(part),), (Term(level),))]
        pointing = {token.norm for token in setting.paragraph.tokens[rate.last : rate.last + 4]} & {"ấy", "đó", "này"}
        if pointing and setting.after and setting.after[0].counts and setting.after[0].depth == rate.depth + 1:
            # `6.402 hồ sơ, 81,4% trong số ấy (5.211 hồ sơ) nộp qua mạng`
            return [ratio(rate, (Term(setting.after[0]),), (Term(part),))] if setting.after[0] is not part else []
        out: list[Equation] = []
        told = over(setting, part) or planned(setting, part)
        if told:
            return told
        base_cue = next((cue for cue in setting.following if "base" in cue.roles and cue.start <= rate.last + 1), None)
        if base_cue is None:
            front = self._front(setting, part)
            return out if front is None else [ratio(rate, (Term(part),), (Term(front),))]
        if setting.after and setting.after[0].counts and setting.after[0].depth <= rate.depth + 1:
            follow = setting.after[0]
            unit = vocabulary().units.find_at(setting.paragraph.tokens, base_cue.end)
            begin = rate.last if unit is None else max(rate.last, unit.end - 1)  # `tổng số cơ quan, đơn vị (1.600)`
            stops = [
                one.opened
                for one in setting.paragraph.segments
                if begin <= one.start - 1 < follow.token and one.opened is not None and one.start > begin
            ]
            if all(mark is Mark.opening for mark in stops) and stands_over(setting, rate, follow):
                return [ratio(rate, (Term(part),), (Term(follow),))]
        worded = self._worded_base(setting, part, base_cue.start)
        if worded is not None:
            return [ratio(rate, (Term(part),), (Term(worded),))]
        measure = stated_by([cue for cue in setting.following if cue.start >= base_cue.start])
        if not measure:
            return out
        stages = RECEIVED if measure.get("stage") in ("received", "handled") else (measure.get("stage", ""),)
        if measure.get("stage") == "received" and any("total" in cue.roles for cue in setting.following):
            stages = ("handled", "received", "new")
        for stage in stages:
            for base in self._facts.stated({**measure, "stage": stage}, part):
                if len(base.terms) == 1 and base.terms[0].value >= part.value:
                    out.append(ratio(rate, (Term(part),), base.terms, certain=not out))
        if not out:
            out.extend(self._of_less(rate, part, [{**measure, "stage": stage} for stage in stages]))
        if measure.get("stage") not in ("received", "handled", None):
            return out
        # Words for a base are loose: what was handled, received and resolved stand for each other.
        for stage in ("handled", "new", "received", "resolved"):
            loose = self._facts.stated({"stage": stage}, part)
            out.extend(ratio(rate, (Term(part),), base.terms, certain=False) for base in loose)
        return out

    def _of_less(self, rate: Figure, part: Figure, measures: Sequence[dict[str, str]]) -> list[Equation]:
        """The base that the words name, though it is less than its part, where one slip explains that."""
        for measure in measures:
            for base in self._facts.stated(measure, part)[:1]:
                share = ratio(rate, (Term(part),), base.terms)
                share.mistaken = len(base.terms) == 1 and mends(share)
                return [share] if share.mistaken else []
        return []

    def _front(self, setting: Setting, part: Figure) -> Figure | None:
        """The count that a sentence begins with by its name: `Trong số có điều kiện thi hành, đã xong 369 việc, đạt 64%`."""
        if any(one.depth == 0 for one in setting.before if one.start < part.start):
            return None
        place = part.segment
        while place and setting.paragraph.segments[place - 1].sentence == part.sentence:
            place -= 1
        inside = setting.paragraph.segments[place : part.segment + 1]
        begin = next((one for one in inside if one.end > one.start), None)
        cue = next((one for one in begin.cues if "base" in one.roles and one.start == begin.start), None) if begin else None
        if begin is None or cue is None or begin.figures or part.depth != begin.depth:
            return None
        worded = self._worded_base(setting, part, cue.end)
        if worded is not None:
            return worded
        # `Trong số hồ sơ tiếp nhận, có 371 hồ sơ trực tuyến`: of what is told by its measure
        stated = self._facts.stated(stated_by(begin.cues), part) if any(one.measure for one in begin.cues) else []
        found = [one.terms[0].figure for one in stated if len(one.terms) == 1]
        return found[0] if len({one.value for one in found}) == 1 and found[0].value >= part.value else None

    def _worded_base(self, setting: Setting, part: Figure, start: int) -> Figure | None:
        """The count that is told in the words of the base: `87,3 % số phiếu thu về` of `thu về 376 phiếu`."""
        read = setting.paragraph.tokens
        words: list[str] = []
        for token in read[start:]:
            if token.kind is not TokenKind.word or token.norm in ("và", "trong", "tăng", "giảm"):
                break
            words.append(token.norm)
        telling = frozenset(words) - vocabulary().common
        if not telling:
            return None
        scored = [
            (len(telling & (one.words | one.label)), one)
            for one in around(self._counts, part)
            if one is not part
            and one.value >= part.value
            and (one.unit is None or part.unit is None or one.unit == part.unit)
            and not one.roles & {"increase", "decrease"}
        ]
        best = max((score for score, _ in scored), default=0)
        if best * 2 <= len(telling):
            return None
        if "tổng" in words:
            scored = [(score, one) for score, one in scored if "tổng" in one.words | one.label] or scored
            best = max(score for score, _ in scored)
        found = nearest([one for score, one in scored if score == best and one.value > part.value], part)
        if not found:
            return None
        return found[0] if len({one.value for one in found}) == 1 else None

    def _bases(self, meaning: dict[str, str], part: Figure, rate: Figure) -> list[Figure]:
        """What a share of this measure is a share of, the most natural first."""
        out: list[Figure] = []
        bucket_like = part
        for dimension in (*DIVIDING,):
            if dimension not in meaning:
                continue
            rest = {name: value for name, value in meaning.items() if name != dimension}
            stages: tuple[str, ...] = (rest.get("stage", ""),)
            if rest.get("stage") in RECEIVED:
                stages = (rest["stage"], *(stage for stage in RECEIVED if stage != rest["stage"]))
            for stage in stages:
                known = self._facts.stated({**rest, "stage": stage} if stage else rest, bucket_like)
                out.extend(stated.terms[0].figure for stated in known if len(stated.terms) == 1)
            break
        else:
            stage = meaning.get("stage", "")
            order = {
                "resolved": ("handled", "received"),
                "in_process": ("handled", "received"),
                "returned": ("handled", "received", "new"),
                "digitised_intake": RECEIVED,
                "digitised": RECEIVED,
                "digitised_result": ("resolved",),
                "paid": RECEIVED,
                "carried": ("handled",),
                "new": ("handled",),
                "supplemented": RECEIVED,
            }.get(stage, ())
            for whole in order:
                known = self._facts.stated({**meaning, "stage": whole}, bucket_like)
                out.extend(stated.terms[0].figure for stated in known if len(stated.terms) == 1)
        return [one for one in out if one is not part and one.value >= part.value]


def _are_near(one: Fraction, other: Fraction) -> bool:
    return one <= FAR * other and other <= FAR * one


def _key(rate: Figure) -> tuple[object, ...]:
    measure = {
        name: value for name, value in rate.meaning.items() if (name, value) not in (("stage", "received"), ("stage", "new"))
    }
    return (rate.value, rate.scope, rate.period, rate.topic, meaning_of(measure))


def _same_unit(one: Figure, other: Figure) -> bool:
    return one.unit is None or other.unit is None or one.unit == other.unit
