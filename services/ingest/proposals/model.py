"""Rows for the catalogue, made of what dossiers name and the catalogue lacks. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from services.ingest.sources.fields.withholding import WITHHELD
from services.ingest.sources.named_codes import CodeKind, NamedCode
from shared.agencies import Agency, AgencyKind, Structure, contradictions
from shared.procedures import Procedure, reference_procedures
from shared.vietnamese import unaccented

NO_SECTOR = "KHAC"
"""Sector of a procedure of which nobody tells it: khác, others."""


class Mention(msgspec.Struct):
    """How often dossiers name a code that the catalogue lacks."""

    count: int = 0
    first: date = date.max
    last: date = date.min
    sources: set[str] = msgspec.field(default_factory=set)


Mentions = Mapping[tuple[CodeKind, str], Mention]


class AgencyProposal(msgspec.Struct, frozen=True, kw_only=True):
    """An agency that dossiers name and the catalogue lacks."""

    agency: Agency
    """As it can be handed in, from the first day on which it was named; its kind is guessed by its name."""
    parent_name: str | None
    """The agency above it as the records name it; `agency.parent` where one of that name is known or proposed too."""
    count: int
    """Dossiers that name it."""
    first_seen: date
    """First day of receipt of one of them."""
    last_seen: date
    """Last day of receipt."""
    sources: list[str]
    """Whose dossiers they are."""


class ProcedureProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure that dossiers name and the catalogue lacks."""

    procedure: Procedure
    """As it can be handed in; name, sector and limit are those of the reference catalogue where that has it."""
    count: int
    """Dossiers that name it."""
    first_seen: date
    """First day of receipt of one of them."""
    last_seen: date
    """Last day of receipt."""
    sources: list[str]
    """Whose dossiers they are."""


def propose_agencies(mentions: Mentions, named: Iterable[NamedCode], structure: Structure) -> list[AgencyProposal]:
    """A row for each agency, the most frequent first; its parent is found by name among those that there are or are proposed.

    All begin on one day, the first on which one of them was named, so that none begins before its parent.
    """
    names = {one.code: one for one in named if one.kind == "agency"}
    found = _in_order(mentions, "agency")
    known: dict[str, list[Agency]] = defaultdict(list)
    for unit in structure:
        known[unit.code].append(unit)
    by_name = {unaccented(unit.name_vi): unit.code for unit in structure if unit.valid_to is None}
    by_name |= {unaccented(names[code].name): code for code, _ in found if code in names and code not in known}
    first = min((mention.first for _, mention in found), default=date.min)
    agencies = []
    for code, mention in found:
        one = names.get(code)
        name = one.name if one is not None else code
        begins = mention.first if code in known else first
        above = by_name.get(unaccented(one.parent)) if one is not None and one.parent else None
        stands = above != code and (above not in known or any(unit.valid_from <= begins for unit in known[above]))
        later = [unit.valid_from for unit in known.get(code, ()) if unit.valid_from > begins]
        agencies.append(
            Agency(
                code=code,
                name_vi=name,
                name_en=name,
                kind=_kind(name),
                parent=above if stands else None,
                valid_from=begins,
                valid_to=min(later, default=None),
            )
        )
    if any(contradictions([*structure, *agencies])):
        # Names of parents that cannot all be right: who confirms the rows enters them.
        agencies = [msgspec.structs.replace(one, parent=None) for one in agencies]
    return [
        AgencyProposal(
            agency=agency,
            parent_name=names[agency.code].parent if agency.code in names else None,
            count=mention.count,
            first_seen=mention.first,
            last_seen=mention.last,
            sources=sorted(mention.sources),
        )
        for agency, (_, mention) in zip(agencies, found, strict=True)
    ]


def propose_procedures(mentions: Mentions, named: Iterable[NamedCode], known: Iterable[Procedure]) -> list[ProcedureProposal]:
    """A row for each procedure, the most frequent first."""
    names = {one.code: one for one in named if one.kind == "procedure"}
    begins: dict[str, list[date]] = defaultdict(list)
    for row in known:
        begins[row.code].append(row.valid_from)
    proposals = []
    for code, mention in _in_order(mentions, "procedure"):
        one = names.get(code)
        procedure = reference_procedures().get(code, mention.last)
        if procedure is None:
            name = one.name if one is not None else code
            sector = one.sector if one is not None and one.sector else NO_SECTOR
            procedure = Procedure(code=code, name_vi=name, name_en=name, sector=sector, valid_from=mention.first)
        until = min((day for day in begins.get(code, ()) if day > mention.first), default=None)
        procedure = msgspec.structs.replace(procedure, valid_from=mention.first, valid_to=until)
        proposals.append(
            ProcedureProposal(
                procedure=procedure,
                count=mention.count,
                first_seen=mention.first,
                last_seen=mention.last,
                sources=sorted(mention.sources),
            )
        )
    return proposals


def _in_order(mentions: Mentions, kind: CodeKind) -> list[tuple[str, Mention]]:
    found = [(code, mention) for (of, code), mention in mentions.items() if of == kind and code != WITHHELD]
    return sorted(found, key=lambda one: (-one[1].count, one[0]))


_KINDS = (
    (("xa ", "phuong ", "thi tran ", "ubnd xa", "ubnd phuong", "ubnd thi tran", "dac khu "), AgencyKind.commune),
    (("phong ", "chi nhanh "), AgencyKind.district_office),
    (("huyen ", "ubnd huyen", "quan ", "thi xa ", "thanh pho "), AgencyKind.district),
    (("tinh ", "ubnd tinh"), AgencyKind.province),
)


def _kind(name: str) -> AgencyKind:
    """What an agency of that name most likely is; a department of the province where nothing tells."""
    plain = unaccented(name).replace("uy ban nhan dan", "ubnd")
    return next((kind for begins, kind in _KINDS if plain.startswith(begins)), AgencyKind.department)
