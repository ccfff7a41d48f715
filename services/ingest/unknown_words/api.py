"""Words of a source that nobody knows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import Depends, Query, Request, Response

from services.ingest.components import Example
from services.ingest.parameters import ON_A_PAGE, SourceName
from services.ingest.sources.service import visible_source
from services.ingest.unknown_words import store as words_store
from services.ingest.unknown_words.store import WordCount
from shared.access.dependencies import require
from shared.access.principals import Principal
from shared.spreadsheets import CSV, to_csv
from shared.web.formats import CsvFormat, FormatChoice
from shared.web.operations import Router, operation
from shared.web.paging import Cursor, CursorParameter, RowNumber
from shared.web.responses import NOT_STORED, json_response

router = Router("sources", under="/sources")

_CORRECT_VI = "Báo đơn vị vận hành phần mềm nguồn sửa giá trị này rồi gửi lại."
_CORRECT_EN = "Have the operator of the source correct this value and send it again."
_MAP_VI = (
    "Thêm từ này với nghĩa của nó vào mục '{setting}' của nguồn (PUT /v1/sources/{name}); nguồn do hệ thống kéo được tự đọc"
    " lại toàn bộ, nguồn khác thì gửi lại."
)
_MAP_EN = (
    "Add the word with its meaning to '{setting}' of the source (PUT /v1/sources/{name}): a portal is then read whole again,"
    " another source sends it again."
)


class UnknownWordOut(msgspec.Struct, frozen=True, kw_only=True):
    """A word in a field that is counted, whose meaning nobody knows."""

    field: str
    """The field as the source names it."""
    word: str
    """As it is written, shortened; `(withheld)` where it may be a person's number or address."""
    setting: str | None
    """The setting of the source that says what it means; null: it can only be corrected at the source."""
    dossiers: int
    """Dossiers that are counted, and of which what the word says is not known."""
    waiting: int
    """Records that wait for it in quarantine."""
    first_at: datetime
    """When it was seen first."""
    last_at: datetime
    """When it was seen last."""
    todo_vi: str
    """What to do about it, in Vietnamese."""
    todo_en: str
    """What to do about it, in English."""


class UnknownWordList(msgspec.Struct, frozen=True):
    """The most frequent first."""

    words: list[UnknownWordOut]
    """At most `limit`; empty when every word is known."""
    next_cursor: str | None
    """Give it as `cursor` for the next page; null: this is the last."""


_EXAMPLE: Example = {
    "words": [
        {
            "field": "applyMethod",
            "word": "Qua kênh thứ tư",
            "setting": "channels",
            "dossiers": 0,
            "waiting": 21,
            "first_at": "2023-06-15T01:00:00Z",
            "last_at": "2023-07-20T03:15:58Z",
            "todo_vi": _MAP_VI.format(setting="channels", name="hai-duong"),
            "todo_en": _MAP_EN.format(setting="channels", name="hai-duong"),
        }
    ],
    "next_cursor": None,
}
_HEADINGS = {
    "vi": ("Trường", "Từ", "Thiết lập", "Hồ sơ", "Đang chờ", "Thấy lần đầu", "Thấy lần cuối", "Việc cần làm"),
    "en": ("Field", "Word", "Setting", "Dossiers", "Waiting", "First seen", "Last seen", "What to do"),
}


WORDS: Cursor[tuple[int, str, str]] = Cursor("unknown words", tuple[RowNumber, str, str])


@router.get("/{name}/unknown-words", summary="Words of a source that nobody knows")
@operation(response=UnknownWordList, media=(CSV,), example=_EXAMPLE)
async def read_unknown_words(
    request: Request,
    name: SourceName,
    principal: Annotated[Principal, Depends(require("sources:manage"))],
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description=ON_A_PAGE)] = 1_000,
    *,
    wanted: CsvFormat,
) -> Response:
    """In fields that are counted, with how many dossiers and waiting records they are in, and how to say what they mean.

    Once a word is mapped and the source was pulled as a whole, or has sent its records again, it is no longer listed.
    """
    async with request.app.state.database.connection() as connection:
        source = await visible_source(connection, principal, name)
        rows = await words_store.counted_words(connection, source.province, source.name, limit + 1, after=WORDS.decode(cursor))
    page, next_cursor = WORDS.page(rows, limit, lambda row: (row.dossiers + row.waiting, row.field, row.word))
    words = [_out(row, name) for row in page]
    if wanted.format == "csv":
        return _csv(words, wanted)
    return json_response(UnknownWordList(words, next_cursor))


def _out(row: WordCount, name: str) -> UnknownWordOut:
    if row.setting is None:
        return UnknownWordOut(**row._asdict(), todo_vi=_CORRECT_VI, todo_en=_CORRECT_EN)
    return UnknownWordOut(
        **row._asdict(),
        todo_vi=_MAP_VI.format(setting=row.setting, name=name),
        todo_en=_MAP_EN.format(setting=row.setting, name=name),
    )


def _csv(words: list[UnknownWordOut], wanted: FormatChoice) -> Response:
    rows = (
        (one.field, one.word, one.setting, one.dossiers, one.waiting, one.first_at.isoformat(), one.last_at.isoformat(),
         one.todo_vi if wanted.language == "vi" else one.todo_en)
        for one in words
    )  # fmt: skip
    return Response(to_csv([_HEADINGS[wanted.language], *rows], wanted.dialect), 200, NOT_STORED, wanted.media_type)
