"""Settings of sources: read as their kind declares them, and checked before they are stored."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from services.ingest.sources.bounds import require_small
from services.ingest.sources.errors import SourceMisconfigured
from services.ingest.sources.http.addresses import address_of, permitted
from services.ingest.sources.http.secrets import require_bound
from services.ingest.sources.kinds import KINDS
from services.ingest.sources.model import (
    Connected,
    PortalSettings,
)
from shared.errors import FieldFault, Invalid
from shared.languages import Bilingual
from shared.spelling import VALUE, require_known_members, unknown_name


def settings_of(source: Connected) -> msgspec.Struct:
    """The settings of a source as its kind reads them; raises `SourceMisconfigured`."""
    return _settings(source.kind, source.settings)


def check_settings(province: str, kind: str, settings: Mapping[str, object], secret: str | None) -> None:
    """Raise `Invalid` unless an adapter of `kind` can work with `settings`, and the secret of that name is bound to them."""
    if kind not in KINDS:
        raise Invalid.of_fields([FieldFault("body.kind", unknown_name(VALUE, kind, KINDS), "enum")])
    what = Bilingual(f"setting of the kind {kind}", f"thiết lập của loại {kind}")
    require_known_members(settings, KINDS[kind].Settings, "body.settings", what)
    try:
        found = _settings(kind, settings)
        require_small(settings)
        if isinstance(found, PortalSettings):
            address = address_of(found.base_url)
            permitted().require_permitted(address)
            if secret is not None:
                require_bound(secret, province, address, os.environ)
        elif secret is not None:
            raise SourceMisconfigured(f"A source of the kind {kind} sends by itself and needs no secret.")
    except SourceMisconfigured as error:
        raise Invalid(str(error)) from error
    except ValueError as error:
        raise Invalid(f"The settings of this source are too large: {error}.") from error


def _settings(kind: str, settings: Mapping[str, object]) -> msgspec.Struct:
    if kind not in KINDS:
        raise SourceMisconfigured(f"There is no source of the kind {kind!r}. Known: {', '.join(sorted(KINDS))}.")
    try:
        found: msgspec.Struct = msgspec.convert(settings, KINDS[kind].Settings)
    except msgspec.ValidationError as error:
        raise SourceMisconfigured(f"The settings of this source cannot be right: {error}.") from error
    return found
