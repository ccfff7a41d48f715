"""What stands against the approval of a notice, and who may approve it. Pure.

A notice is approved when nothing stands against it that is not waived with a reason: the reason is stored for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from services.notices.audit.checks import CONTRADICTION_CHECK, Check
from services.notices.audit.model import Claim
from services.notices.figures.model import Pinned
from shared.languages import Bilingual, bilingual

ObstacleKind = Literal["contradiction", "failed_check", "caveat", "doubtful_dossiers", "outdated"]
"""`contradiction`: the audit contradicts a claim of the text; `failed_check`: a check of its figures failed; `caveat`: its
figures are incomplete or not final; `doubtful_dossiers`: dossiers in its figures contradict themselves; `outdated`: inspection
or evidence changed since it was drafted."""


class Obstacle(msgspec.Struct, frozen=True):
    """Something that stands against the approval of a notice, unless it is waived with a reason."""

    id: str
    """Under which it is waived; the same as long as it is the same."""
    kind: ObstacleKind
    """What it is."""
    detail: str
    """What was found, in English."""
    detail_vi: str
    """The same in Vietnamese."""


class WaivedObstacle(msgspec.Struct, frozen=True):
    """An obstacle that did not keep a notice from being approved."""

    obstacle: Obstacle
    """What stood against it."""
    reason: str
    """Why it was approved nevertheless."""


def obstacles_of(claims: Iterable[Claim], checks: Iterable[Check], pinned: Pinned, *, outdated: bool) -> list[Obstacle]:
    """All that stands against the approval of a notice: `claims` are those that the audit of its text contradicts."""
    found = [_of_claim(one) for one in claims]
    # The audit states by itself, claim by claim, what this check counts.
    found += [_of_check(one) for one in checks if not one.ok and one.name != CONTRADICTION_CHECK]
    found += [Obstacle(f"caveat-{one.kind}", "caveat", one.detail, one.text) for one in pinned.caveats]
    if doubtful := _doubtful(pinned.freshness):
        text = bilingual(
            "{n} dossiers in the figures contradict themselves.",
            "Có {n} hồ sơ trong số liệu có thông tin mâu thuẫn.",
            n=doubtful,
        )
        found.append(Obstacle(f"doubtful-dossiers-{doubtful}", "doubtful_dossiers", text.en, text.vi))
    if outdated:
        found.append(Obstacle("outdated", "outdated", _OUTDATED.en, _OUTDATED.vi))
    return list({one.id: one for one in found}.values())


_OUTDATED = Bilingual(
    "The inspection or its evidence has changed since the notice was drafted: regenerate it to state the new.",
    "Cuộc kiểm tra hoặc kết quả kiểm tra đã thay đổi sau khi lập thông báo: lập lại để nêu nội dung mới.",
)


def _of_claim(claim: Claim) -> Obstacle:
    text = bilingual(
        "The text contradicts itself: {equation} is claimed, {computed} follows. Around it: {quote}",
        "Nội dung mâu thuẫn: nêu {equation}, tính ra {computed}. Đoạn: {quote}",
        equation=claim.equation,
        computed=claim.computed,
        quote=claim.quote,
    )
    return Obstacle(_id("contradiction", claim.equation, claim.quote), "contradiction", text.en, text.vi)


def _of_check(check: Check) -> Obstacle:
    text = bilingual(
        "A check failed: {name}. {detail}.", "Phép kiểm tra không đạt: {name}. {detail}.", name=check.name, detail=check.detail
    )
    return Obstacle(_id("check", check.name, check.detail), "failed_check", text.en, text.vi)


def _id(kind: str, *parts: str) -> str:
    return f"{kind}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:12]}"


class _Freshness(msgspec.Struct):
    """What is read of the completeness that was stored with the figures."""

    doubtful: int = 0


def _doubtful(freshness: object) -> int:
    try:
        return msgspec.convert(freshness, _Freshness).doubtful
    except msgspec.ValidationError:
        return 0


def waived(obstacles: Sequence[Obstacle], reasons: Mapping[str, str]) -> tuple[list[WaivedObstacle], list[Obstacle]]:
    """Those that are waived, with the reasons, and those that still stand."""
    return (
        [WaivedObstacle(one, reasons[one.id]) for one in obstacles if one.id in reasons],
        [one for one in obstacles if one.id not in reasons],
    )


class Hand(NamedTuple):
    """Somebody through whose hands a notice went: a key, and the names under which that was."""

    key_id: str
    names: tuple[str, ...]


def is_of_hands(key_id: str, name: str, hands: Iterable[Hand]) -> bool:
    """Whether a person is one of these: by the key, or by a name, since a person may have several keys."""
    own = _folded(name)
    return any(hand.key_id == key_id or own in map(_folded, hand.names) for hand in hands)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
