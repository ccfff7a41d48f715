"""Recomputing an issued notice by its evidence bundle alone. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from services.notices.audit.checks import recheck, recompute
from services.notices.figures.counts import CountedDays
from services.notices.figures.model import Figure, key_parts
from services.notices.issuing.bundle import FORM, EvidenceBundle, digest_of
from services.notices.quantities import wording
from services.notices.verification.model import CODE

_SHA_256 = re.compile("[0-9a-f]{64}")
_MAX_VERSION = 2**63
_BUNDLE = msgspec.json.Decoder(EvidenceBundle)
_FIGURES = msgspec.json.Decoder(list[Figure])
_COUNTS = msgspec.json.Decoder(CountedDays)


class Recomputed(NamedTuple):
    """What was found of a bundle."""

    bundle: EvidenceBundle | None
    """None where it cannot be read."""
    figures: int
    """How many there are."""
    checks: int
    """How many equations and rules were recomputed."""
    faults: list[str]
    """What does not follow, in English; empty: everything does."""
    known: list[str]
    """Checks that did not hold when it was approved either, and were waived."""
    counts: int | None = None
    """How many counts of days and agencies the figures were summed of; None: it carries none."""


def recomputed(evidence: bytes, figures: bytes, counts: bytes | None = None) -> Recomputed:
    """Recompute every sum, rate and list by `evidence.json`, `figures.json` and, where there is one, `counts.json`."""
    try:
        bundle, listed = _BUNDLE.decode(evidence), _FIGURES.decode(figures)
        counted = None if counts is None else _COUNTS.decode(counts)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return Recomputed(None, 0, 0, [f"the bundle cannot be read: {error}"], [])
    faults = list(_form(bundle, listed, evidence, figures))
    faults += _form_of_counts(bundle, counted, counts)
    by_key = {one.key: one for one in listed}
    try:
        stated = bundle.notice, by_key, bundle.counted
        checks = recompute(*stated) if bundle.form == 1 else recheck(*stated, counted)
        faults += _shares(by_key)
        faults += _rules(bundle, by_key)
        faults += _head(bundle)
        faults += _facts(bundle)
    except (KeyError, IndexError, AssertionError, ArithmeticError, ValueError, TypeError, AttributeError) as error:
        return Recomputed(bundle, len(by_key), 0, [*faults, f"it cannot be recomputed: {type(error).__name__} {error}"], [])
    waived = {(one.name, one.detail) for one in bundle.failed}
    failed = [one for one in checks if not one.ok]
    faults += [f"{one.name}: {one.detail}" for one in failed if (one.name, one.detail) not in waived]
    known = [one.name for one in failed if (one.name, one.detail) in waived]
    return Recomputed(bundle, len(by_key), len(checks), faults, known, None if counted is None else counted.entries)


def _form(bundle: EvidenceBundle, listed: list[Figure], evidence: bytes, figures: bytes) -> Iterator[str]:
    """The bundle is written as we write it, and its digests are those of what it holds."""
    if msgspec.json.encode(bundle) != evidence or msgspec.json.encode(listed) != figures:
        yield "the bundle is not written as it is issued"
    if len({one.key for one in listed}) != len(listed):
        yield "a figure stands twice"
    computed = (hashlib.sha256(figures).hexdigest(), digest_of(bundle.notice), digest_of(bundle.counted))
    stated = (bundle.digests.figures, bundle.digests.notice, bundle.digests.counted)
    for name, one, other in zip(("figures", "notice", "counted"), computed, stated, strict=True):
        if one != other:
            yield f"the digest of {name} is {one}, not {other}"


def _form_of_counts(bundle: EvidenceBundle, counted: CountedDays | None, counts: bytes | None) -> Iterator[str]:
    """The counts are written as we write them, and are those that the bundle names."""
    if not 1 <= bundle.form <= FORM or (bundle.form == 1 and counts is not None):
        yield f"form {bundle.form} of the bundle is not known here"
    if counts is not None and msgspec.json.encode(counted) != counts:
        yield "the counts are not written as they are issued"
    digest = msgspec.UNSET if counts is None else hashlib.sha256(counts).hexdigest()
    if digest != bundle.digests.counts:
        yield f"the digest of counts is {digest or 'none'}, not {bundle.digests.counts or 'none'}"


def _shares(figures: dict[str, Figure]) -> Iterator[str]:
    """Part and base of a share that are stated by themselves are those of the share."""
    for key, figure in figures.items():
        for name, wanted in ((".part", figure.numerator), (".base", figure.denominator)):
            kpi, mark, subject = key_parts(key)
            stated = figures.get(f"{kpi}{name}{mark}{subject}")
            if figure.denominator is not None and stated is not None and stated.numerator != wanted:
                yield f"{stated.key} is {stated.numerator}, {key} has {wanted}"


def _rules(bundle: EvidenceBundle, figures: dict[str, Figure]) -> Iterator[str]:
    """What was counted was counted by a rule of the catalogue, and each figure has one origin."""
    rules = {one.rule for one in bundle.counted.catalogue.kpis}
    for key, figure in figures.items():
        if figure.rule is not None and rules and figure.rule not in rules:
            yield f"{key} was counted by {figure.rule}, which is no rule of the catalogue"
        if sum(one is not None for one in _origins(figure)) != 1:
            yield f"{key} has not one origin"
    if bundle.versions.position != bundle.counted.position:
        yield f"the figures are of position {bundle.counted.position}, not {bundle.versions.position}"


def _origins(figure: Figure) -> tuple[object, ...]:
    return figure.figure_id, figure.input_path, figure.evidence, figure.derived, figure.index


def _facts(bundle: EvidenceBundle) -> Iterator[str]:
    """What stands for nothing that the file holds is at least what issuing writes."""
    for name, digest in msgspec.structs.asdict(bundle.digests).items():
        if digest is not msgspec.UNSET and _SHA_256.fullmatch(digest) is None:
            yield f"the digest of {name} is none"
    for name, version in msgspec.structs.asdict(bundle.versions).items():
        if not 0 <= version < _MAX_VERSION:
            yield f"the version of {name} is none"
    if not bundle.issue.body.strip() or CODE.fullmatch(bundle.issue.code) is None:
        yield "it names no body that issued it, or no code under which it is verified"


def _head(bundle: EvidenceBundle) -> Iterator[str]:
    """Number and date stand where the notice prints them."""
    issue, notice = bundle.issue, bundle.notice
    if notice.reference.partition(":")[2].strip() != issue.reference:
        yield f"it prints {notice.reference}, issued is {issue.reference}"
    if not notice.locality_and_date.endswith(f", {wording.long_day(issue.issued_on)}"):
        yield f"it prints {notice.locality_and_date}, issued on {issue.issued_on.isoformat()}"
