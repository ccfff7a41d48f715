"""Settings of sources: read as their kind declares them, and checked before they are stored."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from services.ingest.sources.bounds import require_small
from services.ingest.sources.errors import SourceMisconfigured
from services.ingest.sources.http.addresses import address_of, permitted, require_path
from services.ingest.sources.http.secrets import require_bound
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import (
    ConnectedSource,
    PortalSettings,
)
from shared.errors import FieldFault, Invalid
from shared.languages import Bilingual, bilingual
from shared.spelling import VALUE, require_known_members, unknown_name
from shared.struct_errors import field_of, sentence_of

MAX_ENTRY = 64
"""Characters of a name in a mapping that an error shows."""


def settings_of(source: ConnectedSource) -> msgspec.Struct:
    """The settings of a source as its kind reads them; raises `SourceMisconfigured`."""
    return _settings(source.kind, source.settings)


def check_settings(province: str, kind: str, settings: Mapping[str, object], secret: str | None) -> None:
    """Raise `Invalid` unless an adapter of `kind` can work with `settings`, and the secret of that name is bound to them.

    It names the field that is wrong, and the values that are allowed where they are few.
    """
    if kind not in KINDS:
        raise Invalid.of_fields([FieldFault("body.kind", unknown_name(VALUE, kind, KINDS), "enum")])
    what = Bilingual(f"setting of the kind {kind}", f"thiết lập của loại {kind}")
    require_known_members(settings, KINDS[kind].Settings, "body.settings", what)
    try:
        found = msgspec.convert(settings, KINDS[kind].Settings)
        require_small(settings)
    except msgspec.ValidationError as error:
        entry = _wrong_entry(KINDS[kind].Settings, settings, field_of(error))
        field = ".".join(filter(None, ("settings", field_of(error)))).replace("?", entry or "?", 1)
        text = _wrong(kind, error)
        if entry is not None:
            text = Bilingual(*(one.replace("[...]", f"[{entry}]", 1) for one in (text.en, text.vi)))
        raise _invalid(field, text, "setting") from error
    except ValueError as error:
        too_large = bilingual(
            "The settings of this source are too large: {error}.",
            "Thiết lập của nguồn này quá lớn: {error}.",
            error=error.args[0],
        )
        raise _invalid("settings", too_large, "too_large") from error
    if not isinstance(found, PortalSettings):
        if secret is not None:
            sends = bilingual(
                "A source of the kind {kind} sends by itself and needs no secret.",
                "Nguồn loại {kind} tự gửi dữ liệu nên không cần mật khẩu.",
                kind=kind,
            )
            raise _invalid("secret", sends, "not_applicable")
        return
    try:
        address = address_of(found.base_url)
        require_path(found.base_url, getattr(found, "PATHS", ()))
        permitted().require_permitted(address)
    except SourceMisconfigured as error:
        raise _invalid("settings.base_url", error.text, "address") from error
    try:
        if secret is not None:
            require_bound(secret, province, address, os.environ)
    except SourceMisconfigured as error:
        raise _invalid("secret", error.text, "not_bound") from error


def _wrong_entry(kind: type[msgspec.Struct], settings: Mapping[str, object], field: str) -> str | None:
    """The first name in a mapping of settings whose value is none of it, shortened; msgspec tells only of which mapping."""
    name, _, entry = field.partition(".")
    given = settings.get(name)
    if not entry.startswith("?") or not isinstance(given, Mapping):
        return None
    type_of = {one.name: one.type for one in msgspec.structs.fields(kind)}[name]
    for key, value in given.items():
        try:
            msgspec.convert({key: value}, type_of)
        except msgspec.ValidationError:
            return str(key)[:MAX_ENTRY]
    return None


def _invalid(field: str, text: str | Bilingual, rule: str) -> Invalid:
    text = text if isinstance(text, Bilingual) else Bilingual(text, text)
    return Invalid.of_fields([FieldFault(f"body.{field}", text, rule)], text)


def _wrong(kind: str, error: msgspec.ValidationError) -> Bilingual:
    return bilingual(
        "The settings of this source are not valid: {what}",
        "Thiết lập của nguồn này không hợp lệ: {what}",
        what=sentence_of(error, KINDS[kind].Settings),
    )


def _settings(kind: str, settings: Mapping[str, object]) -> msgspec.Struct:
    if kind not in KINDS:
        raise SourceMisconfigured(
            bilingual(
                "There is no source of the kind {kind!r}. Known: {known}.",
                "Không có nguồn loại {kind!r}. Các loại có sẵn: {known}.",
                kind=kind,
                known=", ".join(sorted(KINDS)),
            )
        )
    try:
        found: msgspec.Struct = msgspec.convert(settings, KINDS[kind].Settings)
    except msgspec.ValidationError as error:
        raise SourceMisconfigured(_wrong(kind, error)) from error
    return found
