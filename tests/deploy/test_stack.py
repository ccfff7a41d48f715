"""`make run` as whoever starts it meets it: up, interrupted, killed, started again, hindered. Real processes throughout."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.running import running_on
from deploy.local.servers import free_port
from deploy.local.services import ROOT
from deploy.local.stack import Ports, Stack, StackError
from tests.deploy import readme

_HEADER = (
    "case:concept:name,concept:name,time:timestamp,case:channel,case:department,case:group,case:startdate,case:deadline,"
    "case:enddate"
)

HAI_DUONG = {
    "MOTCUA_SECRET_HAI_DUONG": "of-a-portal-that-is-not-there",
    "MOTCUA_SECRET_HAI_DUONG_PROVINCE": "30",
    "MOTCUA_SECRET_HAI_DUONG_HOSTS": "motcua.example",
}
"""What the README has an operator give to ingest before it connects that source."""

PATIENCE = 300.0
"""Seconds after which a run that is still there is killed, and its test fails."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small event log: forty cases, some late, some open."""
    rows = [_HEADER]
    for number in range(40):
        start = f"2011-{1 + number % 12:02}-{1 + number % 27:02}T09:00:00+01:00"
        deadline = f"2011-{1 + number % 12:02}-28T09:00:00+01:00"
        end = "" if number % 7 == 0 else f"2011-{1 + number % 12:02}-{27 + number % 2:02}T15:00:00+01:00"
        case = f"case-{number},{{step}},{{at}},{('Internet', 'Desk', 'Post')[number % 3]},General,Group {number % 4},"
        case += f"{start},{deadline},{end}"
        rows.append(case.format(step="01_register", at=start))
        if end:
            rows.append(case.format(step="02_decide", at=end))
    path = tmp_path_factory.mktemp("world") / "log.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_every_command_of_the_readme_is_marked_as_one_and_those_not_run_are_still_printed() -> None:
    assert readme.unmarked() == []
    lines = {line.partition("#")[0].strip() for one in readme.printed() for line in one.text.splitlines()}
    assert lines >= readme.NOT_RUN.keys()


class Run:
    """A `make run` of its own, on free ports."""

    def __init__(self, data: Path, world: Path | str, **environment: str) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "--world", str(world)],
            cwd=ROOT,
            env=os.environ | {"MOTCUA_DATA": str(data), "MOTCUA_PORT_BASE": "0", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._watchdog = threading.Timer(PATIENCE, self.process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()

    def until(self, text: str) -> str:
        """Reads on until a line holds `text`."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if text in line:
                return line
        raise AssertionError("ended without saying so: " + "".join(self.lines))

    def rest(self) -> str:
        """Everything it says until it ends."""
        assert self.process.stdout
        self.lines += self.process.stdout.readlines()
        self.process.wait(10)
        return "".join(self.lines)


@pytest.fixture
def data(folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    path = folder / f"run-{request.node.name[:40]}"
    yield path
    for pid in _processes_of(path):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path, ignore_errors=True)


def test_a_run_answers_as_the_readme_says_survives_deaths_stops_in_time_and_goes_on_from_its_data(
    data: Path, tmp_path: Path
) -> None:
    run = Run(data, "reference", **HAI_DUONG)
    run.until("Ctrl-C stops it")
    printed = "".join(run.lines)
    running = running_on(data)
    key = {"X-API-Key": running.keys["metrics"]}
    query = re.search(r'\$METRICS(/v1/kpis[^"]+)"', printed)[1]  # type: ignore[index]
    answer = httpx.get(running.addresses["metrics"] + query, headers=key).json()
    assert answer["total"]["kpis"]["received_new"]["value"] > 0
    assert httpx.get(running.addresses["metrics"] + "/v1/kpis").status_code == 401
    assert httpx.get(f"{running.addresses['metrics']}{query}&format=xlsx", headers=key, timeout=PATIENCE).status_code == 200
    _assert_no_secret(printed, data)
    percents = [int(text) for text in re.findall(r"^\[ *(\d+) %\] \w", printed, re.MULTILINE)]
    assert percents == sorted(percents), printed
    assert (percents[0], percents[-1]) == (0, 100)
    for name in ("conclusion.docx", "conclusion.pdf", "annexes.xlsx"):
        assert (data / "documents" / name).stat().st_size > 5_000

    answered = readme.run_as_printed(tmp_path, MOTCUA_DATA=str(data))
    assert answered.count("mc_") == 3 + 3 + 1, "only `make key`, `make env` and shared.access print keys"
    assert "Rows: 3 = 3 can be read + 0 would wait in quarantine" in answered
    assert '"accepted":3' in answered.replace(" ", "")
    assert '"due_on":"2026-01-06"' in answered, "two working days after a New Year's day that a swap made longer"

    # Whoever reads /proc while processes come and go may miss one that lives.
    workers: list[int] = []

    def has_worker() -> bool:
        workers[:] = [pid for pid, command in _commands(data) if "services.metrics.worker" in command]
        return bool(workers)

    _within(PATIENCE, has_worker)
    victim = workers[0]
    os.kill(victim, signal.SIGKILL)
    run.until("metrics-worker was killed by signal 9; starting it again")
    _within(PATIENCE, lambda: any("services.metrics.worker" in command and pid != victim for pid, command in _commands(data)))

    began = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 60  # 5 s are promised where the machine has nothing else to do
    _within(60, lambda: not _processes_of(data))
    for path in (data / "logs").glob("*-*.log"):  # of the services; the stand-in portal prints one line of text
        assert [line for line in path.read_text().splitlines() if not line.startswith("{")] == [], path

    again = Run(data, "reference")
    again.until("Ctrl-C stops it")
    assert running_on(data).keys == running.keys
    assert _values(httpx.get(running_on(data).addresses["metrics"] + query, headers=key).json()) == _values(answer)
    again.process.kill()
    again.process.wait()
    _within(5, lambda: not _processes_of(data))


def test_a_run_without_a_world_prints_what_to_do_next_and_that_works_as_it_is_printed(data: Path, tmp_path: Path) -> None:
    run = Run(data, "none")
    run.until("Ctrl-C stops it")
    printed = "".join(run.lines)
    _assert_no_secret(printed, data)
    assert not [command for _, command in _commands(data) if "deploy.simulator" in command], "no stand-in portal"
    told = printed.partition("What to do next")[2].splitlines()
    commands = [line.strip() for line in told if line.startswith("  ") and not line.strip().startswith("#")]
    assert commands[0].startswith("eval ")
    answered = readme.shell(commands, tmp_path, MOTCUA_DATA=str(data))
    assert "example_body" in answered
    assert '"row_count":3' in answered.replace(" ", "")
    assert "10813@2023-08-14" in answered, "the proposal was handed in as it was"
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(PATIENCE) == 0


def test_a_run_that_is_told_to_end_while_it_starts_ends_at_once(data: Path, log: Path) -> None:
    run = Run(data, log)
    run.until("starting motcua")
    time.sleep(0.5)
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(5) == 0
    _within(60, lambda: not _processes_of(data))


def _refused(data: Path, ports: Ports | None = None) -> str:
    """The one sentence with which a stack refuses to start; nothing is left running."""
    stack = Stack(data, ports or Ports.from_base(0), portal=("--world", "random", "--dossiers", "10"))
    try:
        with pytest.raises(StackError) as caught:
            stack.start()
    finally:
        stack.stop()
    assert "\n" not in str(caught.value)
    _within(5, lambda: not _processes_of(data))
    return str(caught.value)


def test_two_runs_on_the_same_data_do_not_meet(data: Path) -> None:
    data.mkdir()
    with (data / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert _refused(data) == f"the data in {data} is in use by another run: stop that one first"


def test_a_taken_port_is_told_in_one_sentence(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        said = _refused(data, replace(Ports.from_base(0), metrics=taken))
    assert said.startswith(f"port {taken} of metrics is taken: stop what uses it")


def test_a_broken_data_folder_is_told_in_one_sentence(data: Path) -> None:
    (data / "postgres" / "data").mkdir(parents=True)
    (data / "postgres" / "data" / "holiday-photos").write_text("not a database")
    assert "is not a data folder of PostgreSQL" in _refused(data)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount the small disk")
def test_a_full_disk_is_told_in_one_sentence(data: Path) -> None:
    data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", data], check=False).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        assert re.fullmatch(r"the disk of .* is full \(\d+ MB left\): make room, or set MOTCUA_DATA .*", _refused(data))
    finally:
        subprocess.run(["umount", "-l", data], check=True)


def test_a_world_that_is_no_log_ends_the_run_with_one_sentence(data: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.csv").write_text("a,b\n1,2\n")
    run = Run(data, tmp_path / "photo.csv")
    said = run.rest()
    assert "photo.csv is no event log that can be served" in said
    assert run.process.returncode == 1
    assert "Traceback" not in said


def test_the_demo_finds_equal_figures_and_leaves_the_documents_although_redis_is_away(tmp_path: Path, log: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--world", log, "--reports", tmp_path],
        cwd=ROOT,
        env=os.environ | {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "demo.json").read_text())
    assert [check for check in report["checks"] if not check["ok"]] == []
    assert report["figures"]["NL"]["received_new"]["value"] > 0
    assert sorted(report["files"]) == ["annexes.xlsx", "conclusion.docx", "conclusion.pdf", "issued.pdf"]
    assert all((tmp_path / name).exists() for name in report["files"])


def _values(answer: dict[str, Any]) -> dict[str, float | None]:
    """The values of a scope's KPIs, without the figures' ids: their position moves with the commands of the READMEs."""
    return {name: kpi["value"] for name, kpi in answer["total"]["kpis"].items()}


def _assert_no_secret(printed: str, data: Path) -> None:
    """No key or password of `keys.json` is printed, and the file, whose path is, can be read by its owner only."""
    path = data / "keys.json"
    assert str(path) in printed
    assert path.stat().st_mode & 0o777 == 0o600
    secrets = re.findall(r'"([^"\s]{20,})"', path.read_text())
    assert len(secrets) == 10, "five keys, three passwords, that of the certificates for trials, one secret of sessions"
    assert [secret for secret in secrets if secret in printed] == []


def _commands(data: Path) -> list[tuple[int, str]]:
    found = []
    for pid in _processes_of(data):
        try:
            found.append((pid, Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()))
        except OSError:
            continue
    return found


def _processes_of(data: Path) -> list[int]:
    """Every living process that was started for the run over this data, by its environment or its working folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            ours = f"MOTCUA_DATA={data}".encode() in (entry / "environ").read_bytes().split(b"\0")
            if alive and (ours or Path(os.readlink(entry / "cwd")).is_relative_to(data)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _within(seconds: float, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
