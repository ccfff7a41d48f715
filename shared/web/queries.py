"""The query of a request: the parameters that its route declares, each single one once; anything else is refused.

FastAPI passes over what it does not know and takes the last of what comes twice, so that a caller who wrote `strem` believes
an answer that is not to his question.
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

from shared.errors import FieldError, Invalid, ValidationDetails
from shared.spelling import printable, unknown_name

_MAX_ERRORS = 10
"""Faults that one refusal tells of."""


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
        raise Invalid(" ".join(fault.message for fault in faults), members=ValidationDetails(errors=faults))


def _faults(counted: Mapping[str, int], known: Mapping[str, bool]) -> Iterator[FieldError]:
    for name, times in counted.items():
        if name not in known:
            yield FieldError(f"query.{printable(name) or '?'}", unknown_name("parameter", name, known), "unknown_parameter")
        elif times > 1 and not known[name]:
            message = f"The parameter `{name}` is given {times} times. Give it once."
            yield FieldError(f"query.{name}", message, "repeated_parameter")
