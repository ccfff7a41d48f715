"""The one tree of errors a user can meet.

Each is answered as `application/problem+json` (RFC 9457) by `shared.web`. `type` is stable and part of the API; `detail`
says what happened and what to do about it.
"""

from __future__ import annotations

import inspect
from typing import ClassVar, Self

import msgspec


class Problem(Exception):
    """Something a caller can understand and act on."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None, members: msgspec.Struct | None = None) -> None:
        """`detail` is one or two sentences; the fields of `members` become extension members of the problem document.

        A kind has one type of members, that of its `example`.
        """
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    @classmethod
    def example(cls) -> Self:
        """One as it may come, for the documents: they describe its members by their type."""
        return cls(inspect.cleandoc(cls.__doc__ or cls.title).partition("\n\n")[0])


class Fault(msgspec.Struct, frozen=True):
    """A place in a request that breaks a rule."""

    at: str
    """Where: `query.limit`, `body.period.to`."""
    says: str
    """What is wrong there, in a few words."""
    rule: str
    """Short name of the rule: `missing`, `less_than_equal`, `string_pattern_mismatch`."""


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """All that is wrong with a request, where more is known than `detail` says."""

    errors: list[Fault] | msgspec.UnsetType = msgspec.UNSET
    """Places in parameters or body that break a rule, 50 at most; absent where the rule is about something else."""
    rows: list[str] | msgspec.UnsetType = msgspec.UNSET
    """Of a table: a sentence for each row that cannot be read."""
    findings: list[str] | msgspec.UnsetType = msgspec.UNSET
    """Of a catalogue: a sentence for each contradiction in it, with what to do."""


class Invalid(Problem):
    """The request cannot be understood or breaks a stated rule."""

    status = 422
    type = "invalid"
    title = "The request is not valid"

    @classmethod
    def example(cls) -> Self:
        """A parameter out of its range."""
        fault = Fault("query.limit", "Input should be less than or equal to 200", "less_than_equal")
        return cls(f"{fault.at}: {fault.says}.", members=Faults(errors=[fault]))


class Unreadable(Problem):
    """A file is not what it pretends to be, or could not be read within its limits."""

    status = 422
    type = "unreadable"
    title = "The file cannot be read"


class Malformed(Problem):
    """The body is not what its media type says."""

    status = 400
    type = "malformed"
    title = "The body cannot be read"


class Unauthorised(Problem):
    """No key, or one that is unknown, expired or revoked."""

    status = 401
    type = "unauthorised"
    title = "A valid key is needed"


class Forbidden(Problem):
    """The key is good but does not reach this far."""

    status = 403
    type = "forbidden"
    title = "The key does not allow this"


class NotFound(Problem):
    """There is no such thing, or the key may not see it."""

    status = 404
    type = "not-found"
    title = "Not found"


class MethodNotAllowed(Problem):
    """The address is good, but not with this method."""

    status = 405
    type = "method-not-allowed"
    title = "Method not allowed"


def no_stream(stream: str) -> NotFound:
    """The one answer for a stream that there is not and for one that the key may not see: neither tells of the other."""
    return NotFound(f"There is no stream {stream} that this key may see.")


class Conflict(Problem):
    """The request contradicts the present state."""

    status = 409
    type = "conflict"
    title = "The request contradicts the present state"


class Gone(Problem):
    """What was asked for existed and is no longer kept."""

    status = 410
    type = "gone"
    title = "No longer kept"


class TooLarge(Problem):
    """The body is larger, deeper or longer than the stated limit."""

    status = 413
    type = "too-large"
    title = "Too large"


class UnsupportedMedia(Problem):
    """The body's media type or encoding is not spoken here."""

    status = 415
    type = "unsupported-media-type"
    title = "Unsupported media type"


class TooMany(Problem):
    """The caller is faster than agreed."""

    status = 429
    type = "too-many-requests"
    title = "Too many requests"


class Unavailable(Problem):
    """A part that is needed is away for the moment."""

    status = 503
    type = "unavailable"
    title = "Not available at the moment"


class Full(Problem):
    """There is no room left to store anything."""

    status = 507
    type = "full"
    title = "No room left"
