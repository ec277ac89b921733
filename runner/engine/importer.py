"""What Zammad's own Kayako importer would lose of a Kayako's data, in figures.

Only what its sources and the recording of its outcome prove, and only what can be counted
(reference kayako-api §14, zammad-api §f and §g). That it loses attachments whose download fails is
not counted: nobody can know which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.snapshot.census import Census

_LABELS = {"states": "state", "priorities": "priority", "types": "type"}


class Loss(NamedTuple):
    """Things of one kind: how many, what one and several are called, and what happens to them.

    ``line`` says which ones are told together. ``conversations``: on how many they are, 0 where
    that says nothing.
    """

    line: str
    number: int
    one: str
    what: str
    why: str = ""
    conversations: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        kept = ("number", "what", "why", "conversations")
        return {name: getattr(self, name) for name in kept if getattr(self, name)}


def losses(census: Census) -> list[Loss]:
    """Return every loss of which there is anything, what weighs most first."""
    return [loss for loss in (*_conversations(census), *_beside(census)) if loss.number]


def _conversations(census: Census) -> Iterator[Loss]:
    # zammad-api §f and §g (#5376, reported of 6.3): the list is read without ``archived``.
    what = ("archived conversation", "archived conversations")
    yield Loss("archived", census.archived, *what, "Zammad up to 6.3 does not ask for them")
    # Recording of its outcome, zammad-api §f: the day of the import stands there, and nothing.
    what = ("date of a last change", "dates of last changes")
    yield Loss("dates", census.conversations, *what, "they become the day of the import")
    yield Loss("dates", census.closed, "closing date", "closing dates")
    # kayako-api §11.2, §14: CUSTOM becomes open or "Custom", other levels 2 normal.
    for name, one in _LABELS.items():
        on = census.labelled.get(name, 0)
        yield Loss("labels", census.labels.get(name, 0), one, name, conversations=on)
    # Recording; kayako-api §14: only body_html and body_text are read, chat messages have text.
    what = ("chat message", "chat messages")
    yield Loss("contents", census.chat_messages, *what, "empty when they arrive")
    # zammad-api §g (#5375, reported of 6.3): the download is taken for an answer of the API.
    yield Loss("contents", census.json_files, "JSON file", "JSON files", "Zammad up to 6.3")
    # zammad-api §f: FILE fields are skipped, texts have maxlength 255.
    yield Loss("contents", census.field_files, "file in a field", "files in fields")
    what = ("text in a field", "texts in fields")
    yield Loss("contents", census.long_texts, *what, "cut after 255 characters")


def _beside(census: Census) -> Iterator[Loss]:
    # zammad-api §f, "not imported"; kayako-api §14 for side conversations, notes and addresses.
    what = ("link of a merged conversation", "links of merged conversations")
    yield Loss("beside", census.merged, *what)
    yield Loss("beside", census.in_copy, "person in copy", "people in copy")
    what = ("side conversation", "side conversations")
    yield Loss("beside", census.side_conversations, *what)
    yield Loss("beside", census.ratings, "rating", "ratings")
    # kayako-api §14: ``time_spent / 60`` as an integer division, entry by entry.
    yield Loss("beside", census.minutes, "minute of work", "minutes of work", "rounded down")
    # zammad-api §f: only the primary address; kayako-api §14: COLLABORATOR becomes Customer.
    what = ("second mail address", "further mail addresses")
    yield Loss("people", census.further_emails, *what)
    what = ("note on a profile", "notes on profiles")
    yield Loss("people", census.notes, *what)
    what = ("collaborator", "collaborators")
    yield Loss("people", census.collaborators, *what, "customers when they arrive")
    what = ("Help Center article", "Help Center articles")
    yield Loss("library", census.articles, *what)
    yield Loss("library", census.macros, "macro", "macros")
    what = ("set of business hours", "sets of business hours")
    yield Loss("library", census.business_hours, *what)
