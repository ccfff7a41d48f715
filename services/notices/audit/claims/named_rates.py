"""Rates by name: `Tỷ lệ giải quyết đúng hạn đạt 99,95%`, whose counts stand elsewhere and are found by what they mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.notices.audit.claims.definitions import definitions
from services.notices.audit.claims.facts import Facts, around
from services.notices.audit.claims.settings import Setting
from services.notices.audit.figures import Figure, FigureKind
from services.notices.audit.frames import is_name
from services.notices.audit.measures import stated_by
from services.notices.audit.solver import Equation, Form, Term
from services.notices.audit.vocabulary import vocabulary
from services.notices.quantities.exact import Fraction

WORDED = 3
"""Words between a rate and the name of its base."""


class NamedRates:
    """Makes the claims of rates that their name alone says what they are of."""

    def __init__(self, facts: Facts, counts: Sequence[Figure], wholes: Mapping[int, Figure]) -> None:
        self._facts = facts
        self._counts = counts
        self._wholes = wholes
        """By the id of a part: the whole that the text groups it under."""
        self._named: list[Figure] = []

    def begin(self, setting: Setting) -> None:
        """Take the name of a rate that another one rose or fell from, which is the name of that too."""
        if any(cue.roles & {"rate", "ratio"} for cue in setting.cues):
            self._named.append(setting.rate)

    def readings(self, setting: Setting) -> list[Equation]:
        """`Tỷ lệ giải quyết đúng hạn đạt 99,95%`: the counts stand elsewhere."""
        rate = setting.rate
        if rate.depth and any("against" in cue.roles for cue in setting.cues):
            return []  # `tăng 0,46 điểm so với tháng 7 (98,90%)`: of another time
        if any("examples" in cue.roles for cue in setting.cues) and setting.before == [] and is_name(_last_words(rate)):
            return []  # `tỷ lệ thấp như Hòa An 91%`: of whom it names
        named = any(cue.roles & {"rate", "ratio"} for cue in setting.cues)
        earlier = [one for one in setting.before if one.kind is FigureKind.rate]
        goes_on = not rate.own and any(
            "current" in cue.roles for cue in setting.cues
        )  # `tháng trước là 85%, tháng này đạt 90%`
        if (
            (not named or goes_on)
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
        if named and any("rate" in cue.roles for cue in setting.cues) and (not rate.meaning or rate.qualified):
            return self._of_words(setting)
        if not named or not rate.meaning or (rate.qualified and not rate.scope):
            return []
        out: list[Equation] = []
        meaning = dict(rate.meaning)
        said = [cue for cue in setting.following if cue.measure is not None]
        opened = any(
            ("base" in cue.roles and cue.start <= rate.last + 1)
            or (set(cue.measure or ()) == {"stage"} and cue.start <= rate.last + WORDED)  # `83,05% hồ sơ mới`
            for cue in setting.following[:1]
        )
        stage = stated_by(said).get("stage") if opened else None
        for part_meaning, bases, certain in definitions(meaning):
            if stage is not None and stage not in ("received", "handled"):
                bases = [{**base, "stage": stage} for base in bases[:1]]
            parts = self._facts.stated(part_meaning, rate)
            clear = len({sum((term.value * term.factor for term in one.terms), Fraction(0)) for one in parts}) == 1
            for part in parts[:3]:
                whole = self._wholes.get(id(part.terms[0].figure))
                of_whole = whole is not None and all(self._wholes.get(id(term.figure)) is whole for term in part.terms)
                if whole is not None and of_whole and (stage is None or whole.meaning.get("stage") == stage):
                    out.append(ratio(rate, part.terms, (Term(whole),), certain=certain and clear and not out))
                if len(part.terms) == 1 and not out:
                    counted = part.terms[0].figure
                    larger = [
                        one
                        for one in around(self._counts, counted)
                        if (one.paragraph, one.sentence) == (counted.paragraph, counted.sentence)
                    ]
                    larger = [
                        one
                        for one in larger
                        if one.start < counted.start and one.unit == counted.unit and one.value > counted.value
                    ]
                    sure = certain and clear and len(larger) == 1 and (counted.unit != "dossier" or "stage" not in meaning)
                    out.extend(ratio(rate, part.terms, (Term(one),), certain=sure) for one in larger)
                for base_meaning in bases:
                    for base in self._facts.stated(base_meaning, rate)[:2]:
                        if base.terms != part.terms:
                            sure = certain and clear and len(base.terms) == 1 and not out and rate.exact
                            out.append(ratio(rate, part.terms, base.terms, certain=sure))
        return out

    def _of_words(self, setting: Setting) -> list[Equation]:
        """`nghe 228 cuộc gọi trên 240 cuộc gọi đến ... tỷ lệ nghe máy 59,0%`: of the count that is told in the same words."""
        rate = setting.rate
        telling = rate.words - vocabulary().common - vocabulary().plain
        near = [one for one in setting.before if one.counts and one.unit not in ("day", "money")]
        scored = [(len(telling & one.words), one) for one in near]
        best = max((score for score, _ in scored), default=0)
        parts = [
            one for score, one in scored if score == best and score * 2 >= len(telling) + (_verb(setting) not in one.words)
        ]
        if not telling or len(parts) != 1:
            return []
        part = parts[0]
        if part.kind is FigureKind.part:
            return [ratio(rate, (Term(part),), (Term(part, whole=True),))]
        bases = [one for one in near if one is not part and one.unit == part.unit and one.value > part.value]
        return [ratio(rate, (Term(part),), (Term(one),), certain=len(bases) == 1) for one in bases]


def _last_words(rate: Figure) -> str:
    """The capitalised words right before a rate."""
    words = rate.name.split()
    begin = len(words)
    while begin and words[begin - 1][:1].isupper():
        begin -= 1
    return " ".join(words[begin:])


def _verb(setting: Setting) -> str:
    """What is done at a rate: the word after `tỷ lệ`."""
    read = setting.paragraph.tokens[: setting.rate.token]
    place = max((cue.end for cue in setting.cues if "rate" in cue.roles), default=len(read))
    return read[place].norm if place < len(read) else ""


def is_share_of(rate: Figure, part: Figure) -> bool:
    """Whether a rate is a share of a count: exact, or a rough one that is no threshold (`chiếm hơn 85%`, `(gần 98%)`)."""
    return rate.exact or "chiếm" in rate.words or rate.depth > part.depth


def ratio(
    rate: Figure, terms: tuple[Term, ...], base: tuple[Term, ...], *, certain: bool = True, guessed: bool = False
) -> Equation:
    """The claim that a rate is of these terms over this base."""
    exact = is_share_of(rate, terms[0].figure) and all(term.figure.exact for term in (*terms, *base))
    return Equation("rate", Form.ratio, Term(rate), terms, base, certain=certain and exact, guessed=guessed)
