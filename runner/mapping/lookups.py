"""Tables: vocabularies, the small tables of single rules, and the words that stay of a loss."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from runner.mapping.filters import slug
from runner.mapping.model import DroppedLabel, Entry, Vocabulary
from runner.mapping.running import Run, as_text, is_empty, shown


class Unknown(Exception):
    """A value that no table knows, or a record that is no longer there."""


Lookup = Callable[[Any, Run], Any]

_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_OF_PLACEHOLDERS = "placeholder"
"""What a vocabulary says it is in Zammad when it lists words inside texts, not whole values."""


def in_table(table: Mapping[str, Any]) -> Lookup:
    """Return what looks a value up in the table of a rule; keys are compared as text."""

    def look_up(value: Any, _run: Run) -> Any:
        key = as_text(value)
        if key not in table:
            raise Unknown(f"{shown(value)} is not in the rule's table kayako_to_zammad")
        return table[key]

    return look_up


def in_vocabulary(vocabulary: Vocabulary) -> Lookup:
    """Return what looks a value up in a vocabulary and keeps book of what is dropped.

    The label in ``custom`` comes first, then the key in ``kayako_to_zammad``, then
    ``anything_else``.
    """
    if vocabulary.zammad == _OF_PLACEHOLDERS:
        return in_text(vocabulary)
    fold = str.casefold if vocabulary.ignore_case else str
    custom = {fold(label.strip()): entry for label, entry in vocabulary.custom.items()}
    entries = {fold(key.strip()): entry for key, entry in vocabulary.entries.items()}
    shipped = vocabulary.shipped_labels

    def look_up(value: Any, run: Run) -> Any:
        key, label = _key_and_label(vocabulary, value)
        entry = custom.get(fold(label)) if label else None
        if entry:
            if entry.new is None and entry.remember_as != "nothing":
                _drop(vocabulary, label, entry, run)
            return _taken(vocabulary, entry, run)
        entry = entries.get(fold(key)) if key else None
        if entry:
            if label and shipped is not None and label not in shipped:
                _drop(vocabulary, label, Entry(entry.value), run)
            return _taken(vocabulary, entry, run)
        if vocabulary.others_keep_their_own:
            return key or label or None
        if vocabulary.anything_else is None:
            raise Unknown(f"{shown(label or key or value)} is not in the table {vocabulary.name}")
        entry = vocabulary.anything_else
        if entry.new is None:
            _drop(vocabulary, label or _number_of(value) or key, entry, run)
        return _taken(vocabulary, entry, run)

    return look_up


def in_text(vocabulary: Vocabulary) -> Lookup:
    """Return what replaces ``{{ words }}`` inside a text; those not listed stay, with a note."""

    def look_up(value: Any, run: Run) -> Any:
        def replaced(match: re.Match[str]) -> str:
            entry = vocabulary.entries.get(match[1])
            if entry is None:
                run.note("dropped", f"the placeholder {shown(match[0])} stays as text")
                return match[0]
            return as_text(entry.value)

        return _PLACEHOLDER.sub(replaced, as_text(value))

    return look_up


def _key_and_label(vocabulary: Vocabulary, value: Any) -> tuple[str, str]:
    """Return what ``kayako_to_zammad`` and what ``custom`` list for a value."""
    if not isinstance(value, dict):
        text = as_text(value)
        return text, text
    key = value.get(vocabulary.key) if vocabulary.key else None
    label = value.get(vocabulary.label) if vocabulary.label else None
    return as_text(key), as_text(label)


def _number_of(value: Any) -> str:
    """Return the id of a definition whose label is not known."""
    return as_text(value.get("id")) if isinstance(value, dict) else ""


def _taken(vocabulary: Vocabulary, entry: Entry, run: Run) -> Any:
    """Return an entry's value; note what has to be created for it."""
    if entry.new is None:
        return entry.value
    creation = (vocabulary.zammad, entry.new, entry.like or "")
    if creation not in run.creates:
        run.creates.append(creation)
    if entry.like:
        run.likes[run.filling] = entry.like
    return entry.new


def _drop(vocabulary: Vocabulary, label: str, entry: Entry, run: Run) -> None:
    """Keep book of a label that Zammad does not get, and remember it as declared."""
    word = vocabulary.singular
    becomes = "nothing" if is_empty(entry.value) else as_text(entry.value)
    kept = ""
    if entry.remember_as == "tag":
        tag = f"kayako-{word}-{slug(label) or 'unknown'}"[:250]
        kept = f"; the tag {tag} keeps it"
        if tag not in run.tags:
            run.tags.append(tag)
    elif entry.remember_as == "note":
        kept = "; a note keeps it"
        run.remembered.append(f"Kayako {word}: {label}")
    run.dropped.append(DroppedLabel(vocabulary.name, label, becomes, entry.remember_as))
    run.note("dropped", f"the {word} {shown(label)} becomes {shown(becomes)}{kept}")
