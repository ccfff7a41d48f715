"""Tables of the catalogue in requests and responses: JSON, CSV or XLSX is read, JSON or CSV is given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from fastapi import Request, Response

from services.ingest.catalogue.api.schemas import AgencyList, ProcedureList
from services.ingest.files import spreadsheets
from services.ingest.files.tables import MAX_ROWS
from shared.access.principals import Principal
from shared.errors import FieldFault, Invalid, Malformed
from shared.languages import Bilingual, bilingual
from shared.spelling import FIELD, printable, require_known_members, unknown_name
from shared.spreadsheets import to_csv
from shared.struct_errors import sentence_of
from shared.web.formats import FormatChoice
from shared.web.responses import etag_response, tagged
from shared.web.uploads import while_connected

T = TypeVar("T")
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_rows = msgspec.json.Decoder(list[dict[str, object]]).decode


async def read_table(request: Request, principal: Principal, name: str, kind: type[T], table: Any) -> tuple[list[T], list[str]]:
    """The rows of what a key sent as `kind`, and unknown headings; `table` is the module with its columns and `from_rows`.

    JSON is an object with the list `name`, as GET gives it.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        try:
            body = _members(await request.body() or b"null")
            for other in body.keys() - {name}:
                message = unknown_name(FIELD, other, [name])
                raise Invalid.of_fields([FieldFault(f"body.{printable(other) or '?'}", message, "unknown_field")])
            rows = _rows(body.get(name, b"null"))
        except msgspec.ValidationError as error:
            raise Malformed(_no_table(name)) from error
        except (msgspec.DecodeError, ValueError) as error:
            raise Malformed(
                bilingual(
                    "The body is not JSON in UTF-8: {error}.",
                    "Nội dung không phải JSON (UTF-8): {error}.",
                    error=error,
                )
            ) from error
        return converted(rows, kind, f"body.{name}"), []
    sandbox = request.app.state.sandbox.of(principal.key_id)
    read = await while_connected(
        request, lambda chunks: spreadsheets.table_of(sandbox, chunks, media_type, table.COLUMNS, table.HEADINGS)
    )
    # In a thread: thousands of rows are read, and other requests are served meanwhile.
    return await asyncio.to_thread(_rows_of, read, table)


def _no_table(name: str) -> Bilingual:
    return bilingual(
        "The body must be an object with the list `{name}` of objects, one for each row, as GET gives it.",
        "Nội dung phải là đối tượng có danh sách `{name}`, mỗi dòng một đối tượng, như GET trả về.",
        name=name,
    )


def _rows_of(read: spreadsheets.Table, table: Any) -> tuple[list[Any], list[str]]:
    if not read.rows:
        raise Invalid(
            bilingual(
                "No rows were found. The first row must name the columns: {columns}.",
                "Không tìm thấy dòng nào. Dòng đầu phải ghi tên cột: {columns}.",
                columns=", ".join(table.COLUMNS),
            )
        )
    return table.from_rows(read.rows), read.unknown


def table_response(
    request: Request,
    wanted: FormatChoice,
    province: str,
    name: str,
    columns: tuple[str, ...],
    rows: list[dict[str, str]],
    found: AgencyList | ProcedureList,
) -> Response:
    """`found` as JSON, or `rows` as CSV that can be handed in again, as it is wanted."""
    if wanted.format == "csv":
        table = to_csv([columns, *([row[column] for column in columns] for row in rows)], wanted.dialect)
        file = {"Content-Disposition": f'attachment; filename="{name}-{province}.csv"'}
        return tagged(request, table, wanted.media_type, headers=file)
    return etag_response(request, found)


def converted(body: Sequence[object], kind: type[T], at: str) -> list[T]:
    """The entries of a list that stands `at` a place of the request; raises `Invalid` for the first that is not as agreed."""
    if len(body) > MAX_ROWS:
        raise Invalid(
            bilingual(
                "There are {n} entries, and may be {limit}. Nothing was changed.",
                "Có {n} mục, tối đa là {limit}. Chưa thay đổi gì.",
                n=len(body),
                limit=MAX_ROWS,
            )
        )
    converted = []
    for index, one in enumerate(body):
        require_known_members(one, kind, f"{at}.{index}")
        try:
            converted.append(msgspec.convert(one, kind))
        except msgspec.ValidationError as error:
            raise Invalid(
                bilingual(
                    "Entry {n}: {what} Nothing was changed.",
                    "Mục {n}: {what} Chưa thay đổi gì.",
                    n=index + 1,
                    what=sentence_of(error, kind),
                )
            ) from error
    return converted
