"""The READMEs name what there is: files, settings, scopes; and the Vietnamese one tells the same as the English one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from deploy.local.services import ROOT
from services.ingest.sources.kinds import KINDS
from shared.access.scopes import SCOPES
from shared.settings import Settings
from tests.deploy import readme
from tests.guards.source import files

_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
_PATH = re.compile(r"`([a-z_]+(?:/[A-Za-z0-9_.-]+)*(?:/|\.(?:py|csv|yml|json|md|txt)))`")
MADE = ("reports/", "var/")
"""Folders that commands make."""
OF_DATA = {
    "evidence.json",
    "figures.json",
    "counts.json",
    "keys.json",
    "conclusion.pdf",
    "demo.json",
    "log.csv",
    "documents/",
    "requirements-local.txt",
}
"""Files of the data folder."""

NAMES = {path.name for path in files()}
DOCUMENTS = [path.relative_to(ROOT) for path in readme.documents()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_what_a_readme_links_to_or_names_is_there(document: Path) -> None:
    text = (ROOT / document).read_text()
    folder = (ROOT / document).parent
    links = [link for link in _LINK.findall(text) if not link.startswith("http")]
    missing = [link for link in links if not (folder / link).exists()]
    named = [path for path in _PATH.findall(text) if not path.startswith(MADE) and path not in OF_DATA]
    missing += [path for path in named if path not in NAMES and not (folder / path).exists() and not (ROOT / path).exists()]
    assert missing == []


def test_the_readme_of_each_language_has_the_same_commands_pictures_and_links_in_the_same_order() -> None:
    english, vietnamese = ((ROOT / name).read_text() for name in ("README.md", "README.vi.md"))
    for pattern in (r"^```sh\n(.*?)^```$", r"\]\(([^)]+)\)", r"^(#+) ", r"^(\d)\. "):
        of_each = [
            [re.sub(r" +#.*", "", one) for one in re.findall(pattern, text, re.MULTILINE | re.DOTALL)]
            for text in (english, vietnamese)
        ]
        of_each = [[one for one in ones if not one.startswith("README")] for ones in of_each]
        assert of_each[0] == of_each[1]
        assert of_each[0]


def test_every_setting_and_every_scope_is_in_the_readme_of_deploy() -> None:
    text = (ROOT / "deploy" / "README.md").read_text()
    missing = [name for name in (*(name.upper() for name in Settings.model_fields), *SCOPES) if f"`{name}`" not in text]
    assert missing == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_of_a_kind_of_source_is_in_the_readme_of_sources(kind: str) -> None:
    text = (ROOT / "services" / "ingest" / "sources" / "README.md").read_text()
    assert f"`{kind}`" in text
    assert [name for name in KINDS[kind].Settings.__struct_fields__ if f"`{name}`" not in text] == []


def test_the_readme_is_read_in_a_minute() -> None:
    for name in ("README.md", "README.vi.md"):
        assert len((ROOT / name).read_text().splitlines()) <= 80


def test_every_route_that_a_readme_names_is_in_the_openapi_documents() -> None:
    documents = [json.loads(path.read_text()) for path in sorted((ROOT / "docs" / "openapi").glob("*.json"))]
    templates = [path for document in documents for path in document.get("paths", {})]
    known = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in templates]
    named = {
        (str(document), path)
        for document in DOCUMENTS
        for path in re.findall(r"(/v1/[A-Za-z0-9_/<>{}.-]*[A-Za-z0-9>}])", (ROOT / document).read_text())
    }
    assert len(named) > 30
    assert [one for one in sorted(named) if not any(route.fullmatch(one[1]) for route in known)] == []
