"""What a conclusion calls the whole, its levels and its groups of agencies, by the kind of scope that was inspected. Pure.

Before 2025-07-01 districts inspected their offices and communes; since then a province inspects its departments and communes,
and a commune its own offices. A scope may also be a single agency.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.notices.evidence.model import Level, Template
from services.notices.figures.model import Subject
from services.notices.quantities import wording


@dataclass(frozen=True)
class ScopeWords:
    """Words for a scope."""

    whole: str
    """In the middle of a sentence: `toàn huyện`, `toàn tỉnh`; of a single agency its name."""
    everyone: str
    """Those who were inspected, in the middle of a sentence: `các cơ quan, đơn vị`."""
    heads: str
    """Who leads the inspected, in the middle of a sentence: `Thủ trưởng các cơ quan chuyên môn, Chủ tịch UBND các xã`."""
    levels: dict[Level, str]
    """Whose level something is of, at the beginning of a sentence: `Cấp huyện`."""
    groups: dict[Level, str]
    """Headings of the groups of agencies in a table: `Cơ quan chuyên môn`, `Xã, thị trấn`."""


def scope_words(kind: str, territory: str, agencies: tuple[Subject, ...], template: Template) -> ScopeWords:
    """The words for a scope of a kind (`province`, `district`, `commune`, `office`) that is called `territory`."""
    levels = {one.level: one for one in template.levels if one.scope == kind}
    office = levels.get("office")
    single = agencies[0] if len(agencies) == 1 else None
    offices = (office.group if office else None) or "Cơ quan chuyên môn"
    groups: dict[Level, str] = {"office": offices, "commune": _communes(agencies, template.communes)}
    return ScopeWords(
        whole=f"toàn {territory}" if single is None else wording.in_sentence(single.name),
        everyone="các cơ quan, đơn vị" if single is None else wording.in_sentence(single.name),
        heads=", ".join(_heads(agencies, groups)),
        levels={"office": office.name if office else offices, "commune": "Cấp xã"},
        groups=groups,
    )


def _heads(agencies: tuple[Subject, ...], groups: dict[Level, str]) -> list[str]:
    """Offices are led by their head, communes by the chair of their people's committee."""
    found = []
    for level, title in (("office", "Thủ trưởng"), ("commune", "Chủ tịch UBND")):
        members = [agency for agency in agencies if agency.kind == level]
        if len(agencies) == 1 and members:
            bare = members[0].name.removeprefix("UBND ").removeprefix("Ủy ban nhân dân ")
            found.append(f"{title} {bare[:1].lower() + bare[1:] if level == 'commune' else bare}")
        elif members:
            name = groups[level]  # type: ignore[index]
            found.append(f"{title} các {name[:1].lower() + name[1:]}")
    return found or ["người đứng đầu các cơ quan, đơn vị được kiểm tra"]


def _communes(agencies: tuple[Subject, ...], kinds: tuple[str, ...]) -> str:
    """`Xã, thị trấn` or `Xã, phường, đặc khu`, by the communes there are."""
    names = [agency.name.lower().removeprefix("ủy ban nhân dân ").removeprefix("ubnd ") for agency in agencies]
    found = [kind for kind in kinds if any(name.startswith(kind + " ") for name in names)]
    text = ", ".join(found or ["xã"])
    return text[0].upper() + text[1:]
