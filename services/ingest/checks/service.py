"""Trying a source as it is set. It may be disabled, and nothing of it is changed: neither its cursor nor its breaker.

No transaction is open while it is tried.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

import msgspec

from services.ingest.catalogue.model import Ruleset
from services.ingest.catalogue.rulesets import RulesetCache
from services.ingest.checks.model import CheckResult
from services.ingest.inquiries.service import respond_next
from services.ingest.sources.checks import CheckedRecord, CheckedStep, CheckOutcome, CheckStep, step
from services.ingest.sources.errors import SourceError, SourceMisconfigured
from services.ingest.sources.model import Arrival
from services.ingest.sources.reader import open_source
from services.ingest.sources.store.sources import SourceRow
from services.ingest.sources.traits import is_pulled
from shared.civil import civil_day
from shared.database import TRANSIENT_ERRORS, Database
from shared.languages import Bilingual, bilingual
from shared.logs import logger, where

log = logger("checking")

CHECK_SECONDS = 14.0
"""How long the calls of a check may take together."""
CALL_LIMITS = {"attempts": 1, "connect_seconds": 4.0, "read_seconds": 5.0, "call_seconds": 5.0, "budget_seconds": CHECK_SECONDS}
"""Settings of the source that no check exceeds: somebody waits for it."""
_OVER = Bilingual("The time of the check was over before this was tried.", "Hết thời gian kiểm tra trước khi thử bước này.")
_SETTINGS_WORK = Bilingual("The settings can be read.", "Thiết lập đọc được.")


async def check_next(database: Database, rulesets: RulesetCache, now: datetime) -> bool:
    """Make the oldest check that somebody waits for; False when there is none."""

    async def check(source: SourceRow) -> CheckResult:
        result = await _checked(source, now)
        if result.record is None:
            return result
        async with database.connection() as connection:
            unmapped = _unmapped(result.record, await rulesets.of(connection, source.province), now)
        return msgspec.structs.replace(result, record=msgspec.structs.replace(result.record, unmapped=unmapped))

    return await respond_next(database, "check", check, now)


async def _checked(source: SourceRow, now: datetime) -> CheckResult:
    began = time.monotonic()
    steps: list[CheckedStep] = []
    record: CheckedRecord | None = None
    reader = open_source(_bounded(source))
    try:
        async with asyncio.timeout(CHECK_SECONDS), reader:
            steps.append(step(CheckStep.settings, CheckOutcome.works, _SETTINGS_WORK))
            async for finding in reader.check(now):
                if isinstance(finding, CheckedStep):
                    steps.append(finding)
                else:
                    record = finding
    except TimeoutError:
        log.warning("source not checked in time", source=source.name)
    except SourceMisconfigured as error:
        steps.append(step(CheckStep.settings, CheckOutcome.fails, error.text, "settings.base_url", "secret"))
    except SourceError as error:
        steps.append(step(CheckStep.address, CheckOutcome.fails, error.text, "settings.base_url"))
    except TRANSIENT_ERRORS:
        raise
    except Exception as error:
        # Of an unforeseen fault only the type of the error is stored: its message may quote what the portal sent.
        log.error("source not checked", source=source.name, error=type(error).__name__, at=where(error))
        fault = bilingual(
            "The check ended by a fault of ours ({name}), which was logged.",
            "Kiểm tra dừng vì lỗi của hệ thống ({name}), đã ghi nhật ký.",
            name=type(error).__name__,
        )
        steps.append(step(_next_step(steps), CheckOutcome.fails, fault))
    steps = sorted([*steps, *_untried(steps)], key=lambda one: list(CheckStep).index(one.step))
    return CheckResult(steps=steps, record=record, calls=reader.calls, seconds=round(time.monotonic() - began, 3))


def _bounded(source: SourceRow) -> SourceRow:
    """The source with settings that give up early, however patient its pulls are, and without its breaker."""
    bounded = {
        name: min(given, limit) if isinstance(given := source.settings.get(name, limit), int | float) else given
        for name, limit in CALL_LIMITS.items()
    }
    return source._replace(settings={**source.settings, **bounded}, breaker=None)


def _untried(steps: list[CheckedStep]) -> list[CheckedStep]:
    failed = next((one.step for one in steps if one.outcome is CheckOutcome.fails), None)
    because = (
        bilingual("Not tried, since the step {failed} fails.", "Chưa thử vì bước {failed} không được.", failed=failed.value)
        if failed is not None
        else _OVER
    )
    tried = {one.step for one in steps}
    return [step(one, CheckOutcome.not_tried, because) for one in CheckStep if one not in tried]


def _next_step(steps: list[CheckedStep]) -> CheckStep:
    tried = {one.step for one in steps}
    return next((one for one in CheckStep if one not in tried), CheckStep.statistics)


def _unmapped(record: CheckedRecord, ruleset: Ruleset, now: datetime) -> list[str]:
    received = record.fields.get("received_at")
    on = civil_day(datetime.fromisoformat(received) if received is not None else now)
    agency, procedure = record.fields.get("agency"), record.fields.get("procedure")
    unknown = []
    if agency is not None and ruleset.structure.key_for(agency, on) is None:
        unknown.append("agency")
    if procedure is not None and ruleset.procedures.get(procedure, on) is None:
        unknown.append("procedure")
    return unknown


_ROUTES = {
    Arrival.events: "POST /v1/events?source={name}",
    Arrival.national: "POST /v1/national/{name}",
    Arrival.imports: "POST /v1/imports?source={name}",
}


def check_of_sender(source: SourceRow, arrival: Arrival) -> CheckResult:
    """What there is to say of a source that sends by itself: nothing is asked of it."""
    assert not is_pulled(source.kind)
    route = _ROUTES[arrival].format(name=source.name)
    sends = bilingual(
        "It sends by itself: nothing is asked of it. Its records come to {route}, with a key of the scope events:write; the"
        " response tells what could not be read.",
        "Nguồn tự gửi: không cần hỏi. Bản ghi gửi đến {route} bằng khóa có phạm vi events:write; kết quả trả về nêu bản ghi"
        " không đọc được.",
        route=route,
    )
    steps = [step(CheckStep.settings, CheckOutcome.works, _SETTINGS_WORK)]
    steps += [step(one, CheckOutcome.not_needed, sends) for one in CheckStep if one is not CheckStep.settings]
    return CheckResult(steps=steps, record=None, calls=0, seconds=0.0)
