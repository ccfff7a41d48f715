"""What routes declare of their callers: a valid key, or one with a scope."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from shared.access.principals import Access, Principal, key_of
from shared.access.scopes import SCOPES, Agencies

_bearer = HTTPBearer(auto_error=False, description="A key of the form mc_<id>_<secret>")


async def any_key(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Principal:
    """Dependency: the principal of any valid key, which the layer `Authentication` has checked already."""
    access: Access = request.app.state.access
    checked: Principal | None = request.scope.get("state", {}).get("principal")
    return checked or await access.principal(key_of(dict(request.scope["headers"])))


def require(scope: str, *others: str, agencies: Agencies = "refused") -> Callable[..., Coroutine[Any, Any, Principal]]:
    """Dependency: the principal of a key with `scope` or one of the `others`; raises `Forbidden` for other keys.

    Keys that are bound to agencies pass only where the route declares that it has them `enforced`.
    """
    if unknown := {scope, *others} - set(SCOPES):
        raise ValueError(f"unknown scopes {sorted(unknown)}")

    async def principal(found: Annotated[Principal, Depends(any_key)]) -> Principal:
        found.demand(
            next((one for one in others if one in found.scopes and scope not in found.scopes), scope), agencies=agencies
        )
        return found

    principal.scopes = (scope, *others)  # type: ignore[attr-defined]  # for the documents
    return principal
