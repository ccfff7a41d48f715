"""The errors that a caller of an API can receive, as one tree of exceptions.

Each is sent as `application/problem+json` (RFC 9457) by `shared.web.problems`. `type` is stable and part of the API; `detail`
states what happened and what to do about it. What people in offices receive is `Bilingual`: in Vietnamese for those who prefer
it (`Accept-Language`), else in English.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Self

import msgspec

from shared.languages import Bilingual, bilingual


class Guidance(NamedTuple):
    """Texts of a kind of problem, for its page at `/problems/<slug>` and for titles in Vietnamese."""

    what_to_do: str
    title_vi: str
    meaning_vi: str
    what_to_do_vi: str
    meaning: str = ""
    """In English, where the docstring of the class is not written for callers."""


class Problem(Exception):
    """An error that a caller can understand and act on."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side"
    guidance: ClassVar[Guidance] = Guidance(
        "Try again once. If it comes back, give the operator the correlation id in `instance`.",
        "Lỗi phía hệ thống",
        "Sự cố chưa lường trước: đây là lỗi của hệ thống và đã được ghi nhật ký.",
        "Thử lại một lần. Nếu vẫn lỗi, gửi cho người vận hành mã tương quan trong `instance`.",
        "An unexpected error of the service; it was logged.",
    )

    def __init__(
        self,
        detail: str | Bilingual,
        *,
        headers: dict[str, str] | None = None,
        members: msgspec.Struct | None = None,
        members_vi: msgspec.Struct | None = None,
    ) -> None:
        """`detail` is one or two sentences; the fields of `members` become extension members of the problem document.

        A kind has one type of members, that of its `example`. `members_vi` are the same with their sentences in Vietnamese;
        left out: `members` have none.
        """
        super().__init__(str(detail))
        self.detail = str(detail)
        self.detail_vi = detail.vi if isinstance(detail, Bilingual) else None
        self.headers = headers or {}
        self.members = members
        self.members_vi = members_vi or members

    @property
    def text(self) -> Bilingual:
        """The detail in both languages; where it has no Vietnamese, the English one stands for it."""
        return Bilingual(self.detail, self.detail if self.detail_vi is None else self.detail_vi)

    @classmethod
    def example(cls) -> Self:
        """An example for the OpenAPI document, which describes the members by their type."""
        return cls(inspect.cleandoc(cls.__doc__ or cls.title).partition("\n\n")[0])


class FieldFault(NamedTuple):
    """A parameter or field of a request that breaks a rule, in both languages."""

    at: str
    message: Bilingual
    rule: str


class FieldError(msgspec.Struct, frozen=True):
    """A parameter or field of a request that breaks a rule."""

    at: str
    """Path of the parameter or field: `query.limit`, `body.period.to`."""
    message: str
    """What is wrong with it, in a sentence."""
    rule: str
    """Short name of the rule: `missing`, `less_than_equal`, `string_pattern_mismatch`."""


class ValidationDetails(msgspec.Struct, frozen=True, kw_only=True):
    """All that is wrong with a request, where there is more than `detail` states."""

    errors: list[FieldError] | msgspec.UnsetType = msgspec.UNSET
    """Parameters or fields that break a rule, 50 at most; absent where the rule is about something else."""
    rows: list[str] | msgspec.UnsetType = msgspec.UNSET
    """Of a table: a sentence for each row that cannot be read."""
    findings: list[str] | msgspec.UnsetType = msgspec.UNSET
    """Of a catalogue: a sentence for each contradiction in it, with what to do."""


class Invalid(Problem):
    """The request cannot be understood or breaks a stated rule."""

    status = 422
    type = "invalid"
    title = "The request is not valid"
    guidance = Guidance(
        "Read `detail` and `errors`, which name each place and its rule, and correct the request; as it is it fails again.",
        "Yêu cầu không hợp lệ",
        "Yêu cầu không hiểu được hoặc trái với một quy tắc đã công bố.",
        "Đọc `detail` và `errors` (nêu từng chỗ sai và quy tắc), sửa yêu cầu rồi gửi lại. Gửi lại nguyên vẹn sẽ vẫn lỗi.",
    )

    @classmethod
    def example(cls) -> Self:
        """A parameter out of its range."""
        message = Bilingual("It must be at most 200.", "Giá trị tối đa là 200.")
        return cls.of_fields([FieldFault("query.limit", message, "less_than_equal")])

    @classmethod
    def of_fields(cls, faults: Sequence[FieldFault], detail: Bilingual | None = None) -> Self:
        """A request whose parameters or fields break rules, at least one; `detail` left out: the first of them."""
        first = bilingual("{at}: {message}", "{at}: {message}", at=faults[0].at, message=faults[0].message)
        return cls(
            detail or first,
            members=ValidationDetails(errors=[FieldError(one.at, one.message.en, one.rule) for one in faults]),
            members_vi=ValidationDetails(errors=[FieldError(one.at, one.message.vi, one.rule) for one in faults]),
        )

    @classmethod
    def of_rows(cls, detail: Bilingual, rows: Sequence[Bilingual]) -> Self:
        """A table of which rows cannot be read."""
        return cls(
            detail,
            members=ValidationDetails(rows=[row.en for row in rows]),
            members_vi=ValidationDetails(rows=[row.vi for row in rows]),
        )

    @classmethod
    def of_findings(cls, detail: Bilingual, findings: Sequence[Bilingual]) -> Self:
        """A catalogue that contradicts itself."""
        return cls(
            detail,
            members=ValidationDetails(findings=[one.en for one in findings]),
            members_vi=ValidationDetails(findings=[one.vi for one in findings]),
        )


class Unreadable(Problem):
    """A file is not in the format that was declared, or could not be read within its limits."""

    status = 422
    type = "unreadable"
    title = "The file cannot be read"
    guidance = Guidance(
        "Open the file in its own program and save it anew in a format that is taken, or send it in smaller parts.",
        "Không đọc được tệp",
        "Tệp không đúng định dạng như đã khai, hoặc không đọc được trong giới hạn cho phép.",
        "Mở tệp bằng phần mềm gốc và lưu lại theo định dạng được nhận, hoặc chia nhỏ rồi gửi lại.",
    )


class Malformed(Problem):
    """The body does not agree with its media type, or the address or headers are malformed."""

    status = 400
    type = "malformed"
    title = "The request cannot be read"
    guidance = Guidance(
        "Send what the media type says: for JSON, valid UTF-8 without doubled keys; and an address without U+0000.",
        "Không đọc được yêu cầu",
        "Nội dung không đúng với kiểu dữ liệu đã khai, hoặc địa chỉ có ký tự không được phép.",
        "Gửi đúng kiểu đã khai: với JSON là UTF-8 hợp lệ, không lặp khóa; địa chỉ không có U+0000.",
    )


class Unauthorised(Problem):
    """No key, or one that is unknown, expired or revoked."""

    status = 401
    type = "unauthorised"
    title = "A valid key is needed"
    guidance = Guidance(
        "Send a valid key in `Authorization: Bearer mc_...` or `X-API-Key`, or a ticket that has not ended.",
        "Cần khóa hợp lệ",
        "Không có khóa, hoặc khóa không tồn tại, hết hạn hay đã bị thu hồi.",
        "Gửi khóa hợp lệ trong `Authorization: Bearer mc_...` hoặc `X-API-Key`, hoặc một vé còn hạn.",
    )


class Forbidden(Problem):
    """The key is valid but does not allow this."""

    status = 403
    type = "forbidden"
    title = "The key does not allow this"
    guidance = Guidance(
        "Ask the operator for a key that has the scope named in `detail`.",
        "Khóa không có quyền này",
        "Khóa hợp lệ nhưng không đủ quyền.",
        "Xin người vận hành một khóa có phạm vi (scope) nêu trong `detail`.",
    )


class NotFound(Problem):
    """There is no such thing, or the key may not see it."""

    status = 404
    type = "not-found"
    title = "Not found"
    guidance = Guidance(
        "Check the address and the province. What another province or agency owns is answered in the same way.",
        "Không tìm thấy",
        "Không có dữ liệu này, hoặc khóa không được xem.",
        "Kiểm tra địa chỉ và mã tỉnh. Dữ liệu của tỉnh hoặc đơn vị khác cũng được trả lời như vậy.",
    )


class MethodNotAllowed(Problem):
    """The address exists, but not with this method."""

    status = 405
    type = "method-not-allowed"
    title = "Method not allowed"
    guidance = Guidance(
        "Use one of the methods in the header `Allow`.",
        "Phương thức không được phép",
        "Địa chỉ đúng nhưng không dùng được với phương thức này.",
        "Dùng một phương thức nêu trong tiêu đề `Allow`.",
    )


def no_province(province: str) -> NotFound:
    """The same error for a province that does not exist and for one that the key may not see, so that neither reveals which."""
    return NotFound(
        bilingual(
            "There is no province {province} that this key may see. Check its code.",
            "Không có tỉnh {province}, hoặc khóa này không được xem tỉnh đó. Kiểm tra lại mã tỉnh.",
            province=province,
        )
    )


class Conflict(Problem):
    """The request contradicts the present state."""

    status = 409
    type = "conflict"
    title = "The request contradicts the present state"
    guidance = Guidance(
        "Read the present state, then decide anew. The same request succeeds only after the state has changed.",
        "Mâu thuẫn với trạng thái hiện tại",
        "Yêu cầu mâu thuẫn với trạng thái hiện tại.",
        "Đọc lại trạng thái hiện tại rồi quyết định. Yêu cầu cũ chỉ thành công khi trạng thái đã thay đổi.",
    )


class PreconditionFailed(Problem):
    """What is to be changed has changed since it was read."""

    status = 412
    type = "precondition-failed"
    title = "It has changed since it was read"
    guidance = Guidance(
        "Read it again, make the change in what you read, and send that with its new ETag in `If-Match`.",
        "Đã thay đổi sau khi đọc",
        "Dữ liệu cần sửa đã được người khác thay đổi sau khi đọc.",
        "Đọc lại, sửa trên bản mới, rồi gửi kèm ETag mới trong `If-Match`.",
    )


class PreconditionRequired(Problem):
    """The request changes something whole, and does not state which version of it was read."""

    status = 428
    type = "precondition-required"
    title = "`If-Match` is needed"
    guidance = Guidance(
        "Read it, and send the ETag of that response in `If-Match`: else the change of another would be lost.",
        "Cần có `If-Match`",
        "Yêu cầu thay thế toàn bộ nhưng không cho biết đã đọc phiên bản nào.",
        "Đọc trước, rồi gửi ETag của kết quả đó trong `If-Match`: nếu không, thay đổi của người khác có thể bị mất.",
    )


class Gone(Problem):
    """What was requested existed and is no longer stored."""

    status = 410
    type = "gone"
    title = "No longer stored"
    guidance = Guidance(
        "Request something newer.",
        "Không còn lưu",
        "Dữ liệu từng có nhưng không còn lưu.",
        "Hỏi dữ liệu mới hơn.",
    )


class TooLarge(Problem):
    """The body is larger, deeper or longer than the stated limit."""

    status = 413
    type = "too-large"
    title = "Too large"
    guidance = Guidance(
        "Send it in parts below the limit named in `detail`.",
        "Quá lớn",
        "Nội dung lớn, sâu hoặc dài hơn giới hạn đã công bố.",
        "Chia nhỏ dưới giới hạn nêu trong `detail`.",
    )


class UnsupportedMedia(Problem):
    """The media type or encoding of the body is not accepted here."""

    status = 415
    type = "unsupported-media-type"
    title = "Unsupported media type"
    guidance = Guidance(
        "Send one of the media types named in `detail`, without Content-Encoding.",
        "Kiểu dữ liệu không được nhận",
        "Kiểu dữ liệu hoặc cách mã hóa của nội dung không được nhận ở đây.",
        "Gửi một kiểu nêu trong `detail`, không kèm Content-Encoding.",
    )


class TooManyRequests(Problem):
    """The caller exceeded a limit on requests."""

    status = 429
    type = "too-many-requests"
    title = "Too many requests"
    guidance = Guidance(
        "Wait for `Retry-After` seconds; share one event stream or response between your readers.",
        "Quá nhiều yêu cầu",
        "Bên gọi vượt mức đã thỏa thuận.",
        "Chờ số giây trong `Retry-After`; dùng chung một luồng hoặc câu trả lời cho nhiều người đọc.",
    )


class Unavailable(Problem):
    """A part that is needed is not available at the moment."""

    status = 503
    type = "unavailable"
    title = "Not available at the moment"
    guidance = Guidance(
        "Try again after `Retry-After` seconds. If it stays, tell the operator.",
        "Tạm thời không dùng được",
        "Một bộ phận cần thiết đang vắng.",
        "Thử lại sau số giây trong `Retry-After`. Nếu kéo dài, báo người vận hành.",
    )


class StorageFull(Problem):
    """The disk is full: nothing can be stored."""

    status = 507
    type = "full"
    title = "No room left"
    guidance = Guidance(
        "Nothing is lost: send it again once the operator has made room on the database's disk.",
        "Hết chỗ lưu",
        "Không còn chỗ để lưu dữ liệu.",
        "Không mất dữ liệu: gửi lại sau khi người vận hành giải phóng đĩa của cơ sở dữ liệu.",
    )
