"""Everything that can go wrong, as one tree by what the caller should do.

| situation | raise | exit |
| --- | --- | --- |
| a wrong option, a declined question | ``UsageError`` | 2 |
| config or mapping files hold mistakes | ``InvalidFiles`` with all of them | 3 |
| Kayako or Zammad refuses us for good; a probe says no | ``PreflightError`` | 4 |
| one record cannot be moved | ``RecordError`` (the run goes on) | 5 |
| more records failed than allowed | ``TooManyErrors`` | 6 |
| another run works in this folder | ``Locked`` | 8 |
| plan or target are not what they were | ``Stale`` | 9 |
| ledger or snapshot cannot be read | ``StoreUnreadable`` | 12 |
| Ctrl-C | ``Interrupted`` | 130 |
| the other side failed after all attempts | ``Unreachable`` | 4 |
| an answer has no end (of one record: ``RecordError``) | ``AnswerTooLarge`` | 4 |
| a write was sent and its outcome is not known | ``OutcomeUnknown`` (look it up) | 5 |
| the server said no to one request | ``Refused`` | 5 |

Every message says what happened and where; ``advice`` says what to do.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file: ``line`` and ``column`` count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str
    advice: str = ""

    def __str__(self) -> str:
        """``file:line:column: message``, as editors and terminals make it clickable."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.message}"


class MigrateError(Exception):
    """Base of all errors that are explained to the user without a traceback."""

    exit_code = 1

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class UsageError(MigrateError):
    """The command line cannot be followed, or a question was declined or could not be asked."""

    exit_code = 2


class InvalidFiles(MigrateError):
    """Config or mapping files hold mistakes; ``problems`` has all of them, in file order."""

    exit_code = 3

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PreflightError(MigrateError):
    """One of the two systems is not as the run needs it, and asking again will not help."""

    exit_code = 4


class Unreachable(PreflightError):
    """A server did not answer usefully after all attempts; ``status`` is its last answer's."""

    def __init__(self, message: str, *, advice: str = "", status: int | None = None) -> None:
        super().__init__(message, advice=advice)
        self.status = status


class AnswerTooLarge(Unreachable):
    """An answer is larger than any that is meant well; asking again would give the same."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, cut and without secrets; ``status`` None: no answer came."""

    method: str
    path: str
    body: str
    status: int | None = None
    answer: str = ""


class RecordError(MigrateError):
    """One record cannot be moved; the run notes it and goes on.

    ``exchange`` is the request at fault, where there was one.
    """

    exit_code = 5
    exchange: Exchange | None = None


class Refused(RecordError):
    """The server answered a request with a final error: ``status`` and its own words."""

    def __init__(self, message: str, *, status: int, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.status = status


class OutcomeUnknown(RecordError):
    """A write was sent and no answer came: it may or may not have been carried out."""


OF_DATA = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What code raises that meets data of a shape nobody expected; it concerns one record only."""


def unexpected(error: BaseException, *, sent: bool = False) -> RecordError:
    """Return the failure of a record whose data are of no shape that is known.

    The others go on: one record must not stop a night's run. ``sent``: it may have arrived.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"
    words = f"it is of a shape that was not expected ({type(error).__name__} in {where})"
    advice = "compare it with another record (migrate explain), and please report this"
    found = (OutcomeUnknown if sent else RecordError)(words, advice=advice)
    found.__cause__ = error
    return found


class TooManyErrors(MigrateError):
    """More records failed than ``--max-errors`` allows; what was moved is written down."""

    exit_code = 6


class Locked(MigrateError):
    """Another run works in the same folder."""

    exit_code = 8


class Stale(MigrateError):
    """The world moved since a plan or a ledger was written."""

    exit_code = 9


class StoreUnreadable(MigrateError):
    """Ledger or snapshot cannot be read as they are."""

    exit_code = 12


class Interrupted(MigrateError):
    """The user stopped the run; all that counts is on disk."""

    exit_code = 130
