"""The evidence bundle of an issued notice: what its figures follow from, attached to the PDF beside the figures. Pure.

Whoever has the file alone can recompute the notice by it. It holds what the notice prints and what that was counted by, and
nothing else of the inspection: of that, and of the evidence, only digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

import msgspec

from services.notices.audit.checks import Check
from services.notices.composition.model import NoticeDocument
from services.notices.figures.model import Figure, Pinned
from services.notices.rendering.model import attached_figures

FORM = 3
"""Of the bundle; counted up when its fields, or the checks that it was issued with, change. 1 had no counts of days, and its
annexes were checked by their figures alone; 2 had no index of decision 766."""


class BundleVersions(msgspec.Struct, frozen=True):
    """The versions of what a notice stands on."""

    inspection: int
    """Of the inspection."""
    evidence: int
    """Of the evidence; 0: none was handed in."""
    text: int
    """Revision of the text that was approved."""
    position: int
    """Of the feed, at which its figures were counted."""


class BundleDigests(msgspec.Struct, frozen=True):
    """SHA-256 of what a notice stands on, in hexadecimal digits; of JSON with sorted keys, without white space."""

    figures: str
    """Of the attachment `figures.json`, byte by byte."""
    notice: str
    """Of `notice`."""
    counted: str
    """Of `counted`, which holds the rules."""
    inspection: str
    """Of the inspection as it was handed in."""
    evidence: str
    """Of its evidence."""
    counts: str | msgspec.UnsetType = msgspec.UNSET
    """Of the attachment `counts.json`, byte by byte; absent: there is none, its figures are of an early version."""


class IssueFacts(msgspec.Struct, frozen=True):
    """What issuing made of a notice."""

    reference: str
    """Its number and symbol."""
    body: str
    """Who issued it."""
    issued_on: date
    """Its date."""
    code: str
    """Under which it is verified."""
    corrects: str | None
    """Reference of the notice whose place it took; null: of none."""


class EvidenceBundle(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures of an issued notice follow from, and what it prints of them."""

    form: int = FORM
    """Of this bundle."""
    issue: IssueFacts
    """Number, date, body."""
    notice: NoticeDocument
    """What it prints, each number bound to its figure."""
    counted: Pinned
    """Whose counts these are, and by which rules; the figures themselves are in `figures.json`."""
    versions: BundleVersions
    """Of what it stands on."""
    digests: BundleDigests
    """Of what it stands on."""
    failed: list[Check]
    """Checks that did not hold when it was approved, and were waived with a reason."""


def bundle_of(
    issue: IssueFacts,
    notice: NoticeDocument,
    figures: dict[str, Figure],
    pinned: Pinned,
    checks: Iterable[Check],
    versions: BundleVersions,
    *,
    inspection: object,
    evidence: object,
    counts: str = "",
) -> EvidenceBundle:
    """The bundle of a notice as it is printed; `checks` are those of its text when it was approved. `counts`: the attachment
    `counts.json`, empty where there is none."""
    # What was derived and is not printed, or was edited out, is none of the public's business.
    printed = msgspec.structs.replace(notice, shortcomings=(), recommendations=())
    counted = msgspec.structs.replace(pinned, figures={}, freshness=None)
    return EvidenceBundle(
        issue=issue,
        notice=printed,
        counted=counted,
        versions=versions,
        digests=BundleDigests(
            hashlib.sha256(attached_figures(figures)).hexdigest(),
            digest_of(printed),
            digest_of(counted),
            digest_of(inspection),
            digest_of(evidence),
            hashlib.sha256(counts.encode()).hexdigest() if counts else msgspec.UNSET,
        ),
        failed=[one for one in checks if not one.ok],
    )


def digest_of(value: object) -> str:
    """SHA-256 of a value's JSON with sorted keys."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
