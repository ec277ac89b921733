"""Compare a document with a JSON Schema and say in plain words what is wrong."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from referencing import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jsonschema.exceptions import ValidationError

    from runner.documents.loading import Document
    from runner.errors import Problem

Path = tuple[str | int, ...]
Message = tuple[str, str, Path, bool]
"""What is wrong, what to do, where, and whether the key rather than the value is meant."""


@dataclass(frozen=True, slots=True)
class _Mistake:
    """One error of the validator: the keyword, what it wanted, what it found, and where."""

    keyword: str
    wanted: Any
    value: Any
    schema: Mapping[str, Any]
    path: Path
    in_key: bool

    @classmethod
    def of(cls, error: ValidationError) -> _Mistake:
        """Take over what matters of an error."""
        schema = error.schema if isinstance(error.schema, dict) else {}
        keyword = str(error.validator or "")
        path = tuple(error.absolute_path)
        in_key = "propertyNames" in error.absolute_schema_path
        if in_key:
            path = (*path, str(error.instance))
        return cls(keyword, error.validator_value, error.instance, schema, path, in_key)

    @property
    def description(self) -> str:
        """What the schema says about the place, as advice."""
        return str(self.schema.get("description", ""))

    @property
    def shown(self) -> str:
        """What was found, as the user may see it: never a secret (``writeOnly`` in the schema)."""
        return "a hidden value" if self.schema.get("writeOnly") else _shown(self.value)


_KINDS = {
    "object": "a mapping (key: value lines)",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def check(
    document: Document, schema: Mapping[str, Any], *, registry: Registry[Any] | None = None
) -> list[Problem]:
    """Return every way in which ``document`` differs from ``schema`` (Draft 2020-12).

    A schema may hold ``x-messages: {KEYWORD: TEXT}`` beside a keyword: TEXT then says what is
    wrong, with ``{value}`` for what was found, in the words of the file's own subject. A value
    whose schema says ``writeOnly`` is a secret and is never shown.

    Args:
        document: The file.
        schema: The schema; ``$ref`` to other files needs them in ``registry``.
        registry: Schemas that ``schema`` refers to.

    Returns:
        Problems in file order, one for each mistake.
    """
    validator = Draft202012Validator(schema, registry=Registry() if registry is None else registry)
    found: dict[tuple[tuple[str | int, ...], bool], Problem] = {}
    mistakes = [_Mistake.of(error) for error in validator.iter_errors(document.data)]
    for mistake in sorted(mistakes, key=_importance):
        for message, given, path, key in _messages(mistake):
            commented = mistake.value is None and document.is_commented_out(path)
            advice = "A # begins a comment: put the text in quotes." if commented else given
            problem = document.problem(path, message, advice, key=key)
            found.setdefault((path, key), problem)
    return sorted(set(found.values()))


def closest(word: str, allowed: Iterable[str]) -> str:
    """Return ``; did you mean X?`` for the most similar of ``allowed``, or nothing."""
    found = near(word, allowed)
    return f"; did you mean {found}?" if found else ""


def near(word: str, allowed: Iterable[str]) -> str | None:
    """Return the most similar of ``allowed``, if it can be what was meant."""
    by_folded = {candidate.casefold(): candidate for candidate in allowed}
    found = difflib.get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def listed(words: Iterable[Any]) -> str:
    """Return allowed values as people write them: ``a, b or c``."""
    texts = [_shown(word) for word in words]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} or {texts[-1]}"


def _importance(mistake: _Mistake) -> tuple[int, str]:
    """Sort a wrong kind before all that follows from it."""
    return (0 if mistake.keyword == "type" else 1, mistake.keyword)


def _messages(mistake: _Mistake) -> list[Message]:
    """Translate one error of the validator."""
    own = mistake.schema.get("x-messages", {})
    if mistake.keyword in own:
        words = str(own[mistake.keyword])
        text = words.replace("{value}", mistake.shown)
        return [(text, mistake.description, mistake.path, mistake.in_key)]
    if mistake.in_key:
        return _key_name(mistake)
    if mistake.keyword in _WRITERS:
        return _WRITERS[mistake.keyword](mistake)
    if mistake.keyword == "not" and mistake.wanted == {}:
        return [("this must not stand here", "Remove it.", mistake.path, True)]
    return [("the value does not fit here", mistake.description, mistake.path, False)]


def _kind(mistake: _Mistake) -> list[Message]:
    wanted = mistake.wanted
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    expected = listed(_KINDS.get(name, name) for name in names if name != "null")
    text = f"{_subject(mistake.path)} must be {expected or 'nothing'}, not {mistake.shown}"
    return [(text, mistake.description, mistake.path, False)]


def _unknown_keys(mistake: _Mistake) -> list[Message]:
    allowed = list(mistake.schema.get("properties", {}))
    patterns = mistake.schema.get("patternProperties", {})
    messages: list[Message] = []
    for key in mistake.value:
        if key in allowed or any(_matches(pattern, key) for pattern in patterns):
            continue
        meant = closest(str(key), allowed)
        advice = f"Here are allowed: {listed(allowed)}." if allowed else "Remove it."
        messages.append((f"unknown key {key}{meant}", advice, (*mistake.path, key), True))
    return messages


def _matches(pattern: str, key: str) -> bool:
    """Tell whether a key is one of a pattern's, as the validator does it."""
    return not list(Draft202012Validator({"pattern": pattern}).iter_errors(key))


def _required(mistake: _Mistake) -> list[Message]:
    misspelt = {near(key, mistake.wanted) for key in mistake.value if key not in mistake.wanted}
    missing = [key for key in mistake.wanted if key not in mistake.value and key not in misspelt]
    if not missing:
        return []
    place = "" if not mistake.path else f" of {mistake.path[-1]}"
    return [
        (
            f"the key {listed(missing)}{place} is missing",
            _about(mistake, missing[0]),
            mistake.path,
            True,
        )
    ]


def _choice(mistake: _Mistake) -> list[Message]:
    allowed = [mistake.wanted] if mistake.keyword == "const" else list(mistake.wanted)
    meant = closest(mistake.shown, [_shown(value) for value in allowed])
    choice = meant or f"; allowed: {listed(allowed)}"
    advice = f"Write {listed(allowed)}." if meant else mistake.description
    return [(f"{_subject(mistake.path)} is {mistake.shown}{choice}", advice, mistake.path, False)]


def _limit(mistake: _Mistake) -> list[Message]:
    words = {
        "minimum": "must be at least {limit}",
        "maximum": "must be at most {limit}",
        "exclusiveMinimum": "must be more than {limit}",
        "exclusiveMaximum": "must be less than {limit}",
        "minLength": "must have at least {limit} character(s)",
        "maxLength": "must have at most {limit} characters",
        "minItems": "needs at least {limit} entry",
        "maxItems": "may have at most {limit} entries",
        "minProperties": "needs at least {limit} key",
        "maxProperties": "may have at most {limit} key(s)",
        "uniqueItems": "lists a value twice",
        "pattern": "is written in a form that is not understood",
        "format": "is written in a form that is not understood",
    }[mistake.keyword].replace("{limit}", str(mistake.wanted))
    value = "" if isinstance(mistake.value, dict | list) else f", not {mistake.shown}"
    text = f"{_subject(mistake.path)} {words}"
    return [(text + (value if "must" in words else ""), mistake.description, mistake.path, False)]


def _key_name(mistake: _Mistake) -> list[Message]:
    key = str(mistake.value)
    text = f"{key} cannot be a key here"
    if mistake.keyword == "enum":
        meant = closest(key, mistake.wanted)
        text = f"unknown key {key}{meant or '; allowed: ' + listed(mistake.wanted)}"
    return [(text, mistake.description, mistake.path, True)]


_WRITERS: dict[str, Callable[[_Mistake], list[Message]]] = {
    "type": _kind,
    "additionalProperties": _unknown_keys,
    "unevaluatedProperties": _unknown_keys,
    "required": _required,
    "enum": _choice,
    "const": _choice,
    **dict.fromkeys(
        (
            *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
            *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
            *("minProperties", "maxProperties", "pattern", "format"),
        ),
        _limit,
    ),
}


def _subject(path: Path) -> str:
    """Name what a path points at: its last key, or the entry of a list."""
    if not path:
        return "the file"
    last = path[-1]
    if isinstance(last, int):
        names = [step for step in path if isinstance(step, str)]
        return f"entry {last + 1}" + (f" of {names[-1]}" if names else "")
    return last


def _shown(value: Any) -> str:
    """Return a value as YAML writes it, shortened; mappings and lists by kind."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value == "":
        return "empty"
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _about(mistake: _Mistake, key: str) -> str:
    """Return what the schema says about a missing key, as advice."""
    declared = mistake.schema.get("properties", {}).get(key, {})
    about = declared.get("description", "") if isinstance(declared, dict) else ""
    return f"Add {key}: {about}" if about else f"Add {key}."
