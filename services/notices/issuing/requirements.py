"""What must hold for a notice to be issued.

One list: by it a notice is issued, and by it whoever approves sees beforehand what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from services.notices.approval import service as approving
from services.notices.approval.model import Hand, Obstacle
from services.notices.approval.service import NotApprovable
from services.notices.approval.store import StepRow
from services.notices.audit.checks import Check
from services.notices.drafting.store.notices import NoticeRow
from services.notices.issuing.model import normal_body
from services.notices.issuing.signer import Signer, SigningKeys, demand_valid
from services.notices.issuing.signing import Certificates
from services.notices.issuing.store import HeldSeries, IssuedRow
from shared.access.principals import Principal
from shared.civil import civil_time
from shared.errors import FieldFault, Invalid, Problem, Unavailable
from shared.languages import Bilingual, bilingual

RequirementName = Literal[
    "person", "state", "four_eyes", "corrects", "content", "clock", "certificates", "time_stamps", "metrics"
]
"""`person`: who issues it is one, and may; `state`: it is approved; `four_eyes`: by another person; `corrects`: what it takes
the place of is of the same body, and in force; `content`: text, annexes, figures, inspection and evidence are as they were
approved, or nothing stands against approving them; `clock`: no number of the series was issued later than it is now;
`certificates`: both are there and valid; `time_stamps`: the authority gives them, or none is set; `metrics`: it tells what
moved the figures of a correction."""

_MAX_RETRY_SECONDS = 3_600


@dataclass(frozen=True)
class Candidate:
    """A notice that is to be issued, with all that is read before."""

    row: NoticeRow
    principal: Principal
    """Who issues it."""
    body: str
    """In whose name."""
    corrects: NoticeRow | None
    """Whose place it takes; None: of none."""
    before: IssuedRow | None
    """What was issued of that."""
    steps: Sequence[StepRow]
    """Decided on it so far."""
    hands: Sequence[Hand]
    """Who drafted and edited it."""
    checks: Sequence[Check]
    """Of it as it is to be issued, with number and date."""
    keys: Callable[[], SigningKeys]
    """Raises what `SigningKeys.of` raises."""
    timestamp_url: str
    """Of the authority of time stamps; empty: none is set."""
    signer: Signer
    held: HeldSeries
    obstacles: Sequence[Obstacle] = ()
    """Against its approval, before there is one."""
    metrics: Problem | None = None
    """Why metrics does not tell what moved the figures; None: it does, or nobody asks."""


async def _person(one: Candidate) -> None:
    one.principal.demand("notices:approve")
    approving.demand_person(one.principal)


async def _state(one: Candidate) -> None:
    approving.demand_possible(one.row, "issue")


async def _four_eyes(one: Candidate) -> None:
    approvals = [step for step in one.steps if step.step == "approve"]
    if one.row.state == "approved" and approvals:
        approving.demand_another(one.row, approvals[-1].key_id, approvals[-1].name, one.hands)
    else:
        approving.demand_another(one.row, one.principal.key_id, one.principal.name, one.hands)


async def _corrects(one: Candidate) -> None:
    if one.corrects is None:
        return
    issuer = one.row.province, normal_body(one.body)
    if one.before is None or (one.before.province, normal_body(one.before.body)) != issuer:
        message = bilingual(
            "{body} has not issued notice {n}. Only a notice of the same body can be corrected: GET /v1/notices?state=issued.",
            "{body} không ban hành thông báo {n}. Chỉ đính chính được thông báo cùng cơ quan: GET /v1/notices?state=issued.",
            n=one.corrects.id,
            body=one.body,
        )
        raise Invalid.of_fields([FieldFault("body.corrects", message, "literal_error")])
    approving.demand_possible(one.corrects, "supersede")


async def _content(one: Candidate) -> None:
    if one.row.state == "approved":
        approving.demand_as_approved(one.row, one.steps, one.checks)
    elif one.obstacles:
        raise NotApprovable(list(one.obstacles))


async def _clock(one: Candidate) -> None:
    last, now = one.held.of_body.last, one.held.now
    if last is None or last.at <= now:
        return
    raise Unavailable(
        bilingual(
            "The database's clock shows {now}, and number {n} of this series was issued at {at}, later than that. Nothing was"
            " issued: a later number would have an earlier date. Have the operator set the clock of the database's machine;"
            " if it is right and was wrong then, withdraw the notice of that number.",
            "Đồng hồ của máy chủ cơ sở dữ liệu chỉ {now}, sớm hơn lúc ban hành số {n} của sổ này ({at}). Chưa ban hành: số sau"
            " sẽ mang ngày trước. Báo người vận hành chỉnh đồng hồ của máy chủ cơ sở dữ liệu; nếu nay đồng hồ đúng"
            " mà khi đó sai thì thu hồi thông báo mang số ấy.",
            now=_instant(now),
            n=last.number,
            at=_instant(last.at),
        ),
        headers={"Retry-After": str(min(math.ceil((last.at - now).total_seconds()), _MAX_RETRY_SECONDS))},
    )


def _instant(at: datetime) -> str:
    return f"{civil_time(at):%d/%m/%Y %H:%M:%S}"


async def _certificates(one: Candidate) -> None:
    await valid_certificates(one)


async def _time_stamps(one: Candidate) -> None:
    await one.signer.demand_stamps(one.timestamp_url)


async def _metrics(one: Candidate) -> None:
    if one.metrics is not None:
        raise one.metrics


async def valid_certificates(one: Candidate) -> Certificates:
    """Whose certificates sign it; raises `SigningNotSet`, `CertificateNotValid` and `Unavailable`."""
    certificates = await one.signer.certificates(one.keys())
    demand_valid(certificates, one.held.now)
    return certificates


class Requirement(NamedTuple):
    """Something that must hold for a notice to be issued."""

    name: RequirementName
    title: Bilingual
    demand: Callable[[Candidate], Awaitable[None]]
    """Raises a `Problem` where it does not."""
    by_doing: bool = False
    """Issuing finds it out by what it does, and does not ask before."""


REQUIREMENTS: Sequence[Requirement] = (
    Requirement("person", Bilingual("A person issues it, who may", "Do người có thẩm quyền ban hành"), _person),
    Requirement("state", Bilingual("It is approved", "Đã được duyệt"), _state),
    Requirement("four_eyes", Bilingual("Another person approves it", "Do người khác duyệt"), _four_eyes),
    Requirement("corrects", Bilingual("What it corrects is in force", "Thông báo được thay thế còn hiệu lực"), _corrects),
    Requirement("content", Bilingual("Text, annexes and figures hold", "Nội dung, biểu và số liệu khớp"), _content),
    Requirement("clock", Bilingual("The clock goes on from the last issue", "Giờ hệ thống sau lần ban hành cuối"), _clock),
    Requirement("certificates", Bilingual("The certificates are valid", "Chứng thư số còn hiệu lực"), _certificates),
    Requirement("time_stamps", Bilingual("Time stamps are given", "Cấp được dấu thời gian"), _time_stamps, by_doing=True),
    Requirement("metrics", Bilingual("Metrics answers", "Dịch vụ số liệu trả lời"), _metrics, by_doing=True),
)


class Unmet(NamedTuple):
    """A requirement that does not hold, and why."""

    name: RequirementName
    problem: Problem


async def demand_all(one: Candidate, requirements: Iterable[Requirement] = REQUIREMENTS) -> None:
    """Raise the problem of the first that does not hold, of those that are asked before it is issued."""
    for requirement in requirements:
        if not requirement.by_doing:
            await requirement.demand(one)


async def unmet(one: Candidate) -> list[Unmet]:
    """All that do not hold."""
    found = []
    for requirement in REQUIREMENTS:
        try:
            await requirement.demand(one)
        except Problem as problem:
            found.append(Unmet(requirement.name, problem))
    return found
