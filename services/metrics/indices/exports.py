"""What costs points of an index, as rows of CSV. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from shared.contracts.indices import IndexLosses
from shared.languages import Language
from shared.spreadsheets import Cell

_HEADINGS: dict[Language, tuple[str, ...]] = {
    "vi": ("Mã đơn vị", "Đơn vị", "Tiêu chí", "Tên tiêu chí", "Nguyên nhân mất điểm", "Số hồ sơ", "Điểm tăng nếu khắc phục",
           "Còn khắc phục được", "Sắp mất điểm", "Danh sách"),
    "en": ("Code", "Agency", "Component", "Component's name", "Cause", "Dossiers", "Points gained if mended", "Can be mended",
           "At risk", "Figure"),
}  # fmt: skip
_YES: dict[Language, tuple[str, str]] = {"vi": ("không", "có"), "en": ("no", "yes")}


def losses(found: IndexLosses, language: Language) -> Iterator[list[Cell]]:
    """The headings, then a row for each agency and cause."""
    yield list(_HEADINGS[language])
    for row in found.rows:
        name, component, cause = (getattr(one, language) for one in (row.name, row.component_name, row.cause_name))
        mendable, at_risk = _YES[language][row.mendable], _YES[language][row.at_risk]
        yield [row.code or "", name, row.component, component, cause, row.dossiers, row.gain, mendable, at_risk, row.figure]
