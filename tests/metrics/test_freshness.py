"""What a process does not look at any more is not answered from memory: real processes, really stopped."""

from __future__ import annotations

import hashlib
import os
import signal
from typing import Any

import asyncpg

from deploy.local.services import Process
from tests.metrics.stack import AGENCY, PERIOD, Stack, kinds_in


def complete(answer: dict[str, Any]) -> bool:
    found: bool = answer["freshness"]["complete"]
    return found


def send(process: Process, number: int) -> None:
    assert process.child is not None
    os.kill(process.child.pid, number)


async def test_what_the_api_does_not_look_at_any_more_is_not_answered_from_memory(stack: Stack) -> None:
    await stack.push("30", 1, 6)
    assert await stack.counted("30", 6) == 6
    await stack.until("30", complete)
    table = await stack.watch.get("/v1/kpis", params={"province": "30", **PERIOD, "format": "csv"})
    assert (table.headers["figures-complete"], "figures-incomplete" in table.headers) == ("true", False)
    assert "incomplete" not in table.headers["content-disposition"]
    admin = await asyncpg.connect(stack.metrics_url)
    looking = await admin.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'motcua-metrics-api' AND query LIKE '%alert.closed_at)%'"
        " AND datname = current_database()"
    )
    # The session through which the API looks how far the provinces are and who is silent: the task behind it hangs.
    os.kill(looking, signal.SIGSTOP)
    try:
        send(stack.worker, signal.SIGSTOP)
        await stack.until("30", lambda answer: "worker_silent" in kinds_in(answer))
    finally:
        os.kill(looking, signal.SIGCONT)
        send(stack.worker, signal.SIGCONT)
    await stack.until("30", complete)
    await admin.close()
    # The stack is there: a file of petitions that is sent to metrics is read by ingest, whose refusal is passed on as it is.
    head = "Mã PAKN,Cơ quan xử lý,Ngày tiếp nhận,Ngày xử lý,Ngày công khai"
    file = f"{head}\nPA-1,{AGENCY['name_vi']},01/06/2023,05/06/2023,06/06/2023\n".encode("utf-16")
    words, media = {"province": "30", "subject": "rule"}, {"Content-Type": "text/csv", "Accept-Language": "vi"}
    taken = await stack.watch.post("/v1/petitions/files", params=words, content=file, headers=media)
    assert (taken.json()["new"], taken.json()["reading"]["encodings"]) == (1, ["utf-16"])
    assert taken.json()["file"] == hashlib.sha256(file).hexdigest()[:32]
    unknown = await stack.watch.post("/v1/petitions/files", params={**words, "corrects": "x"}, content=file, headers=media)
    assert unknown.status_code == 404
    refused = await stack.watch.post("/v1/petitions/files", params=words, content=b"a,b\n1,2\n", headers=media)
    assert refused.status_code == 422
    assert "Mã phản ánh" in refused.json()["detail"]
