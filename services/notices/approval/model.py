"""What stands against the approval of a notice, and who may approve it. Pure.

A notice is approved when nothing stands against it that is not waived with a reason: the reason is stored for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from services.notices.audit.checks import CONTRADICTION_CHECK, Check
from services.notices.audit.model import Claim
from services.notices.figures.model import Pinned
from shared.access.principals import folded_name
from shared.languages import Bilingual, bilingual

ObstacleKind = Literal["contradiction", "failed_check", "caveat", "doubtful_dossiers", "outdated"]
"""`contradiction`: the audit contradicts a claim of the text; `failed_check`: a check of its figures failed; `caveat`: its
figures are incomplete or not final; `doubtful_dossiers`: dossiers in its figures contradict themselves; `outdated`: inspection
or evidence changed since it was drafted, or changed again since that was waived."""


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


class StatedVersions(NamedTuple):
    """The versions of inspection and evidence that a notice states, and the newest there are."""

    inspection: int | None
    """None: not known of a notice that an early version drafted."""
    evidence: int
    """0: there was none."""
    newest_inspection: int
    newest_evidence: int


def obstacles_of(claims: Iterable[Claim], checks: Iterable[Check], pinned: Pinned, versions: StatedVersions) -> list[Obstacle]:
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
    if (outdated := outdated_of(versions)) is not None:
        found.append(outdated)
    return list({one.id: one for one in found}.values())


def outdated_of(versions: StatedVersions) -> Obstacle | None:
    """That inspection or evidence changed since the notice was drafted; None: they did not.

    Its id names the newest versions: whoever waived it knew these, and no later ones.
    """
    stated = (versions.inspection, versions.evidence)
    newest = (versions.newest_inspection, versions.newest_evidence)
    if stated == newest:
        return None
    changed = [
        bilingual(
            "{what} (stated: version {old}, newest: {new})",
            "{what} (đã nêu: phiên bản {old}, mới nhất: {new})",
            what=what,
            old=old or "?",
            new=new,
        )
        for what, old, new in zip((_INSPECTION, _EVIDENCE), stated, newest, strict=True)
        if old != new
    ]
    text = bilingual(
        "Changed since the notice was drafted: {what}. Regenerate it to state the new.",
        "Đã thay đổi sau khi lập thông báo: {what}. Lập lại để nêu nội dung mới.",
        what=Bilingual(", ".join(one.en for one in changed), ", ".join(one.vi for one in changed)),
    )
    return Obstacle(f"outdated-{newest[0]}-{newest[1]}", "outdated", text.en, text.vi)


def unapproved(versions: StatedVersions, checks: Iterable[Check], known: Collection[str]) -> list[Obstacle]:
    """What stands against issuing an approved notice: what nobody waived (`known`) when it was approved."""
    outdated = outdated_of(versions)
    found = [_of_check(one) for one in checks if not one.ok] + ([] if outdated is None else [outdated])
    return [one for one in found if one.id not in known]


_INSPECTION = Bilingual("the inspection", "cuộc kiểm tra")
_EVIDENCE = Bilingual("its evidence", "kết quả kiểm tra")


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
    own = folded_name(name)
    return any(hand.key_id == key_id or own in map(folded_name, hand.names) for hand in hands)
