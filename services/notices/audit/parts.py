"""What tells of the parts of a list where it ends, and whether they are apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.notices.audit.claims.slips import mends
from services.notices.audit.figures import Figure, FigureKind, Mark, ParagraphFigures
from services.notices.audit.solver import Equation, Form, Term


def is_over(figure: Figure, whole: Figure) -> bool:
    """`14 biên chế, trong đó ..., 10 chuyên viên; 5/14 người biệt phái`: told of the whole again."""
    return figure.kind is FigureKind.part and figure.whole == whole.value


def is_rest_of_fraction(whole: Figure, figure: Figure) -> bool:
    """`8/10 chỉ tiêu hoàn thành, trong đó 3 chỉ tiêu vượt, 5 chỉ tiêu đạt; còn 2 chỉ tiêu`: what is left of the ten."""
    return whole.kind is FigureKind.part and figure.own.get("stage") in ("left", "in_process")


def is_closed(paragraph: ParagraphFigures, parts: Sequence[Figure]) -> bool:
    """Whether `và` before its last part ends a list that no semicolon divides."""
    opened = [paragraph.segments[one.segment].opened for one in parts]
    return opened[-1] is Mark.joined and Mark.semicolon not in opened


def makes_up(whole: Figure, parts: Sequence[Figure]) -> bool:
    """Whether parts make up their whole, but for a slip: `khai sinh 487 trường hợp (đăng ký lại 35, đăng ký mới 452)`."""
    total = Equation("sum", Form.total, Term(whole), tuple(Term(one) for one in parts))
    return total.holds_now() or mends(total)


def overlap(parts: list[Figure]) -> bool:
    """Whether persons are told by what they may be at once: `120 học viên, trong đó 75 nữ, 35 đảng viên, 20 người dân tộc`."""
    told = [one for one in parts if is_attribute(one) or "gender" in one.own]
    return 0 < len(told) < len(parts) or any(is_attribute(one) for one in told[: len(parts) - 1])


def is_attribute(part: Figure) -> bool:
    return "attribute" in part.roles and part.unit in ("person", None)
