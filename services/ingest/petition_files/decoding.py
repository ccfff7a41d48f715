"""What a row of a file says of a petition. Pure.

Nothing is guessed: a word that nobody knows, or a result without its day, sets the row aside. What is written is repeated in a
reason only where it is a short word that holds nothing of a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from services.ingest.events.model import Reason
from services.ingest.files.classification import is_dated
from services.ingest.petition_files.vocabulary import DAYS, PUBLISHED, RATINGS, REPEATED, RESULTS, SUBJECTS, Result
from services.ingest.sources.errors import RecordRejected
from services.ingest.sources.fields.codes import Codes, is_personal, names_a_person
from services.ingest.sources.fields.empty_words import is_empty_word
from services.ingest.sources.fields.instants import occurrence
from services.ingest.sources.fields.vocabulary import Names
from services.ingest.sources.kinds.files.dates import DateOrders, Order
from shared.civil import civil_day
from shared.contracts.kpis import Text
from shared.contracts.petitions import ReadPetition, RejectedPetition
from shared.languages import Bilingual, bilingual

T = TypeVar("T")
MAX_WORD = 40
"""Longest word that is repeated in a reason: what is longer is the text of a person."""
MAX_AGENCY = 200
"""Longest name of an agency."""

_HEADINGS: Mapping[str, str] = {
    "code": "mã phản ánh",
    "agency": "cơ quan xử lý",
    "subject": "loại phản ánh",
    "received_on": "ngày tiếp nhận",
    "passed_on": "ngày chuyển",
    "refused_on": "ngày từ chối",
    "supplement_requested_on": "ngày yêu cầu bổ sung",
    "handled_on": "ngày xử lý",
    "published_on": "ngày công khai",
    "result": "kết quả",
    "published": "đã công khai",
    "liked": "hài lòng",
    "repeated": "trùng/lặp lại",
}
"""Fields as people call them."""


class RowLine(NamedTuple):
    """Where a row stands."""

    line: int
    sheet: str | None


class _Rejection(Exception):
    def __init__(self, reason: str, what: Bilingual) -> None:
        super().__init__(what.en)
        self.reason, self.what = reason, what


class PetitionDecoder:
    """Reads the rows of one file."""

    def __init__(self, latest: datetime, order: Order | None = None) -> None:
        """`latest` is the newest instant that a day may hold; `order` that of day and month, None: what the file proves."""
        self.dates = DateOrders(order, DAYS)
        self._latest = latest
        self._codes = Codes()
        self._results, self._subjects = Names(RESULTS), Names(SUBJECTS)
        self._published, self._repeated = Names(PUBLISHED), Names(REPEATED)
        self._ratings = Names({word: (liked,) for word, liked in RATINGS.items()})

    def observe(self, row: Mapping[str, object]) -> None:
        """Take the dates of a row into account, before any is read."""
        for field in DAYS:
            if field in row:
                self.dates.observe(field, row[field])

    def read(self, at_line: RowLine, row: Mapping[str, object]) -> ReadPetition | RejectedPetition:
        """What a row says, or why it is set aside."""
        code = None
        try:
            code = self._code(row)
            return self._petition(at_line, code, row)
        except _Rejection as rejected:
            return rejected_of(at_line, code, rejected.reason, rejected.what)

    def _petition(self, at_line: RowLine, code: str, row: Mapping[str, object]) -> ReadPetition:
        days = {field: self._day(row, field) for field in DAYS}
        published = row.get("published")
        if published is not None and days["published_on"] is None and is_dated(published):
            # The day stands where others say yes.
            days["published_on"] = self._day({"published_on": published}, "published_on")
            published = None
        is_published: bool | None = self._word({"published": published}, "published", self._published)
        result: Result | None = self._word(row, "result", self._results)
        received_on = days["received_on"]
        if received_on is None:
            raise _missing("received_on")
        if result == "refused" and days["refused_on"] is None:
            # One column for the day, whatever the result.
            days["refused_on"], days["handled_on"] = days["handled_on"], None
        self._check(days, result, published=is_published)
        rating = self._word(row, "liked", self._ratings)
        return ReadPetition(
            line=at_line.line,
            sheet=at_line.sheet,
            code=code,
            agency=self._agency(row),
            subject=self._word(row, "subject", self._subjects),
            received_on=received_on,
            passed_on=days["passed_on"],
            refused_on=days["refused_on"],
            supplement_requested_on=days["supplement_requested_on"],
            handled_on=days["handled_on"],
            published_on=days["published_on"],
            liked=None if rating is None else rating[0],
            repeated=self._word(row, "repeated", self._repeated) is True,
        )

    @staticmethod
    def _check(days: Mapping[str, date | None], result: Result | None, *, published: bool | None) -> None:
        """Raise where the result and the days do not say the same."""
        needed: dict[Result | None, str] = {
            "refused": "refused_on",
            "handled": "handled_on",
            "published": "published_on",
            "supplement_requested": "supplement_requested_on",
        }
        if result in needed and days[needed[result]] is None:
            raise _missing(needed[result])
        if published and days["published_on"] is None:
            raise _missing("published_on")
        ended = [field for field in ("refused_on", "handled_on", "published_on") if days[field] is not None]
        if result in ("open", "supplement_requested") and ended:
            raise _contradictory("result", ended[0])
        if published is False and days["published_on"] is not None:
            raise _contradictory("published", "published_on")

    def _code(self, row: Mapping[str, object]) -> str:
        text = _text(row.get("code"))
        try:
            return self._codes.read(text, "code")
        except RecordRejected as wrong:
            if wrong.reason is Reason.no_code:
                raise _missing("code", "no_code") from None
            raise _Rejection(
                "bad_code",
                Bilingual(
                    "What stands in the column of the code does not look like one, or may be a person's number; it was not"
                    " kept. Correct the cell.",
                    "Nội dung ở cột mã phản ánh không có dạng của mã, hoặc có thể là số của cá nhân; không giữ lại. Sửa lại"
                    " ô đó.",
                ),
            ) from None

    def _day(self, row: Mapping[str, object], field: str) -> date | None:
        value = row.get(field)
        if value is None:
            return None
        try:
            at = self.dates.read(value, field)
            at = None if at is None else occurrence(at, field, self._latest)
        except RecordRejected as wrong:
            if wrong.reason is Reason.date_out_of_range:
                text = bilingual(
                    "The {field} lies before 2001 or in the future. Correct the cell.",
                    "{field} trước năm 2001 hoặc trong tương lai. Sửa lại ô đó.",
                    field=_named(field),
                )
            else:
                text = bilingual(
                    "The {field} is written in no form that is known for dates. Write it as dd/mm/yyyy.",
                    "{field} không đúng dạng ngày. Ghi lại theo dạng dd/mm/yyyy.",
                    field=_named(field),
                )
            raise _Rejection(wrong.reason.value, text) from None
        return None if at is None else civil_day(at)

    @staticmethod
    def _agency(row: Mapping[str, object]) -> str | None:
        text = _text(row.get("agency"))
        if text is None or (is_empty_word(text) and not text.isdigit()):
            return None
        if len(text) > MAX_AGENCY or names_a_person(text):
            raise _Rejection(
                "unknown_agency",
                Bilingual(
                    "What stands in the column of the agency may be a person's name or number; it was not kept. Write the"
                    " agency's code or name.",
                    "Nội dung ở cột cơ quan xử lý có thể là tên hoặc số của cá nhân; không giữ lại. Ghi mã hoặc tên cơ quan.",
                ),
            )
        return text

    @staticmethod
    def _word(row: Mapping[str, object], field: str, words: Names[T]) -> T | None:
        value = row.get(field)
        text = ("có" if value else "không") if isinstance(value, bool) else _text(value)
        if text is None:
            return None
        found = words.get(text)
        if found is None and not is_empty_word(text):
            shown = text if len(text) <= MAX_WORD and text.isprintable() and not is_personal(text) else None
            raise _Rejection(
                "unknown_word",
                bilingual(
                    "The column '{field}' holds {word}, which nobody knows here. Write one of: {known}; or leave it empty.",
                    "Cột '{field}' ghi {word} là nội dung chưa biết. Ghi một trong các từ: {known}; hoặc để trống.",
                    field=_HEADINGS[field],
                    word=Bilingual("a text", "một đoạn văn bản") if shown is None else f"'{shown}'",
                    known=_KNOWN_WORDS[field],
                ),
            )
        return found


_KNOWN_WORDS = {
    "result": "Đang xử lý, Yêu cầu bổ sung, Đã xử lý, Đã công khai, Từ chối",
    "subject": "Quy định hành chính, Hành vi hành chính",
    "published": "Có, Không",
    "repeated": "Có, Không",
    "liked": "Hài lòng, Không hài lòng, Bình thường",
}


def rejected_of(at_line: RowLine, code: str | None, reason: str, what: Bilingual) -> RejectedPetition:
    """A row that was set aside."""
    vi = what.vi[:1].upper() + what.vi[1:]
    return RejectedPetition(line=at_line.line, sheet=at_line.sheet, code=code, reason=reason, what=Text(vi, what.en))


def _named(field: str) -> Bilingual:
    return Bilingual(f"day '{_HEADINGS[field]}'", _HEADINGS[field])


def _missing(field: str, reason: str = "missing_field") -> _Rejection:
    return _Rejection(
        reason,
        bilingual(
            "'{field}' is empty, and what became of the petition cannot be judged without it. Fill in the cell.",
            "Ô '{field}' để trống nên không đánh giá được phản ánh, kiến nghị. Điền ô đó.",
            field=_HEADINGS[field],
        ),
    )


def _contradictory(one: str, other: str) -> _Rejection:
    return _Rejection(
        "contradictory",
        bilingual(
            "'{one}' and '{other}' say the opposite of each other. Correct one of the cells.",
            "'{one}' và '{other}' mâu thuẫn nhau. Sửa lại một trong hai ô.",
            one=_HEADINGS[one],
            other=_HEADINGS[other],
        ),
    )


def _text(value: object) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    return " ".join(text.split()) or None
