"""Rates: a share with its count beside it, over a base that is said or that the measure asks for; and rates by name. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from services.notices.audit.claims.facts import RECEIVED, Facts, meaning_of, nearest
from services.notices.audit.claims.settings import Setting, attached, is_change, is_target, stands_over
from services.notices.audit.figures import Figure, FigureKind, Mark
from services.notices.audit.groups import DIVIDING, Group
from services.notices.audit.measures import stated_by
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import Cue, vocabulary
from services.notices.quantities.lexer import TokenKind

_UNSURE = frozenset(("digitised", "digitised_intake", "digitised_result", "paid"))
"""Measures whose shares are of what had to be done, which reports seldom print."""


class Rates:
    """Makes the claims of rates."""

    def __init__(self, facts: Facts, groups: Sequence[Group], counts: Sequence[Figure]) -> None:
        self._facts = facts
        self._counts = counts
        self._told: set[tuple[object, ...]] = set()
        """Rates with a count beside them: said again by name, they are repeated and not claimed anew."""
        self._named: list[Figure] = []
        self._whole: dict[int, Figure] = {}
        for group in groups:
            for part in group.parts:
                self._whole.setdefault(id(part), group.whole)

    def readings(self, setting: Setting) -> list[Equation]:
        """Every reading of one rate; empty where it claims nothing of counts."""
        rate = setting.rate
        if is_change(setting) or is_target(setting) or rate.value > 1000:
            return []
        part = attached(setting)
        if part is not None:
            if not rate.own:
                rate.meaning, rate.inherited = dict(part.meaning), set(part.inherited)
                rate.qualified = part.qualified
            self._told.add(_key(rate))
            return self._of_part(setting, part)
        return [] if _key(rate) in self._told else self._by_name(setting)

    # A count beside it

    def _of_part(self, setting: Setting, part: Figure) -> list[Equation]:
        rate = setting.rate
        if part.kind is FigureKind.part:
            return [_ratio(rate, (Term(part),), (Term(part, whole=True),))]
        if part.roles & {"increase", "decrease"}:
            return self._of_change(setting, part)
        stated = self._stated_base(setting, part)
        if stated:
            divided = self._whole.get(id(part))
            if divided is not None and stated[0].base[0].figure is not divided:
                # `14 đơn vị gồm 5 phòng và 9 xã, bằng 66,7% số đơn vị`
                stated.append(_ratio(rate, (Term(divided),), stated[0].base, certain=False))
            return stated
        out: list[Equation] = []
        whole = self._whole.get(id(part))
        if part.unit in ("agency", "person") and whole is None:
            return []
        if whole is not None and whole.kind is FigureKind.count:
            out.append(_ratio(rate, (Term(part),), (Term(whole),)))
        certain = part.meaning.get("stage") not in _UNSURE
        certain = certain and whole is None and "default" not in part.inherited
        bases = self._bases(part.meaning, part, rate)
        out.extend(_ratio(rate, (Term(part),), (Term(base),), certain=certain) for base in bases)
        fallback = [
            one
            for one in self._counts
            if one.value >= part.value and one is not part and (one.unit in (None, part.unit) or part.unit is None)
        ]
        out.extend(_ratio(rate, (Term(part),), (Term(base),), certain=False) for base in nearest(fallback, part)[:30])
        earlier = [
            one
            for one in setting.before
            if one is not part and one.counts and one.depth == part.depth and one.value <= part.value
        ]
        if earlier and _same_unit(earlier[-1], part):
            out.append(_ratio(rate, (Term(earlier[-1]),), (Term(part),), certain=False))
        if not out:
            out.append(_ratio(rate, (Term(part),), (Term(part),), certain=False))
        return out

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
        if earlier and earlier[-1].period and earlier[-1].period != setting.rate.period:
            out.append(_ratio(setting.rate, (Term(change),), (Term(earlier[-1]),)))
        for now in reversed(earlier[-3:]):
            if now.unit not in (None, change.unit) and change.unit is not None:
                continue
            sign = 1 if "decrease" in change.roles else -1
            out.append(_ratio(setting.rate, (Term(change),), (Term(now), Term(change, sign)), certain=not out))
        before = [one for one in setting.before if one is not change and one.counts]
        out.extend(_ratio(setting.rate, (Term(change),), (Term(one),), certain=False) for one in before if one.value)
        return out

    def _stated_base(self, setting: Setting, part: Figure) -> list[Equation]:
        """`80 hồ sơ trên tổng số 100 hồ sơ, đạt 80%`, `đạt 80% của 100 hồ sơ`, `chiếm 0,84% tổng số hồ sơ tiếp nhận`."""
        rate = setting.rate
        order = setting.before.index(part) if part in setting.before else -1
        pointing = {token.norm for token in setting.paragraph.tokens[rate.last : rate.last + 4]} & {"ấy", "đó", "này"}
        if pointing and setting.after and setting.after[0].counts and setting.after[0].depth == rate.depth + 1:
            # `6.402 hồ sơ, 81,4% trong số ấy (5.211 hồ sơ) nộp qua mạng`
            return [_ratio(rate, (Term(setting.after[0]),), (Term(part),))]
        out: list[Equation] = []
        if order > 0:
            one = setting.before[order - 1]
            between = [
                cue for segment in setting.paragraph.segments for cue in segment.cues if one.last <= cue.start < part.token
            ]
            if (
                one.counts
                and any("base" in cue.roles and cue.start + 3 >= 0 for cue in between)
                and stands_over(setting, one, part)
                and part.value >= one.value
            ):
                return [_ratio(rate, (Term(one),), (Term(part),))]
        base_cue = next((cue for cue in setting.following if "base" in cue.roles and cue.start <= rate.last + 1), None)
        if base_cue is None:
            return out
        if setting.after and setting.after[0].counts and setting.after[0].depth <= rate.depth + 1:
            follow = setting.after[0]
            stops = [
                one.opened
                for one in setting.paragraph.segments
                if rate.last <= one.start - 1 < follow.token and one.opened is not None and one.start > rate.last
            ]
            if all(mark is Mark.opening for mark in stops) and stands_over(setting, rate, follow):
                return [_ratio(rate, (Term(part),), (Term(follow),))]
        worded = self._worded_base(setting, part, base_cue)
        if worded is not None:
            return [_ratio(rate, (Term(part),), (Term(worded),))]
        measure = stated_by([cue for cue in setting.following if cue.start >= base_cue.start])
        if not measure:
            return out
        stages = RECEIVED if measure.get("stage") in ("received", "handled") else (measure.get("stage", ""),)
        if measure.get("stage") == "received" and any("total" in cue.roles for cue in setting.following):
            stages = ("handled", "received", "new")
        for stage in stages:
            for base in self._facts.stated({**measure, "stage": stage}, part):
                if len(base.terms) == 1 and base.terms[0].value >= part.value:
                    out.append(_ratio(rate, (Term(part),), base.terms, certain=not out))
        # Words for a base are loose: what was handled, received and resolved stand for each other.
        for stage in ("handled", "new", "received", "resolved"):
            loose = self._facts.stated({"stage": stage}, part)
            out.extend(_ratio(rate, (Term(part),), base.terms, certain=False) for base in loose)
        return out

    def _worded_base(self, setting: Setting, part: Figure, base_cue: Cue) -> Figure | None:
        """The count that is told in the words of the base: `87,3 % số phiếu thu về` of `thu về 376 phiếu`."""
        read = setting.paragraph.tokens
        words: list[str] = []
        for token in read[base_cue.start :]:
            if token.kind is not TokenKind.word or token.norm in ("và", "trong", "tăng", "giảm"):
                break
            words.append(token.norm)
        telling = frozenset(words) - vocabulary().common
        if not telling:
            return None
        scored = [
            (len(telling & one.words), one)
            for one in self._counts
            if one is not part and one.value >= part.value and (one.unit is None or part.unit is None or one.unit == part.unit)
        ]
        best = max((score for score, _ in scored), default=0)
        if best * 2 <= len(telling):
            return None
        found = nearest([one for score, one in scored if score == best], part)
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

    # By name

    def _by_name(self, setting: Setting) -> list[Equation]:
        """`Tỷ lệ giải quyết đúng hạn đạt 99,95%`: the counts stand elsewhere."""
        rate = setting.rate
        named = any(cue.roles & {"rate", "ratio"} for cue in setting.cues)
        earlier = [one for one in setting.before if one.kind is FigureKind.rate]
        if (
            not named
            and earlier
            and earlier[-1] in self._named
            and not any(one.counts for one in setting.before if one.start > earlier[-1].start)
        ):
            # `tỷ lệ trễ hạn chung 1,57%, của cấp tỉnh 0,51%`
            named = True
            rate.meaning = {**{name: value for name, value in earlier[-1].meaning.items() if name != "level"}, **rate.meaning}
            rate.qualified = False
        if named:
            self._named.append(rate)
        if not named or not rate.meaning or (rate.qualified and not _is_only_scope(rate)):
            return []
        out: list[Equation] = []
        meaning = dict(rate.meaning)
        for part_meaning, bases, certain in _definitions(meaning):
            parts = self._facts.stated(part_meaning, rate)
            clear = len({sum((term.value * term.factor for term in one.terms), Fraction(0)) for one in parts}) == 1
            for part in parts[:3]:
                whole = self._whole.get(id(part.terms[0].figure))
                if whole is not None and all(self._whole.get(id(term.figure)) is whole for term in part.terms):
                    out.append(_ratio(rate, part.terms, (Term(whole),), certain=certain and clear and not out))
                for base_meaning in bases:
                    for base in self._facts.stated(base_meaning, rate)[:2]:
                        if base.terms != part.terms:
                            sure = certain and clear and len(base.terms) == 1 and not out and rate.exact
                            out.append(_ratio(rate, part.terms, base.terms, certain=sure))
        return out


def _key(rate: Figure) -> tuple[object, ...]:
    measure = {
        name: value for name, value in rate.meaning.items() if (name, value) not in (("stage", "received"), ("stage", "new"))
    }
    return (rate.value, rate.scope, rate.period, rate.topic, meaning_of(measure))


def _is_only_scope(rate: Figure) -> bool:
    return bool(rate.scope)


def _definitions(meaning: dict[str, str]) -> Iterator[tuple[dict[str, str], list[dict[str, str]], bool]]:
    """What a named rate may be: the measure of its part, those of its base, and whether this is what people mean."""
    stage = meaning.get("stage", "")
    for dimension in DIVIDING:
        if dimension in meaning and dimension != "level":
            rest = {name: value for name, value in meaning.items() if name != dimension}
            values = [meaning[dimension]]
            if dimension == "time" and meaning["time"] == "on_time":
                values = ["in_time", "on_time"]
            if dimension == "channel" and stage in ("", *RECEIVED):
                for kind in RECEIVED:
                    yield (
                        {**rest, "stage": kind, dimension: values[0]},
                        [{**rest, "stage": other} for other in RECEIVED],
                        True,
                    )
                return
            for value in values:
                yield {**meaning, dimension: value}, [rest], value == values[0]
            return
    if stage == "resolved":
        yield meaning, [{**meaning, "stage": "handled"}, {**meaning, "stage": "received"}], True
    elif stage in ("digitised_intake", "digitised"):
        yield meaning, [{**meaning, "stage": one} for one in RECEIVED], False
    elif stage == "digitised_result":
        yield meaning, [{**meaning, "stage": "resolved"}], False
    elif stage in ("returned", "in_process", "supplemented", "paid"):
        yield meaning, [{**meaning, "stage": one} for one in ("handled", "received", "new")], False


def _ratio(rate: Figure, terms: tuple[Term, ...], base: tuple[Term, ...], *, certain: bool = True) -> Equation:
    exact = rate.exact and all(term.figure.exact for term in (*terms, *base))
    return Equation("rate", Form.ratio, Term(rate), terms, base, certain=certain and exact)


def _same_unit(one: Figure, other: Figure) -> bool:
    return one.unit is None or other.unit is None or one.unit == other.unit
