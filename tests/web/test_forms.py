"""Which form of an answer a client gets: by the address, else by its headers, weights and all."""

from __future__ import annotations

import pytest

from shared.web.formats import Format, format_of, language_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV ; charset=utf-8", "csv"),
        (f"{XLSX}, text/csv", "xlsx"),
        (f"text/csv;q=0.5, {XLSX}", "xlsx"),
        ("text/csv;q=0.5, application/json", "json"),
        ("text/csv, application/json", "csv"),
        ("text/csv;q=0", "json"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "json"),
        ("*/*;q=0.1, text/csv;q=0.2", "csv"),
        ("application/pdf", "json"),
        ("text/csv;q=x, ,;;", "json"),
        ("\xff", "json"),
    ],
)
def test_accept_chooses_among_what_is_offered(accept: str, form: Format) -> None:
    assert format_of({b"accept": accept.encode("latin-1")}, ("csv", "xlsx")) == form


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", None),
        ("*", None),
        ("fr", None),
        ("vi", "vi"),
        ("VI-vn", "vi"),
        ("fr, en;q=0.3, vi;q=0.2", "en"),
        ("en;q=0, vi;q=0.1", "vi"),
    ],
)
def test_the_language_is_the_best_of_ours(accepted: str, language: str | None) -> None:
    assert language_of({b"accept-language": accepted.encode()}) == language
