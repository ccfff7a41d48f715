"""The environment of each process of the stack: its own credentials and no others, whatever the starting shell has."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from shared.settings import Service, Settings

_INHERITED = {
    "PATH",
    "HOME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "MOTCUA_DATA",
}
_INHERITED_PREFIXES = ("LC_", "PYTHON")
_SECRETS = "MOTCUA_SECRET_"
_BINDINGS = ("_PROVINCE", "_HOSTS")
"""Suffixes of variables that bind a source's secret to a province and to hosts; they hold no secret."""
_PLAIN = {
    name.upper()
    for name, field in Settings.model_fields.items()
    if "SecretStr" not in str(field.annotation) and not name.endswith("_url")
}
"""Settings that are no credentials."""

CERTIFICATES = (
    "SIGNATORY_CERTIFICATE",
    "SIGNATORY_PASSWORD",
    "BODY_CERTIFICATE",
    "BODY_PASSWORD",
    "TIMESTAMP_URL",
    "VERIFICATION_URL",
)
"""With what notices are signed, and where they are verified."""
_CALLERS = {
    "ingest-api": ("SESSION_SECRET",),
    "metrics-api": ("INGEST_URL", "INGEST_KEY", "SESSION_SECRET"),
    "metrics-worker": ("INGEST_URL", "INGEST_KEY"),
    "notices-api": (
        "METRICS_URL",
        "METRICS_KEY",
        "SESSION_SECRET",
        "NOTICES_URL",
        *CERTIFICATES,
    ),
    "notices-worker": ("METRICS_URL", "METRICS_KEY"),
}
"""Credentials for calls between services, and the secret that signs sessions and tickets, by process."""


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that any process may get: paths, locale, and settings that are no credentials."""
    return {
        name: value
        for name, value in environment.items()
        if name in _INHERITED or name in _PLAIN or name.startswith(_INHERITED_PREFIXES)
    }


def of_process(service: Service, kind: str, environment: Mapping[str, str], credentials: Mapping[str, str]) -> dict[str, str]:
    """The environment of the `api` or the `worker` of a service.

    `credentials` are all of the stack, by variable; each process gets the few it needs. Of the sources' secrets the worker of
    ingest gets all, its API only the variables that bind them.
    """
    needed = {f"{service.upper()}_DATABASE_URL", "REDIS_URL", *_CALLERS.get(f"{service}-{kind}", ())}
    if service == "ingest":
        secrets = {name for name in credentials if name.startswith(_SECRETS)}
        needed |= secrets if kind == "worker" else {name for name in secrets if name.endswith(_BINDINGS)}
    return inherited(environment) | {name: value for name, value in credentials.items() if name in needed}


def with_login(url: str, user: str, password: str) -> str:
    """The URL of the same database for another account."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2]
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name not in ("user", "password", "passfile")])
    return urlunsplit(parts._replace(netloc=f"{quote(user)}:{quote(password, safe='')}@{hosts}", query=query))
