"""Cursors: opaque, of one list, whole or refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, NamedTuple

import msgspec
import pytest

from shared.errors import Invalid
from shared.web.paging import Cursor, RowNumber


class Key(NamedTuple):
    agency: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
    day: date
    name: str


ROWS = Cursor[int]("rows", RowNumber)
KEYS = Cursor[Key]("keys", Key)
KEY = Key(7, date(2023, 7, 20), "Đ 1")


def test_a_cursor_gives_back_the_key_it_was_made_of() -> None:
    assert KEYS.decode(KEYS.encode(KEY)) == KEY
    assert ROWS.decode(ROWS.encode(41)) == 41
    assert ROWS.decode(None) is None


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Invalid, match="next_cursor"):
        Cursor[int]("others", RowNumber).decode(ROWS.encode(41))


def test_a_cursor_that_was_cut_or_changed_is_refused() -> None:
    whole = KEYS.encode(KEY)
    torn = [whole[:length] for length in range(len(whole))] + [
        f"{whole}A",
        f" {whole}",
        f"{whole}\n",
        whole.swapcase(),
        "41",
        "ư",
    ]
    for cursor in torn:
        with pytest.raises(Invalid):
            KEYS.decode(cursor)


def test_a_forged_cursor_holds_no_key_beyond_its_bounds() -> None:
    for forged in (
        Cursor[object]("keys", object).encode(key) for key in ((2**31, "2023-07-20", ""), (-1, "2023-07-20", ""), 5)
    ):
        with pytest.raises(Invalid):
            KEYS.decode(forged)


def test_a_page_ends_with_a_cursor_only_when_there_is_more() -> None:
    page, following = ROWS.page([5, 4, 3], 2, lambda row: row)
    assert (page, ROWS.decode(following)) == ([5, 4], 4)
    assert ROWS.page([3, 2], 2, lambda row: row) == ([3, 2], None)
    assert ROWS.page([], 2, lambda row: row) == ([], None)
