"""What costs points of an index, as rows of CSV. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from shared.contracts.indices import IndexLosses
from shared.languages import Language
from shared.spreadsheets import Cell

_HEADINGS: dict[Language, tuple[str, ...]] = {
    "vi": ("Mã đơn vị", "Đơn vị", "Tiêu chí", "Nguyên nhân mất điểm", "Số hồ sơ", "Điểm tăng nếu khắc phục",
           "Còn khắc phục được", "Sắp mất điểm", "Danh sách"),
    "en": ("Code", "Agency", "Component", "Cause", "Dossiers", "Points gained if mended", "Can be mended", "At risk", "Figure"),
}  # fmt: skip
_YES: dict[Language, tuple[str, str]] = {"vi": ("không", "có"), "en": ("no", "yes")}


def losses(found: IndexLosses, language: Language) -> Iterator[list[Cell]]:
    """The headings, then a row for each agency and cause."""
    yield list(_HEADINGS[language])
    for row in found.rows:
        name, cause = getattr(row.name, language), getattr(row.cause_name, language)
        mendable, at_risk = _YES[language][row.mendable], _YES[language][row.at_risk]
        yield [row.code or "", name, row.component, cause, row.dossiers, row.gain, mendable, at_risk, row.figure]
