"""Bodies and responses of the routes of issuing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from pydantic import ConfigDict, Field, StringConstraints

from services.notices.drafting.api.schemas import FILES
from services.notices.drafting.model import NoticeState
from services.notices.inspections.model import PrintedLine
from services.notices.issuing.requirements import Requirement, RequirementName
from services.notices.issuing.store import IssuedRow, TakenRow
from shared.errors import Problem
from shared.fields import BodyModel, ProvinceCode, RowId

Series = Annotated[str, StringConstraints(pattern=r"^TB-[A-ZĐ][A-ZĐa-zđ.&-]{0,19}$")]
Year = Annotated[int, Field(ge=2000, le=2100)]


class IssueOrder(BodyModel):
    """How an approved notice is to be issued."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    corrects: RowId | None = None
    """`id` of the issued notice whose place it takes: that one is superseded, and this one cites it; null: of none."""


class IssuedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What was issued."""

    notice: int
    """`id` of the notice."""
    state: NoticeState
    """`issued`: in force; `superseded` by `superseded_by`; `withdrawn`."""
    reference: str
    """Its number and symbol: `05/TB-UBND`."""
    body: str
    """Who issued it."""
    issued_on: date
    """Its date, a civil day in Việt Nam."""
    issued_at: datetime
    """When it was signed."""
    issued_by: str
    """The person who issued it."""
    signatory_certificate: str
    """Whose certificate made the signatory's signature."""
    body_certificate: str
    """Whose certificate made the body's signature."""
    timestamped: bool
    """Whether an authority stamped the time of the signatures."""
    corrects: int | None
    """The notice whose place it took; null: of none."""
    superseded_by: int | None
    """The notice that took its place; null: none did."""
    code: str
    """Under which it is verified."""
    documents: dict[str, str]
    """Paths of its files by form; the PDF is signed."""
    digests: dict[str, str]
    """SHA-256 of each file, in hexadecimal digits."""

    @staticmethod
    def of(row: IssuedRow, state: NoticeState, superseded_by: int | None, digests: dict[str, bytes]) -> IssuedNotice:
        """As stored."""
        return IssuedNotice(
            notice=row.notice_id,
            state=state,
            reference=row.reference,
            body=row.body,
            issued_on=row.issued_on,
            issued_at=row.issued_at,
            issued_by=row.name,
            signatory_certificate=row.signatory_certificate,
            body_certificate=row.body_certificate,
            timestamped=row.timestamped,
            corrects=row.corrects,
            superseded_by=superseded_by,
            code=row.code,
            documents={name: f"/v1/notices/{row.notice_id}/{FILES[name]}" for name in digests},
            digests={name: digest.hex() for name, digest in digests.items()},
        )


class ReadinessRequirement(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must hold for a notice to be issued."""

    name: RequirementName
    """`person`: this key is a person's, who may issue; `state`: the notice is approved; `four_eyes`: by another person than
    whoever drafted or edited it, before it is approved by that of this key; `corrects`: what it takes the place of is of the
    same body and in force; `content`: text, annexes, figures, inspection and evidence are as they were approved, or nothing
    stands against approving them; `clock`: no number of the series was issued later than it is now; `certificates`: both are
    there and valid; `time_stamps`: the authority gives them, or none is set; `metrics`: it tells what moved the figures of a
    correction."""
    title: str
    """In English."""
    title_vi: str
    """In Vietnamese."""
    met: bool
    """Whether it holds now."""
    problem: str | None
    """Type of the problem with which an issue would be refused, described at `/problems/<type>`; null: it holds."""
    detail: str | None
    """What is missing, in English; null: it holds."""
    detail_vi: str | None
    """The same in Vietnamese."""
    what_to_do: str | None
    """In English; null: it holds."""
    what_to_do_vi: str | None
    """The same in Vietnamese."""

    @staticmethod
    def of(requirement: Requirement, problem: Problem | None) -> ReadinessRequirement:
        """As it was found; None: it holds."""
        text, guidance = (None, None) if problem is None else (problem.text, problem.guidance)
        return ReadinessRequirement(
            name=requirement.name,
            title=requirement.title.en,
            title_vi=requirement.title.vi,
            met=problem is None,
            problem=None if problem is None else problem.type,
            detail=None if text is None else text.en,
            detail_vi=None if text is None else text.vi,
            what_to_do=None if guidance is None else guidance.what_to_do,
            what_to_do_vi=None if guidance is None else guidance.what_to_do_vi,
        )


class IssueReadiness(msgspec.Struct, frozen=True):
    """What an issue of a notice would be refused for now."""

    notice: int
    """`id` of the notice."""
    ready: bool
    """Whether all of `requirements` are met."""
    reference: str
    """The number and symbol that it would get now; others that issue before take it."""
    requirements: list[ReadinessRequirement]
    """Each with what to do where it is not met, in the order in which an issue asks for them."""


class OutsideNumber(BodyModel):
    """A number that was used outside of this system."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    province: ProvinceCode
    """The province."""
    body: PrintedLine
    """The issuing body, as `issuer.name` of its inspections."""
    year: Year
    """Whose series it is: the present one in Vietnam, or an earlier one."""
    series: Series = "TB-UBND"
    """Symbol of the series, as the reference prints it after the number."""
    number: Annotated[int, Field(ge=1, le=99_999)]
    """The number."""
    use: PrintedLine
    """What it was used for."""


class TakenNumber(msgspec.Struct, frozen=True):
    """A number of a series that is taken."""

    number: int
    """From 1."""
    notice: int | None
    """`id` of the notice that has it; null: it was used outside."""
    outside: str | None
    """What it was used for outside; null: a notice has it."""
    taken_by: str
    """Name of the key with which it was taken."""
    taken_at: datetime
    """When."""


class TakenNumbers(msgspec.Struct, frozen=True):
    """The numbers of a series that are taken."""

    body: str
    """The issuing body."""
    year: int
    """Of the series."""
    series: str
    """Its symbol."""
    next: int
    """The number that is taken next."""
    numbers: list[TakenNumber]
    """In their order; empty: none is taken."""

    @staticmethod
    def of(body: str, year: int, series: str, rows: list[TakenRow], following: int) -> TakenNumbers:
        """As stored."""
        numbers = [TakenNumber(one.number, one.notice_id, one.outside, one.name, one.taken_at) for one in rows]
        return TakenNumbers(body, year, series, following, numbers)
