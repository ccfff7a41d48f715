"""Whose figures a text tells: of the office that it is about, or of a wider whole that this one is held against. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit.figures import FigureKind, ParagraphFigures, Segment
from services.notices.audit.vocabulary import Cue
from services.notices.quantities.lexer import Token

_COMMUNE, _DISTRICT, _PROVINCE, _COUNTRY = range(4)
_OFFICES = {
    "xã": _COMMUNE, "phường": _COMMUNE, "thị trấn": _COMMUNE, "đặc khu": _COMMUNE, "thôn": _COMMUNE,
    "huyện": _DISTRICT, "quận": _DISTRICT, "thị xã": _DISTRICT, "phòng": _DISTRICT, "chi nhánh": _DISTRICT,
    "sở": _PROVINCE, "tỉnh": _PROVINCE,
}  # fmt: skip
_WHOLES = {
    "xã": _COMMUNE, "phường": _COMMUNE, "huyện": _DISTRICT, "quận": _DISTRICT, "thị xã": _DISTRICT,
    "tỉnh": _PROVINCE, "thành phố": _PROVINCE, "nước": _COUNTRY, "quốc": _COUNTRY,
}  # fmt: skip


def rank_of(office: str) -> int:
    """How wide an office is, by the kind that its name begins with; the widest where that is not known."""
    words = office.split()
    return _OFFICES.get(" ".join(words[:2]), _OFFICES.get(" ".join(words[:1]), _COUNTRY))


def wider_whole(cue: Cue, paragraph: ParagraphFigures, segment: Segment, office: int) -> str:
    """The name of the whole that a phrase tells, where it is no figure of an office of this rank: `toàn tỉnh` in a report of a
    commune, `bình quân toàn tỉnh` beside what a department has; empty where it is."""
    words = [token.norm for token in paragraph.tokens[cue.start : cue.end]]
    rank = _WHOLES.get(" ".join(words[1:]), -1)
    mean = any("each" in one.roles and one.end == cue.start for one in segment.cues)
    if rank > office or (mean and office < _COUNTRY and rank == office) or (mean and _follows_rate(cue, paragraph, segment)):
        return " ".join(words)
    return ""


def _follows_rate(cue: Cue, paragraph: ParagraphFigures, segment: Segment) -> bool:
    """Whether another rate stands before it in its sentence, and no word makes parts of both."""
    before = [one for one in paragraph.figures if one.sentence == segment.sentence and one.token < cue.start]
    return any(one.kind is FigureKind.rate for one in before) and not _opens(paragraph.tokens[segment.start : cue.start])


def _opens(words: Sequence[Token]) -> bool:
    return any(token.norm in ("trong", "gồm") for token in words)
