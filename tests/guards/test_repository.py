"""What holds for the repository as a whole."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from deploy.local.services import ROOT
from tests.guards.source import dotted, files, modules, texts, tree

CODE = ("services", "shared", "deploy", "migrations")
LONGEST_FILE = 400


def test_every_queue_that_is_notified_has_a_worker_and_the_other_way_round() -> None:
    notified: set[str] = set()
    served: set[str] = set()
    for path in modules("services", "deploy"):
        constants = {
            target.id: node.value.value
            for node in tree(path).body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            name, place = dotted(node.func), None
            if name.endswith(".notify") and node.args:
                place = notified, node.args[0]
            elif name == "serve" and path.name == "worker.py":
                place = served, node.args[0]
            if place:
                queues, argument = place
                value = argument.value if isinstance(argument, ast.Constant) else constants.get(dotted(argument))
                assert isinstance(value, str), f"{path}:{node.lineno}: the queue's name cannot be read off the code"
                queues.add(value)
    assert notified
    assert notified == served


@pytest.mark.parametrize("service", ["ingest", "metrics", "notices"])
def test_sql_of_a_service_names_no_other_schema(service: str) -> None:
    others = "|".join({"ingest", "metrics", "notices"} - {service})
    foreign = re.compile(rf"\b(?:from|join|into|update|table|on|copy|schema|references|truncate)\s+(?:{others})\.\w", re.I)
    offences = []
    for path in modules("services", "migrations"):
        if service in path.parts:
            offences += [f"{path}:{line}" for line, text in texts(path) if foreign.search(text)]
            offences += [
                f"{path}:{node.value.lineno}"
                for node in ast.walk(tree(path))
                if isinstance(node, ast.keyword)
                and node.arg == "schema_name"
                and isinstance(node.value, ast.Constant)
                and node.value.value not in {service, "pg_temp"}
            ]
    assert not offences


@pytest.mark.parametrize("service", ["ingest", "metrics", "notices"])
def test_migrations_are_numbered_without_a_gap_and_follow_one_another(service: str) -> None:
    previous = None
    versions = [path for path in modules("migrations") if path.parts[1:-1] == (service,) and path.name != "__init__.py"]
    assert versions
    for number, path in enumerate(versions, start=1):
        assert re.fullmatch(rf"{number:04}_[a-z0-9_]+\.py", path.name)
        said = {
            target.id: ast.literal_eval(node.value)
            for node in tree(path).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id in {"revision", "down_revision"}
        }
        assert said["revision"] == f"{service}_{number:04}"
        assert said["down_revision"] == previous
        previous = said["revision"]


def test_pure_modules_read_no_clock() -> None:
    """The list of pure modules is the one of the import contract `pure`."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    names = next(contract["source_modules"] for contract in contracts if contract["id"] == "pure")
    roots = [name.removesuffix(".**").replace(".", "/") for name in names]
    pure = [
        path for path in modules(*CODE) if any(str(path) == f"{root}.py" or f"{path}".startswith(f"{root}/") for root in roots)
    ]
    assert len(pure) >= len(names)
    clocks = re.compile(r"(?:^|\.)(?:datetime\.(?:now|utcnow|today)|date\.today|time\.(?:time|time_ns|monotonic|localtime))$")
    offences = [
        f"{path}:{node.lineno}"
        for path in pure
        if path.name != "__main__.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and clocks.search(dotted(node.func))
    ]
    assert not offences


def test_no_file_leads_to_one_machine_or_one_registry() -> None:
    # Put together here, or this file would find itself.
    places = [f"/{folder}/" for folder in ("work", "root", "home")]
    registries = [
        "-".join(("index", "url")),
        "_".join(("index", "url")),
        ".".join(("pypi", "org/simple")),
        ".".join(("pythonhosted", "org")),
    ]
    marks = [*places, *registries, ":".join(("@file", ""))]
    offences = []
    for path in files():
        if path.suffix in {".ttf", ".png", ".docx", ".pdf", ".xlsx"}:
            continue
        text = (ROOT / path).read_text(errors="replace").replace("--no-emit-" + registries[0], "")
        offences += [f"{path}: {mark}" for mark in marks if mark in text]
    assert not offences


def test_names_say_what_a_thing_is() -> None:
    vague = re.compile(r"(?:^|_)(?:utils?|helpers?|manager|common|misc|stuff)(?:_|$)", re.I)
    # Those are httpx's word for what a transport does, uvicorn's for what a signal does, and html.parser's for what it meets.
    weak = re.compile(r"^(?:process|handle)_(?!async_request$|exit$|starttag$|endtag$|data$)")
    offences = [str(path) for path in files() if vague.search(path.stem)]
    for path in modules(*CODE):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name)
                if vague.search(words) or weak.search(words):
                    offences.append(f"{path}:{node.lineno} {node.name}")
    assert not offences


def test_no_file_outgrows_what_one_can_keep_in_mind() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in modules(*CODE)}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_nothing_is_left_for_later_and_nothing_is_faked() -> None:
    marks = re.compile(
        "|".join(
            ("TO" + "DO", "FIX" + "ME", r"XX" + r"X\b", "NotImplemented" + "Error", "unittest.mo" + "ck", "Magic" + "Mock")
        )
    )
    offences = [
        f"{path}:{number}"
        for path in modules(*CODE, "tests")
        for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1)
        if marks.search(line)
    ]
    assert not offences


def test_tests_have_sentences_for_names() -> None:
    short = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and node.name.count("_") < 2
    ]
    assert not short


@pytest.mark.parametrize("page", [path for path in files() if path.suffix == ".md"], ids=str)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"", (ROOT / page).read_text())
    targets = [first or second for first, second in links]
    missing = [to for to in targets if not re.match(r"[a-z]+:", to) and not (ROOT / page.parent / to).exists()]
    assert not missing


def test_there_is_a_readme_that_names_the_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert all(command in text for command in ("make run", "make test", "make help"))


def test_make_help_knows_every_target() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", text, re.M)
    assert targets
    assert set(targets[1].split()) == set(re.findall(r"^([a-z]+):[^#\n]*## ", text, re.M))


def test_a_parameter_beside_a_number_has_its_type() -> None:
    """PostgreSQL takes the parameter of `$1 = 0` for an `integer`, and everything above 2**31 is then refused by the driver."""
    bare = re.compile(r"\$\d+ *(?:<>|[<>]=?|=|[-+*/]) *\d|\d *(?:<>|[<>]=?|=|[-+*/]) *\$\d+(?!::)")
    offences = [
        f"{path}:{line} {found.group()}" for path in modules("services", "shared") for line, text in texts(path)
        for found in bare.finditer(text)
    ]  # fmt: skip
    assert not offences


def test_the_offset_of_vietnam_is_written_once() -> None:
    written = re.compile(r"hours=7\b|\b7 \* 3_?600\b|\b25_?200\b|ZoneInfo\(|\btimezone\(")
    found = {
        path.as_posix() for path in modules("services", "shared", "migrations") if written.search((ROOT / path).read_text())
    }
    assert found == {"shared/civil.py"}


def test_how_answers_are_cached_is_said_in_one_place() -> None:
    headers = {"etag", "cache-control", "vary", "if-none-match"}
    named = {str(path) for path in modules("services", "shared") for _, text in texts(path) if text.lower() in headers}
    # The other lists what pages of other origins may send and read.
    assert named == {"shared/web/responses.py", "shared/web/cors.py", "shared/web/openapi.py"}


def test_json_is_read_and_written_by_one_codec() -> None:
    """Where `json` of the standard library stands beside it, and why, is said in `shared.web.responses`."""
    others = re.compile(r"^(?:import|from) (orjson|json|ujson|simplejson|rapidjson)\b", re.M)
    found = {path.as_posix() for path in modules("services", "shared") if others.search((ROOT / path).read_text())}
    assert found == {
        "services/ingest/events/records.py",
        "services/ingest/sources/kinds/igate/recovery.py",
        "services/notices/audit/__main__.py",
    }
