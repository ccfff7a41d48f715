"""Notices are rendered in a process of its own: its death fails one notice, and what it gathers does not last."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from services.notices.composition.model import Paragraph, TextRun
from services.notices.drafting import service as drafting
from services.notices.rendering import pdf
from services.notices.rendering.documents import NotRendered, RenderingOrder, _response, rendered
from services.notices.rendering.pdf import Unprintable
from services.notices.rendering.renderer import LIMITS, Renderer, RendererDied, RenderingFailed
from tests.notices.reference import DATED_AT, composed, inspection, pinned
from tests.patience import PATIENCE
from tests.quick import FULL
from tests.slowness import slowness


def order(*texts: str) -> RenderingOrder:
    """The reference notice, with more paragraphs."""
    notice, figures = composed()
    more = tuple(Paragraph((TextRun(text),)) for text in texts)
    return RenderingOrder(msgspec.structs.replace(notice, body=(*more, *notice.body)), figures, pinned(), DATED_AT)


async def _pid(renderer: Renderer) -> int:
    async with asyncio.timeout(PATIENCE):
        while renderer.pid is None:
            await asyncio.sleep(0.01)
    return renderer.pid


async def test_the_process_gives_the_bytes_that_this_one_gives() -> None:
    async with Renderer() as renderer:
        assert await renderer.render(order()) == rendered(order())
        first = renderer.pid
        await renderer.render(order("Thêm một đoạn."))
        assert renderer.pid == first
    assert renderer.pid is None


async def test_what_cannot_be_printed_says_so_and_the_next_notice_is_rendered() -> None:
    async with Renderer() as renderer:
        with pytest.raises(Unprintable):
            await renderer.render(order("漢"))
        assert (await renderer.render(order())).files["pdf"].startswith(b"%PDF")


def test_what_the_program_fails_over_is_a_fault_and_no_text_that_cannot_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def compile_with_warnings(self, **_: object) -> object:
            raise RuntimeError("the fonts are gone")

    monkeypatch.setattr(pdf, "_compiler", Failing)
    found = msgspec.msgpack.decode(_response(order()), type=NotRendered)
    assert (found.is_fault, found.reason.partition(" ")[0]) == (True, "RuntimeError")


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_renderer_that_dies_or_hangs_fails_its_notice_alone(blow: signal.Signals) -> None:
    limits = LIMITS if blow is signal.SIGKILL else replace(LIMITS, idle_seconds=1.0)
    async with Renderer(limits) as renderer:
        work = asyncio.create_task(renderer.render(order(*["Một đoạn dài. " * 40] * 400)))
        os.kill(await _pid(renderer), blow)
        with pytest.raises(RendererDied):
            await work
        assert renderer.pid is None
        if blow is signal.SIGKILL:
            assert (await renderer.render(order())).files["pdf"].startswith(b"%PDF")


async def test_a_text_over_which_the_checks_take_forever_is_ended_by_the_limits_and_costs_the_worker_nothing() -> None:
    notice, figures = composed()
    endless = tuple(Paragraph((TextRun("một trăm hai mươi " * 500),), source="person") for _ in range(18))
    document = msgspec.structs.replace(notice, body=(*endless, *notice.body))
    async with Renderer(replace(LIMITS, seconds=2)) as renderer:
        began = time.process_time()
        with pytest.raises(RendererDied, match="2 s of processor time"):
            await drafting.render_document(renderer, inspection(), pinned(), document, figures)
        assert time.process_time() - began < 1 * slowness()


async def test_a_fault_of_the_program_is_told_by_where_it_was_raised_and_not_by_what_was_written() -> None:
    async with Renderer() as renderer:
        with pytest.raises(RenderingFailed) as failed:
            await renderer.render(msgspec.structs.replace(order("Bà Nguyễn Thị Hoa"), figures={}))
        assert re.match(r"KeyError at checks\.py:\d+ in _miscells", str(failed.value))
        assert (await renderer.render(order())).checks


async def test_a_process_is_replaced_after_its_lifetime() -> None:
    async with Renderer(lifetime=1) as renderer:
        await renderer.render(order())
        assert renderer.pid is None
        await renderer.render(order())


def test_what_the_typesetter_keeps_of_a_notice_is_dropped_before_the_next() -> None:
    notice, figures = composed()
    pdf.forget()
    before = _allocated()
    pdf.pdf(msgspec.structs.replace(notice, abstract=("Kết luận chỉ lập một lần",)), figures, dated_at=DATED_AT)
    kept = _allocated() - before
    pdf.forget()
    assert _allocated() - before < kept / 2, kept


class _Allocated(ctypes.Structure):
    """`struct mallinfo2` of glibc."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks")),
        *((name, ctypes.c_size_t) for name in ("uordblks", "fordblks", "keepcost")),
    ]


def _allocated() -> float:
    """Megabytes that this process has in use."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Allocated
    found = mallinfo2()
    return float(found.uordblks + found.hblkhd) / 2**20


@pytest.mark.skipif(not FULL, reason="SIZE=full: 200 conclusions")
async def test_two_hundred_notices_need_no_more_memory_than_twenty() -> None:
    async with Renderer() as renderer:
        sizes = []
        for number in range(200):
            await renderer.render(order(f"Đoạn thứ {number}."))
            pid = renderer.pid
            if pid is not None:
                sizes.append(_resident(pid) + _resident(os.getpid()))
    assert sizes[-1] - sizes[19] < 20, (sizes[19], sizes[-1])


def _resident(pid: int) -> float:
    """Megabytes."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
