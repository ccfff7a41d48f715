"""What issuing adds to a notice: its number, its date, what is seen of its signatures. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from services.notices.composition.annexes import BLANK
from services.notices.composition.model import NoticeDocument
from services.notices.quantities import wording
from services.notices.quantities.lexer import normal_word
from services.notices.rendering.model import Stamp
from shared.civil import civil_time

_BLANK_DAY = re.compile(f"ngày {BLANK} tháng {BLANK} năm [0-9]{{4}}")

_WORD = re.compile(r"\w+")
_CROSSED = str.maketrans("ðɖ", "đđ")


def normal_body(name: str) -> str:
    """The name of a body in the form by which bodies are compared: `UỶ BAN  NHÂN DÂN xã Hoà An`, `Ủy ban nhân dân xã Hòa An`
    and `UBND xã Hòa An` are one body. Never printed."""
    words = (normal_word(word).translate(_CROSSED) for word in _WORD.findall(unicodedata.normalize("NFC", name)))
    return " ".join("ủy ban nhân dân" if word == "ubnd" else word for word in words) or name


def next_number(taken: Iterable[int]) -> int:
    """The first number from 1 that is not taken: so a series has no gap."""
    used = set(taken)
    number = 1
    while number in used:
        number += 1
    return number


def series_of(notice: NoticeDocument) -> str:
    """The series of a notice's number, as its reference states it: `TB-UBND`."""
    return notice.reference.partition("/")[2]


def reference_of(number: int, series: str) -> str:
    """`05/TB-UBND`: numbers below 10 have a leading zero (decree 30/2020, annex I)."""
    return f"{number:02d}/{series}"


def numbered(notice: NoticeDocument, number: int, on: date) -> NoticeDocument:
    """The notice with its number and date, in its head and in its annexes."""
    printed = f"{number:02d}"
    place = notice.locality_and_date.partition(", ngày ")[0]
    annexes = tuple(
        msgspec.structs.replace(
            one, belongs=_BLANK_DAY.sub(wording.long_day(on), one.belongs.replace(f"số {BLANK}/", f"số {printed}/"))
        )
        for one in notice.annexes
    )
    return msgspec.structs.replace(
        notice,
        reference=notice.reference.replace(BLANK, printed),
        locality_and_date=f"{place}, {wording.long_day(on)}",
        annexes=annexes,
    )


def stamps_of(
    notice: NoticeDocument, body: str, signatory_certificate: str, body_certificate: str, at: datetime
) -> tuple[Stamp, ...]:
    """What is seen of the signatures: of the signatory in blue, of the body in red, each with its instant."""
    when = f"Thời gian ký: {civil_time(at):%d/%m/%Y %H:%M:%S} +07:00"
    return (
        Stamp((f"Người ký: {notice.signatory}", f"Chứng thư: {signatory_certificate}", when), "blue"),
        Stamp((f"Cơ quan: {body}", f"Chứng thư: {body_certificate}", when), "red"),
    )
