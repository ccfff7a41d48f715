"""Scopes: what a key may be allowed to do, and with which of them it may be bound to agencies."""

from __future__ import annotations

from typing import Literal

from shared.settings import Service

SCOPES = {
    "feed:read": "read the feed of dossier versions and the catalogue",
    "events:write": "send dossier events and files",
    "dossiers:read": "look at single dossiers, their history and deadlines",
    "sources:manage": "connect sources, start pulls, replay quarantine, reconcile",
    "catalogue:write": "change agencies, procedures, calendars and policies",
    "figures:read": "read KPIs and open figures",
    "figures:write": "enter manual inputs and assessments, set alerts",
    "notices:read": "read inspections and notices",
    "notices:write": "prepare inspections and draft notices",
    "notices:approve": "approve, issue and withdraw notices; with the key of a person",
    "recommendations:answer": "read and answer what conclusions ask for; for an agency, bound to it",
    "recommendations:enter": "enter answers of agencies that came on paper",
    "audits:write": "audit the figures of any notice, and read what was found",
    "ops:read": "run and read consistency checks, read alerts and the state of the machinery",
}


AGENCY_SCOPES: dict[Service, frozenset[str]] = {
    "ingest": frozenset(),
    "metrics": frozenset({"figures:read", "figures:write"}),
    "notices": frozenset({"recommendations:answer"}),
}
"""Scopes that a key bound to agencies may have: at least one route that requires them restricts its response to agencies."""


Agencies = Literal["enforced", "refused"]
"""How a route treats keys that are bound to agencies: `enforced`, it restricts itself to them; `refused`, 403."""
