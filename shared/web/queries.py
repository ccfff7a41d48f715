"""Query parameters: unknown ones are refused, and repeated ones that are not lists.

FastAPI ignores parameters that it does not know and takes the last of a repeated one, so that a caller who wrote `provnce`
would get a response to another request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from fastapi._compat import field_annotation_is_sequence
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_validation_alias
from fastapi.security import APIKeyQuery
from starlette.datastructures import QueryParams

from shared.errors import FieldFault, Invalid
from shared.languages import bilingual, joined
from shared.spelling import PARAMETER, printable, unknown_name

_MAX_ERRORS = 10
"""Errors that one problem lists."""


def parameters_of(dependant: Dependant) -> dict[str, bool]:
    """The parameters of a query that a route and its dependencies declare, and whether each may be repeated."""
    return dict(_parameters(dependant))


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    for field in dependant.query_params:
        yield get_validation_alias(field), field_annotation_is_sequence(field.field_info.annotation)
    if isinstance(dependant.call, APIKeyQuery):
        yield dependant.call.model.name, False
    for one in dependant.dependencies:
        yield from _parameters(one)


def require_known(query: QueryParams, known: Mapping[str, bool]) -> None:
    """Raise `Invalid` for a parameter that is not `known`, and for one that is repeated and may not be."""
    given = query.multi_items()
    if len(given) == len({name for name, _ in given} & known.keys()):
        return
    counted = Counter(name for name, _ in given)
    faults = list(islice(_faults(counted, known), _MAX_ERRORS))
    if faults:
        raise Invalid.of_fields(faults, joined(fault.message for fault in faults))


def _faults(counted: Mapping[str, int], known: Mapping[str, bool]) -> Iterator[FieldFault]:
    for name, times in counted.items():
        if name not in known:
            yield FieldFault(f"query.{printable(name) or '?'}", unknown_name(PARAMETER, name, known), "unknown_parameter")
        elif times > 1 and not known[name]:
            message = bilingual(
                "The parameter `{name}` is given {times} times. Give it once.",
                "Tham số `{name}` được gửi {times} lần. Chỉ gửi một lần.",
                name=name,
                times=times,
            )
            yield FieldFault(f"query.{name}", message, "repeated_parameter")
