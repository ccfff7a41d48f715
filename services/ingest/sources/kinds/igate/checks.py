"""Trying an iGate portal call by call, as a pull would ask it: what works, and which setting to change where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import msgspec
from msgspec import Struct

from services.ingest.events.model import Reason
from services.ingest.events.reasons import wording
from services.ingest.sources.checks import CheckedStep, CheckOutcome, CheckStep, Finding, UnknownWord, step, understood
from services.ingest.sources.errors import SourceAway, SourceError, SourceMisconfigured, SourceRefuses, WrongPath
from services.ingest.sources.fields.vocabulary import CHANNELS, PAID_ONLINE, STATUSES, Names
from services.ingest.sources.fields.whitelist import NO_OFFSET, unknown_word
from services.ingest.sources.http.client import PortalClient
from services.ingest.sources.kinds.igate.names import name_of
from services.ingest.sources.kinds.igate.portal_list import PATH
from services.ingest.sources.kinds.igate.record import Decoder, Page
from services.ingest.sources.kinds.igate.settings import Settings
from services.ingest.sources.kinds.igate.totals import STATISTIC, totals
from services.ingest.sources.kinds.igate.verification import CAPS
from services.ingest.sources.kinds.igate.wire import Named
from shared.languages import Bilingual, bilingual, joined

ROWS = 20
"""Records that are read; one of them is shown."""
_DAYS = timedelta(days=30)
"""Of the statistics that are asked for."""
_SORT = "updatedDate,desc"
_BASE_URL, _REALM = "settings.base_url", "settings.realm"
_SETTING_OF = {Reason.unknown_status: "statuses", Reason.unknown_channel: "channels", Reason.bad_code: "codes"}
_CLOCK = Bilingual(
    "A date is not ISO 8601 with an offset. For dates like 2023-04-28T09:00:00 set `clock` to `vietnam` or `utc`.",
    "Ngày giờ không theo ISO 8601 kèm múi giờ. Nếu viết dạng 2023-04-28T09:00:00, đặt `clock` là `vietnam` hoặc `utc`.",
)
_FIRST_PAGE = Bilingual(
    "Its pages begin at 0, and the newest dossiers stand on that one: without `first_page` they are read.",
    "Trang của cổng bắt đầu từ 0 và hồ sơ mới nhất nằm ở trang đó: bỏ `first_page` thì mới đọc được.",
)
_NO_TOKEN = step(CheckStep.token, CheckOutcome.not_needed, Bilingual("No token is used.", "Không dùng mã truy cập."))


class _Read(NamedTuple):
    page: Page
    unknown_words: list[UnknownWord]


async def check(client: PortalClient, decoder: Decoder, settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    """Token, list, a record and statistics, in three calls; in four where pages are not counted from 0."""
    try:
        await client.authenticate()
    except SourceError as error:
        for found in _token_fails(client, settings, error):
            yield found
        return
    if not settings.without_token:
        yield _reached(client)
        text = bilingual(
            "It gives tokens to the client {client}.", "Cấp được mã cho client {client}.", client=settings.client_id
        )
        yield step(CheckStep.token, CheckOutcome.works, text)

    def read(body: bytes) -> _Read:
        return _Read(decoder.page(body), _unknown_words(body, settings))

    def listed(number: int) -> Awaitable[_Read]:
        return client.fetch(PATH, {"spec": "page", "page": number, "size": ROWS, "sort": _SORT}, read, renewals=0)

    try:
        page, unknown_words = await listed(settings.first_page)
    except SourceError as error:
        for found in _list_fails(client, settings, error):
            yield found
        return
    if settings.without_token:
        yield _reached(client)
        yield _NO_TOKEN
    if settings.first_page and await _has_other_rows(listed(0), page):
        yield step(CheckStep.list, CheckOutcome.fails, _FIRST_PAGE, "settings.first_page")
    else:
        yield _listed(page)
    for finding in _record(page, unknown_words):
        yield finding
    yield await _statistics(client, now)


async def _has_other_rows(before: Awaitable[_Read], page: Page) -> bool:
    """Whether the page before the first one has other rows than this one: then its number is that of the first."""
    try:
        found = await before
    except SourceError:
        # Its pages begin at 1, and it says so.
        return False
    return len(set(found.page.rows) - set(page.rows)) * 2 > len(found.page.rows)  # some may just have come


def _reached(client: PortalClient) -> CheckedStep:
    text = bilingual("{address} answers.", "{address} có trả lời.", address=client.address.written)
    return step(CheckStep.address, CheckOutcome.works, text)


def _unreachable(client: PortalClient, error: SourceError) -> CheckedStep | None:
    """The address fails where no call was answered at all."""
    if isinstance(error, SourceMisconfigured) and not client.answered:
        return step(CheckStep.address, CheckOutcome.fails, error.text, _BASE_URL)  # it was not called: it may not be
    if not isinstance(error, SourceAway) or client.answered:
        return None
    values = {"address": client.address.written}
    if client.calls["time-out"]:
        text = bilingual(
            "{address} does not answer in time. Check host and port of base_url, and whether a firewall lets ingest's worker"
            " through.",
            "{address} không trả lời kịp. Kiểm tra máy chủ và cổng trong base_url, và tường lửa có cho tiến trình nền của"
            " ingest đi qua không.",
            **values,
        )
    else:
        text = bilingual(
            "No connection to {address} comes about. Check scheme, host and port of base_url, the certificate, and the"
            " firewall.",
            "Không kết nối được tới {address}. Kiểm tra http/https, máy chủ và cổng trong base_url, chứng thư và tường lửa.",
            **values,
        )
    return step(CheckStep.address, CheckOutcome.fails, text, _BASE_URL)


def _token_fails(client: PortalClient, settings: Settings, error: SourceError) -> Iterator[CheckedStep]:
    unreachable = _unreachable(client, error)
    if unreachable is not None:
        yield unreachable
        return
    yield _reached(client)
    change: tuple[str, ...] = ()
    text = error.text
    if isinstance(error, WrongPath):
        change = (_BASE_URL, _REALM)
    elif isinstance(error, SourceRefuses):
        change = ("secret", "settings.username" if settings.grant == "password" else "settings.client_id", "settings.grant")
        text = bilingual(
            "The portal gives no token for these credentials: the address is right, {what} or the password behind `secret` is"
            " not.",
            "Cổng không cấp mã cho thông tin đăng nhập này: địa chỉ đúng, nhưng {what} hoặc mật khẩu của `secret` sai.",
            what="`username`" if settings.grant == "password" else "`client_id`",
        )
    elif not isinstance(error, SourceAway):
        change = (_BASE_URL,)
    yield step(CheckStep.token, CheckOutcome.fails, text, *change)


def _list_fails(client: PortalClient, settings: Settings, error: SourceError) -> Iterator[CheckedStep]:
    if settings.without_token:
        unreachable = _unreachable(client, error)
        if unreachable is not None:
            yield unreachable
            return
        yield _reached(client)
        yield _NO_TOKEN
    change: tuple[str, ...] = (_BASE_URL,)
    text = error.text
    if isinstance(error, WrongPath):
        text = bilingual(
            "The list of dossiers is not at {path} below base_url: base_url is another system's, or its path is wrong.",
            "Không có danh sách hồ sơ tại {path} dưới base_url: base_url là của hệ thống khác hoặc sai đường dẫn.",
            path=PATH,
        )
    elif isinstance(error, SourceRefuses):
        change = ("settings.without_token",) if settings.without_token else ("settings.client_id",)
        text = bilingual(
            "The portal lets this client not read {path}: have its operator give the right to read dossiers.",
            "Cổng không cho client này đọc {path}: đề nghị đơn vị vận hành cấp quyền đọc hồ sơ.",
            path=PATH,
        )
    elif isinstance(error, SourceAway):
        change = ()
    yield step(CheckStep.list, CheckOutcome.fails, text, *change)


def _listed(page: Page) -> CheckedStep:
    total = "?" if page.total is None else page.total
    sentences = [bilingual("It lists {total} dossiers.", "Có {total} hồ sơ.", total=total)]
    if page.total is None:
        text = "It gives no total: whole pulls read it twice.", "Không cho tổng số: lượt kéo toàn bộ đọc hai lần."
        sentences.append(Bilingual(*text))
    elif page.total in CAPS:
        text = (
            "Totals are cut off at such numbers: pulls read on behind it.",
            "Tổng số thường bị cắt ở mức này: lượt kéo vẫn đọc tiếp phía sau.",
        )
        sentences.append(Bilingual(*text))
    if any(later[0] > earlier[0] for earlier, later in pairwise(page.keys)):
        text = "It is not ordered by change: each pull reads it whole.", "Không sắp theo thay đổi: mỗi lượt kéo đọc toàn bộ."
        sentences.append(Bilingual(*text))
    return step(CheckStep.list, CheckOutcome.works, joined(sentences))


def _record(page: Page, unknown_words: list[UnknownWord]) -> Iterator[Finding]:
    if not page.served:
        text = Bilingual("The list is empty: there is no record to read yet.", "Danh sách trống: chưa có hồ sơ để đọc thử.")
        yield step(CheckStep.record, CheckOutcome.not_tried, text)
        return
    event = page.events[0] if page.events else None
    values: dict[str, object] = {"n": len(page.events), "all": page.served}
    counted = bilingual("{n} of {all} records can be read.", "Đọc được {n} trên {all} hồ sơ.", **values)
    if page.rejected:
        ((reason, _),) = Counter(one.reason for one in page.rejected).most_common(1)
        words = wording(reason)
        text = joined([counted, Bilingual(words.en, words.vi), Bilingual(words.todo_en, words.todo_vi)])
        setting = _SETTING_OF.get(reason)
        if any(one.reason is reason and one.detail.endswith(NO_OFFSET) for one in page.rejected):
            text, setting = joined([counted, _CLOCK]), "clock"
        yield step(CheckStep.record, CheckOutcome.fails, text, *([f"settings.{setting}"] if setting else []))
    elif unknown_words:
        text = Bilingual("Some of their words are not known: see unknown_words.", "Có từ chưa biết nghĩa: xem unknown_words.")
        yield step(CheckStep.record, CheckOutcome.works, joined([counted, text]))
    else:
        yield step(CheckStep.record, CheckOutcome.works, counted)
    yield understood(event, records=page.served, rejected=len(page.rejected), unknown_words=unknown_words)


async def _statistics(client: PortalClient, now: datetime) -> CheckedStep:
    try:
        found = await totals(client, now - _DAYS, now, renewals=0)
    except SourceError as error:
        text = bilingual(
            "The portal's totals at {path} cannot be read. {error} Dossiers are counted nonetheless, but cannot be compared"
            " with the portal's own totals.",
            "Không đọc được số tổng của cổng tại {path}. {error} Hồ sơ vẫn được đếm nhưng không đối chiếu được với số của"
            " cổng.",
            path=STATISTIC,
            error=error.text,
        )
        change = ("settings.client_id",) if isinstance(error, SourceRefuses) else ()
        return step(CheckStep.statistics, CheckOutcome.fails, text, *change)
    text = bilingual("It counts for {n} agencies itself.", "Cổng tự thống kê cho {n} cơ quan.", n=len(found))
    return step(CheckStep.statistics, CheckOutcome.works, text)


class _Row(Struct, rename="camel"):
    dossier_status: Named | None = None
    apply_method: Named | None = None
    dossier_receiving_kind: Named | None = None
    payment_method: Named | None = None


class _Rows(Struct):
    content: list[_Row]


def _unknown_words(body: bytes, settings: Settings) -> list[UnknownWord]:
    """Words of a page that nobody knows; of a page that is not as agreed none are listed, its records tell."""
    try:
        rows = msgspec.json.decode(body, type=_Rows).content
    except (msgspec.DecodeError, ValueError, RecursionError):
        return []
    statuses, channels = Names(STATUSES, settings.statuses), Names(CHANNELS, settings.channels)
    paid = Names(PAID_ONLINE, settings.paid_online)
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        ways = [name for one in (row.apply_method, row.dossier_receiving_kind) if (name := _name(one)) is not None]
        found = {("channels", name) for name in ways if channels.get(name) is None}
        if (status := _name(row.dossier_status)) is not None and statuses.get(status) is None:
            found.add(("statuses", status))
        if (payment := _name(row.payment_method)) is not None and paid.get(payment) is None:
            found.add(("paid_online", payment))
        counted.update({(setting, unknown_word(setting, word, setting).word) for setting, word in found})
    return [UnknownWord(setting=setting, word=word, count=count) for (setting, word), count in counted.most_common()]


def _name(named: Named | None) -> str | None:
    return None if named is None else name_of(named.name)
