"""The errors that may reach a user. Each knows its HTTP status, a stable code and words in both languages.

Raise these and nothing else for what a user can cause; the borders (HTTP, command line) turn them into
problem+json (RFC 9457) or one JSON document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from heli.kernel.words import Words


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place, e.g. ``Problem("lines/2/quantity", "type", Words(...))``."""

    place: str
    code: str
    words: Words

    def json(self) -> dict[str, Any]:
        return {"place": self.place, "code": self.code, "message": self.words.json()}


class HeliError(Exception):
    """Base of everything a user can cause.

    ``words`` say what happened, why and what to do next; ``why`` carries an explanation of a refusal.
    """

    status: ClassVar[int] = 400
    code: str = "bad_request"

    def __init__(
        self,
        words: Words,
        *,
        code: str | None = None,
        problems: Sequence[Problem] = (),
        why: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(words.en)
        self.words = words
        self.code = code or type(self).code
        self.problems = tuple(problems)
        self.why = dict(why) if why else None
        self.headers = dict(headers) if headers else {}

    def json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"status": self.status, "code": self.code, "message": self.words.json()}
        if self.problems:
            body["problems"] = [p.json() for p in self.problems]
        if self.why is not None:
            body["why"] = self.why
        return body


class BadRequest(HeliError):
    status = 400
    code = "bad_request"


class NotSignedIn(HeliError):
    status = 401
    code = "not_signed_in"


class Refused(HeliError):
    """The viewer may know the thing but may not do this with it; ``why`` says what is missing."""

    status = 403
    code = "refused"


class NotFound(HeliError):
    """Absent, or invisible to this viewer: the two are never told apart."""

    status = 404
    code = "not_found"

    def __init__(self, words: Words | None = None, **kwargs: Any) -> None:
        super().__init__(words or NO_SUCH, **kwargs)


class Conflict(HeliError):
    status = 409
    code = "conflict"


class Stale(HeliError):
    """The record has changed since the ETag that the request carries was made."""

    status = 412
    code = "stale"


class TooLarge(HeliError):
    status = 413
    code = "too_large"


class Unsupported(HeliError):
    status = 415
    code = "unsupported_media_type"


class Invalid(HeliError):
    """The input was understood and is not acceptable; ``problems`` name each place."""

    status = 422
    code = "invalid"

    def __init__(self, problems: Sequence[Problem] | Problem, words: Words | None = None, **kwargs: Any) -> None:
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        first = found[0].words if found else Words("输入无效", "invalid input")
        where = found[0].place if found else ""
        said = words or (Words(f"{where}：{first.zh}", f"{where}: {first.en}") if where else first)
        super().__init__(said, problems=found, **kwargs)


class IfMatchRequired(HeliError):
    status = 428
    code = "if_match_required"


class TooMany(HeliError):
    status = 429
    code = "too_many_requests"


class Broken(Exception):
    """A mistake of the programmer or of an installation's set-up: never shown as a user's fault."""


NO_SUCH = Words("没有这个对象，或者你看不到它", "no such thing, or you cannot see it")


def one_line(error: BaseException | str, most: int = 500) -> str:
    """What a library says over several lines (a database does) as one line of at most so many characters."""
    text = " ".join(str(error).split())
    return text if len(text) <= most else text[: most - 1] + "…"
