"""Two provinces in all three services, and how each route is asked for the things of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi.routing import APIRoute

from shared.settings import SERVICES, Service
from tests.guards.test_doors import OPEN, _app, _routes
from tests.notices.reference import inspection_body

PERIOD = "2023-01-20~2023-03-30~then"
TOWN, DISTRICT = "10813@2019-12-01", "294@2019-12-01"


@dataclass(frozen=True)
class Things:
    """What there is of a province, by the ids under which it is asked for."""

    province: str
    code: str
    record: int = 0
    imported: int = 0
    reconciliation: int = 0
    rule: int = 0
    inspection: int = 0
    notice: int = 0
    audit: int = 0
    batch: int = 0
    recommendation: int = 0
    scope: str = "all"
    """Of its figure."""

    def source(self, kind: str) -> str:
        """The name of its source of a kind."""
        return f"{kind}-{self.province}"

    @property
    def figure(self) -> str:
        """The id of its figure."""
        return f"{self.province}~60~received_new@1~{self.scope}~{PERIOD}"


MISSING = Things("77", "H77-1", *(9_000_001,) * 9)
"""Nothing of all this is anywhere."""


@dataclass(frozen=True)
class Ask:
    """One request; `path` fills the names in the route's template."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    media_type: str = "text/csv"
    """Of the content."""
    alike: bool = True
    """Whether what is missing is answered alike; not where it would be made."""


Asks = Callable[[Things, Things], list[Ask]]
"""How a key of the first asks for things of the second."""


def event(code: str, **more: Any) -> dict[str, Any]:
    """An event in our own shape."""
    return {"code": code, "id": code, "at": "2023-06-15T09:00:00+07:00", "status": "processing", **more}


def _province(**more: Any) -> Asks:
    return lambda mine, its: [Ask(query={"province": its.province, **more})]


def _by_province_in_path(json: Any = None, **query: Any) -> Asks:
    return lambda mine, its: [Ask({"province": its.province}, query, json)]


def _source(**more: Any) -> Asks:
    return lambda mine, its: [Ask(query={"source": its.source("igate"), **more})]


def _notice(**path: Any) -> Asks:
    return lambda mine, its: [Ask({"number": its.notice, **path})]


_FIGURES = {"from": "2023-01-20", "to": "2023-03-30"}
_PORTAL = '{"data": {"parent": {"totalReceived": 2, "totalOnTime": 1, "score": 10}}}'
CSV = "Mã hồ sơ,Ngày tiếp nhận\nH-1,15/06/2023\n".encode()
PETITIONS = "Mã PAKN,Ngày tiếp nhận\nPA-1,15/06/2023\n".encode()
_DISMISSAL = {"reason": "A test."}
_NUMBER = {"body": "UBND", "year": 2023, "number": 1, "use": "A test"}
_EDITS = {"author": "A test", "reason": "A test", "edits": [{"key": "preamble.basis", "remove": True}]}
_DAYS = {"from": "2023-01-01", "to": "2023-02-01"}

ROUTES: dict[Service, dict[str, Asks]] = {
    "ingest": {
        "GET /v1/feed": _province(),
        "GET /v1/catalogue": _province(),
        "GET /v1/quality": _province(),
        "GET /v1/dossiers/{code}": lambda mine, its: [
            Ask({"code": its.code}, {"province": its.province}),
            Ask({"code": its.code}, {"province": mine.province}),
        ],
        "GET /v1/dossiers/{code}/deadline": lambda mine, its: [
            Ask({"code": its.code}, {"province": its.province}),
            Ask({"code": its.code}, {"province": mine.province}),
        ],
        "PUT /v1/sources/{name}": lambda mine, its: [
            Ask({"name": its.source("own")}, json={"province": province, "kind": "own", "settings": {}}, alike=False)
            for province in (mine.province, its.province)
        ],
        "GET /v1/sources/{name}": lambda mine, its: [Ask({"name": its.source("own")})],
        "GET /v1/sources/{name}/unknown-words": lambda mine, its: [Ask({"name": its.source("own")})],
        "POST /v1/sources/{name}/pull": lambda mine, its: [
            Ask({"name": its.source("igate")}, {"whole": whole}) for whole in (False, True)
        ],
        "POST /v1/sources/{name}/sent-again": lambda mine, its: [Ask({"name": its.source("own")}, json=_DISMISSAL)],
        "POST /v1/sources/{name}/retire": lambda mine, its: [Ask({"name": its.source("files")}, json=_DISMISSAL)],
        "POST /v1/sources/{name}/dismiss": lambda mine, its: [Ask({"name": its.source("files")}, json=_DISMISSAL)],
        "DELETE /v1/sources/{name}/dismissal": lambda mine, its: [Ask({"name": its.source("files")})],
        "DELETE /v1/sources/{name}": lambda mine, its: [Ask({"name": its.source("own")})],
        "POST /v1/provinces/{province}/retire": _by_province_in_path(_DISMISSAL),
        "DELETE /v1/provinces/{province}": _by_province_in_path(),
        "POST /v1/sources/{name}/check": lambda mine, its: [Ask({"name": its.source("own")})],
        "GET /v1/pulls": _source(),
        "PUT /v1/catalogue/{province}/agencies": _by_province_in_path({"agencies": []}),
        "PUT /v1/catalogue/{province}/procedures": _by_province_in_path({"procedures": []}),
        "POST /v1/catalogue/{province}/procedures/from-source": lambda mine, its: [
            Ask({"province": province}, {"source": its.source("igate")}) for province in (mine.province, its.province)
        ],
        "GET /v1/catalogue/{province}/agencies": _by_province_in_path(),
        "GET /v1/catalogue/{province}/agencies/proposal": _by_province_in_path(),
        "GET /v1/catalogue/{province}/procedures/proposal": _by_province_in_path(),
        "GET /v1/catalogue/{province}/procedures": _by_province_in_path(),
        "POST /v1/catalogue/{province}/days": _by_province_in_path(
            [{"day": "2026-05-04", "worked": False, "legal_basis": "QĐ 1", "known_from": "2026-01-01"}]
        ),
        "PUT /v1/catalogue/{province}/policies": _by_province_in_path({}),
        "POST /v1/catalogue/{province}/redatings": _by_province_in_path(),
        "GET /v1/catalogue/{province}/redatings": _by_province_in_path(),
        "GET /v1/catalogue/{province}/versions": _by_province_in_path(),
        "POST /v1/catalogue/{province}/versions/{version}/restore": lambda mine, its: [
            Ask({"province": its.province, "version": 1})
        ],
        "POST /v1/catalogue/{province}/previews": _by_province_in_path({"agencies": []}),
        "GET /v1/catalogue/{province}/previews/{number}": lambda mine, its: [Ask({"province": its.province, "number": 1})],
        "GET /v1/catalogue/{province}/previews/{number}/dossiers": lambda mine, its: [
            Ask({"province": its.province, "number": 1})
        ],
        "POST /v1/events": lambda mine, its: [Ask(query={"source": its.source("own")}, json=[event("H-9")])],
        "POST /v1/national/{source}": lambda mine, its: [Ask({"source": its.source("national")}, json=[])],
        "GET /v1/quarantine": lambda mine, its: [
            Ask(query={"province": its.province}),
            Ask(query={"source": its.source("own")}),
            Ask(query={"province": mine.province, "source": its.source("own")}),
        ],
        "GET /v1/quarantine/{number}": lambda mine, its: [Ask({"number": its.record})],
        "POST /v1/quarantine/{number}/replay": lambda mine, its: [Ask({"number": its.record})],
        "POST /v1/quarantine/replay": lambda mine, its: [
            Ask(query={"province": its.province}),
            Ask(query={"province": mine.province, "source": its.source("own")}),
        ],
        "POST /v1/quarantine/{number}/dismiss": lambda mine, its: [Ask({"number": its.record}, json=_DISMISSAL)],
        "DELETE /v1/quarantine/{number}/dismissal": lambda mine, its: [Ask({"number": its.record})],
        "POST /v1/quarantine/dismiss": lambda mine, its: [
            Ask(query={"province": its.province}, json=_DISMISSAL),
            Ask(query={"province": mine.province, "source": its.source("own")}, json=_DISMISSAL),
        ],
        "GET /v1/quarantine/depth": lambda mine, its: [Ask(query={"province": its.province})],
        "POST /v1/sources/{name}/reconcile": lambda mine, its: [Ask({"name": its.source("igate")}, json=_DAYS)],
        "GET /v1/reconciliations": _source(),
        "GET /v1/reconciliations/{number}": lambda mine, its: [Ask({"number": its.reconciliation})],
        "GET /v1/reconciliations/{number}/differences": lambda mine, its: [Ask({"number": its.reconciliation})],
        "POST /v1/reconciliations/{number}/dismiss": lambda mine, its: [Ask({"number": its.reconciliation}, json=_DISMISSAL)],
        "DELETE /v1/reconciliations/{number}/dismissal": lambda mine, its: [Ask({"number": its.reconciliation})],
        "POST /v1/imports": lambda mine, its: [
            Ask(query={"source": its.source("files")}, content=CSV),
            Ask(query={"source": mine.source("files"), "resume": its.imported}, content=CSV),
        ],
        "POST /v1/imports/rehearsal": lambda mine, its: [Ask(query={"source": its.source("files")}, content=CSV)],
        "GET /v1/imports": _source(),
        "GET /v1/imports/{number}": lambda mine, its: [Ask({"number": its.imported})],
        "POST /v1/imports/{number}/dismiss": lambda mine, its: [Ask({"number": its.imported}, json=_DISMISSAL)],
        "POST /v1/imports/{number}/withdraw": lambda mine, its: [Ask({"number": its.imported}, json=_DISMISSAL)],
        "DELETE /v1/imports/{number}/dismissal": lambda mine, its: [Ask({"number": its.imported})],
    },
    "metrics": {
        "GET /v1/kpis": _province(**_FIGURES),
        "GET /v1/agencies": _province(),
        "GET /v1/kpis/series": _province(**_FIGURES),
        "GET /v1/kpis/counts": _province(**_FIGURES),
        "GET /v1/kpis/comparison": _province(**_FIGURES),
        "GET /v1/kpis/ranking": _province(**_FIGURES, kpi="in_time_share"),
        "GET /v1/restatements": _province(**_FIGURES, after=0),
        "GET /v1/catalogue-previews/{number}": lambda mine, its: [
            Ask({"number": 1}, {"province": its.province, **_FIGURES}, alike=False)  # it is ingest that knows previews
        ],
        "GET /v1/restatements/changes": _province(**_FIGURES, after=0),
        "GET /v1/restatements/dossiers": _province(**_FIGURES, after=0, kpi="received_new"),
        "GET /v1/indices/766/ranking": _province(**_FIGURES),
        "GET /v1/indices/766/losses": _province(**_FIGURES),
        "GET /v1/indices/766/published": _province(**_FIGURES),
        "POST /v1/indices/766/published": lambda mine, its: [
            Ask(json={"province": its.province, "published_on": "2023-03-01", "response": _PORTAL} | _FIGURES)
        ],
        "POST /v1/indices/766/published/pulls": lambda mine, its: [Ask(json={"province": its.province, "period": "C2023-M03"})],
        "GET /v1/indices/{index}": lambda mine, its: [Ask({"index": "766"}, {"province": its.province, **_FIGURES})],
        "GET /v1/figures/{figure}": lambda mine, its: [Ask({"figure": its.figure})],
        "GET /v1/disagreements": _province(**_FIGURES),
        "GET /v1/consistency-checks": _province(),
        "POST /v1/consistency-checks": _province(),
        "POST /v1/rebuilds": _province(),
        "POST /v1/provinces/{province}/resync": _by_province_in_path(),
        "GET /v1/alerts": _province(),
        "GET /v1/alerts/rules": _province(),
        "POST /v1/alerts/rules": lambda mine, its: [
            Ask(json={"province": its.province, "name": "x", "kpi": "late_share", "above": 0.5})
        ],
        "DELETE /v1/alerts/rules/{number}": lambda mine, its: [
            Ask({"number": its.rule}, {"province": province}) for province in (its.province, mine.province)
        ],
        "POST /v1/manual-inputs": lambda mine, its: [
            Ask(json={"province": its.province, "agency": "10813", "on": "2023-02-01", "ratings": 1, "source": "BC"})
        ],
        "GET /v1/petitions": _province(**_FIGURES),
        "POST /v1/petitions": lambda mine, its: [
            Ask(
                json={
                    "province": its.province,
                    "petitions": [{"code": "A", "agency": "10813", "subject": "rule", "received_on": "2023-02-01"}],
                }
            )
        ],
        "POST /v1/petitions/files": lambda mine, its: [Ask(query={"province": its.province}, content=CSV)],
        "GET /v1/petitions/rejected": _province(),
        "POST /v1/petitions/rejected/dismiss": lambda mine, its: [Ask(json={"province": its.province, "reason": "x"})],
        "POST /v1/indices/{index}/assessments": lambda mine, its: [
            Ask(
                {"index": "766"},
                json={"province": its.province, "component": "1.1", "points": 1, "basis": "BC"} | _FIGURES,
            )
        ],
        "GET /v1/watch": _province(),
    },
    "notices": {
        "POST /v1/inspections": lambda mine, its: [Ask(json=inspection_body(province=its.province))],
        "GET /v1/inspections": _province(),
        "GET /v1/inspections/{number}": lambda mine, its: [Ask({"number": its.inspection})],
        "PUT /v1/inspections/{number}": lambda mine, its: [
            Ask({"number": its.inspection}, json=inspection_body(province=its.province))
        ],
        "PUT /v1/inspections/{number}/evidence": lambda mine, its: [Ask({"number": its.inspection}, json={"items": []})],
        "PATCH /v1/inspections/{number}/evidence": lambda mine, its: [Ask({"number": its.inspection}, json={})],
        "GET /v1/inspections/{number}/evidence": lambda mine, its: [Ask({"number": its.inspection})],
        "GET /v1/inspections/{number}/evidence-form": lambda mine, its: [Ask({"number": its.inspection})],
        "POST /v1/inspections/{number}/evidence-files": lambda mine, its: [Ask({"number": its.inspection})],
        "GET /v1/inspections/{number}/evidence/changes": lambda mine, its: [Ask({"number": its.inspection})],
        "POST /v1/inspections/{number}/notices": lambda mine, its: [Ask({"number": its.inspection})],
        "POST /v1/notice-batches": lambda mine, its: [
            Ask(json={"inspections": [its.inspection]}),
            Ask(json={"of": {"province": its.province, "period": _FIGURES}}),
        ],
        "GET /v1/notice-batches/{number}": lambda mine, its: [Ask({"number": its.batch})],
        "GET /v1/notices": _province(),
        "GET /v1/notices/{number}": _notice(),
        "GET /v1/notices/{number}/figures": _notice(),
        "GET /v1/notices/{number}/figures/{key}": _notice(key="handled"),
        "GET /v1/notices/{number}/recommendations": _notice(),
        "GET /v1/notices/{number}/excerpts/{agency}": _notice(agency="10864"),
        "GET /v1/notices/{number}/excerpts/{agency}/document.pdf": _notice(agency="10864"),
        "GET /v1/notices/{number}/excerpts/{agency}/document.docx": _notice(agency="10864"),
        "GET /v1/notices/{number}/document.pdf": _notice(),
        "GET /v1/notices/{number}/document.docx": _notice(),
        "GET /v1/notices/{number}/annexes.xlsx": _notice(),
        "GET /v1/notices/{number}/document.html": _notice(),
        "GET /v1/notices/{number}/pages/{page_number}.png": _notice(page_number=1),
        "GET /v1/notices/{number}/revisions": _notice(),
        "GET /v1/notices/{number}/revisions/{revision}": _notice(revision=1),
        "GET /v1/notices/{number}/revisions/{revision}/changes": _notice(revision=1),
        "POST /v1/notices/{number}/revisions": lambda mine, its: [Ask({"number": its.notice}, json=_EDITS)],
        "POST /v1/notices/{number}/regenerations": lambda mine, its: [Ask({"number": its.notice}, json={"author": "A test"})],
        "POST /v1/notices/{number}/issue": _notice(),
        "GET /v1/notices/{number}/issue": _notice(),
        "POST /v1/taken-numbers": lambda mine, its: [Ask(json={**_NUMBER, "province": its.province})],
        "GET /v1/taken-numbers": _province(body="UBND", year=2023),
        "GET /v1/recommendations": _province(),
        "GET /v1/recommendations/{recommendation}": lambda mine, its: [Ask({"recommendation": its.recommendation})],
        "POST /v1/recommendations/{recommendation}/answers": lambda mine, its: [
            Ask({"recommendation": its.recommendation}, json={"text": "A test", "on": "2023-09-01"})
        ],
        "POST /v1/recommendations/{recommendation}/judgements": lambda mine, its: [
            Ask({"recommendation": its.recommendation}, json={"number": 1, "accepted": True})
        ],
        "GET /v1/notices/{number}/review": _notice(),
        "GET /v1/notices/{number}/readiness": _notice(),
        "GET /v1/notices/{number}/steps": _notice(),
        "POST /v1/notices/{number}/steps": lambda mine, its: [
            Ask({"number": its.notice}, json={"step": step}) for step in ("submit", "approve")
        ],
        "GET /v1/catalogue-previews/{number}": lambda mine, its: [
            Ask({"number": 1}, {"province": its.province}, alike=False)  # it is ingest that knows previews
        ],
        "GET /v1/audits/{number}": lambda mine, its: [Ask({"number": its.audit})],
    },
}
"""Every route through which a thing of a province can be named."""

LISTS: dict[Service, frozenset[str]] = {
    "ingest": frozenset(
        f"GET /v1/{name}"
        for name in ("provinces", "sources", "pulls", "quarantine", "quarantine/depth", "reconciliations", "imports")
    ),
    "metrics": frozenset({"GET /v1/provinces"}),
    "notices": frozenset({"GET /v1/inspections", "GET /v1/notices", "GET /v1/recommendations"}),
}
"""Routes that list what a key may see without being given a name."""

OF_NO_PROVINCE: dict[Service, dict[str, Ask]] = {
    "ingest": {
        "POST /v1/petition-files": Ask(content=PETITIONS),
        "POST /v1/deadlines": Ask(json={"received_at": "2023-04-28T09:00:00+07:00", "limit": 3}),
        "POST /v1/tickets": Ask(json={"address": "/v1/feed?province=30"}),
        "GET /v1/sources/kinds": Ask(),
    },
    "metrics": {"GET /v1/kpis/catalogue": Ask(), "POST /v1/tickets": Ask(json={"address": "/v1/kpis?province=30"})},
    "notices": {
        "GET /v1/evidence-templates": Ask(),
        "POST /v1/tickets": Ask(json={"address": "/v1/notices/1/document.pdf"}),
        "POST /v1/verifications": Ask(content=b"%PDF-1.7", media_type="application/octet-stream"),
        "POST /v1/audits": Ask(json={"text": "Tổng số 10 hồ sơ, trong đó: mới 07 hồ sơ, cũ 03 hồ sơ."}),
    },
}
"""Routes that read and write nothing of any province, with what they are asked: a calculator, a reader of files, lists in the
code, and tickets, which reach as far as the key that asks for them."""


def routes(service: Service) -> Iterator[tuple[str, APIRoute]]:
    """All routes of a service that need a key, as `METHOD /path`."""
    for route in _routes(_app(service)):
        if isinstance(route, APIRoute) and route.path not in OPEN:
            for method in sorted(route.methods or ()):
                yield f"{method} {route.path.replace(':path}', '}')}", route


def every_ask(service: Service, mine: Things, its: Things) -> Iterator[tuple[str, Ask]]:
    """Each way to ask for things of another province at each route."""
    for route, asks in ROUTES[service].items():
        for ask in asks(mine, its):
            yield route, ask


def called(provinces: Any, service: Service, route: str, ask: Ask, key: str) -> Any:
    """The answer to a request."""
    method, _, path = route.partition(" ")
    address = path.format(**ask.path)
    body: dict[str, Any] = {} if ask.json is None else {"json": ask.json}
    if ask.content is not None:
        body = {"content": ask.content, "headers": {"Content-Type": ask.media_type}}
    body["headers"] = {**body.get("headers", {}), "X-API-Key": key}
    with provinces.clients[service].stream(method, address, params=ask.query, **body) as answer:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return answer  # it never ends
        answer.read()
        return answer


def numbered(its: Things, **ids: Any) -> Things:
    """The province with the ids that it was given."""
    return replace(its, **ids)


assert set(ROUTES) == set(LISTS) == set(OF_NO_PROVINCE) == set(SERVICES)
