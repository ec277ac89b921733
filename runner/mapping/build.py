"""From checked plain data to the model."""

from __future__ import annotations

from typing import Any

from runner.mapping.model import EntityMapping, Entry, Rule, Vocabulary

SOURCES = (
    "from",
    "always",
    "template",
    "team",
    "person",
    "organization",
    "ticket",
    "category",
    "section",
)
_ANYTHING_ELSE = "anything_else"


def build_rule(data: dict[str, Any]) -> Rule:
    """Build a rule."""
    source = next(word for word in SOURCES if word in data)
    given = data[source]
    paths: tuple[str, ...] = ()
    if source not in ("always", "template"):
        paths = tuple(given) if isinstance(given, list) else (given,)
    conversion = data.get("as")
    if_unknown = data.get("if_unknown", "fail")
    used = if_unknown.get("use") if isinstance(if_unknown, dict) else None
    return Rule(
        source=source,
        paths=paths,
        given=given if not paths else None,
        vocabulary=data.get("vocabulary"),
        table=data.get("kayako_to_zammad"),
        conversion=conversion if isinstance(conversion, str) else None,
        conversions=conversion if isinstance(conversion, dict) else {},
        add_days=data.get("add_days", 0),
        not_before=data.get("not_before"),
        cut_at=data.get("cut_at"),
        if_empty=data.get("if_empty"),
        if_unknown="use" if isinstance(if_unknown, dict) else if_unknown,
        used=used,
        only_if=data.get("only_if") or {},
    )


def build_mapping(data: dict[str, Any], file: str) -> EntityMapping:
    """Build an entity's mapping; ``file`` is its name as shown to the user."""
    variants = dict(data.get("variants") or {})
    by = variants.pop("by", [])
    return EntityMapping(
        entity=data["entity"],
        kayako=data["kayako"],
        zammad=data["zammad"],
        file=file,
        description=data.get("description", ""),
        inside=data.get("inside"),
        skip=data.get("skip") or {},
        only_if=data.get("only_if") or {},
        fields=_rules(data.get("zammad_fields")),
        variants_by=tuple(by) if isinstance(by, list) else (by,),
        variants={value: _rules(rules) for value, rules in variants.items()},
        ignore=data.get("ignore") or {},
        data=data,
    )


def build_vocabulary(data: dict[str, Any]) -> Vocabulary:
    """Build a vocabulary."""
    custom = {label: build_entry(entry) for label, entry in (data.get("custom") or {}).items()}
    anything_else = custom.pop(_ANYTHING_ELSE, None)
    shipped = data.get("shipped_labels")
    entries = data.get("kayako_to_zammad") or {}
    return Vocabulary(
        name=data["vocabulary"],
        kayako=data["kayako"],
        zammad=data["zammad"],
        key=data.get("key"),
        label=data.get("label"),
        ignore_case=data.get("ignore_case", False),
        others_keep_their_own=data.get("others_keep_their_own", False),
        shipped_labels=None if shipped is None else frozenset(shipped),
        entries={key: build_entry(entry) for key, entry in entries.items()},
        custom=custom,
        anything_else=anything_else,
        data=data,
    )


def build_entry(data: Any) -> Entry:
    """Build what one value becomes; ``nothing`` is None."""
    if not isinstance(data, dict):
        return Entry(None if data == "nothing" else data)
    if "new" in data:
        return Entry(data["new"], new=data["new"], like=data.get("like"))
    becomes = data["becomes"]
    remember_as = data.get("remember_as", "nothing")
    return Entry(None if becomes == "nothing" else becomes, remember_as)


def _rules(data: Any) -> dict[str, Rule]:
    return {name: build_rule(rule) for name, rule in (data or {}).items()}
