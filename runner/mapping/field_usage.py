"""What the values of the custom fields look like: Zammad's attributes are made to hold them all.

Zammad cuts over-long text and turns what does not fit into zeros with a success status
(reference §j), so the data decide how long a text may be and whether numbers fit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

LARGEST = 2_147_483_647
"""The largest number of Zammad's integer attributes, and the smallest with a minus."""


@dataclass(slots=True)
class Usage:
    """One field's values: the longest in characters, whether all are ordinary whole numbers."""

    longest: int = 0
    whole: bool = True
    options: set[str] = field(default_factory=set)

    def add(self, value: str, *, listed: bool) -> None:
        """Take a value that is not empty into account; of ``listed`` fields it holds option ids."""
        self.longest = max(self.longest, len(value))
        self.whole = self.whole and is_whole(value)
        if listed:
            self.options.update(option_ids(value))


def is_whole(value: str) -> bool:
    """Say whether a text is a whole number that Zammad keeps, written as it would come back."""
    try:
        number = int(value)
    except ValueError:
        return False
    return str(number) == value.strip() and abs(number) <= LARGEST


def option_ids(value: str) -> list[str]:
    """Return the option ids in a value: one, or several separated by commas."""
    return list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


def text_of(value: Any) -> str:
    """Return a value as text; values are text already (kayako-api.md §11.1), "" is unset."""
    if isinstance(value, list):
        return ",".join(text_of(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    # No database keeps this character.
    return text.replace("\0", "")


def measure(values: Iterable[tuple[str, Any]], listed: Container[str]) -> dict[str, Usage]:
    """Return what the values of each field look like.

    Args:
        values: The field's id and a value, for every value of every record.
        listed: Ids of the fields whose values are ids of options.
    """
    found: dict[str, Usage] = {}
    for number, value in values:
        text = text_of(value)
        if text.strip():
            usage = found.get(number)
            if usage is None:
                usage = found[number] = Usage()
            usage.add(text, listed=number in listed)
    return found
