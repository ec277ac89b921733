"""From Kayako's field definitions to Zammad's object attributes: pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.documents import closest, listed
from runner.errors import InvalidFiles, Problem
from runner.mapping import field_options
from runner.mapping.attribute import Attribute
from runner.mapping.attribute_names import names
from runner.mapping.field_rules import OBJECTS, FieldChange, FieldRules
from runner.mapping.field_usage import LARGEST, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Field = Mapping[str, Any]

DEFAULT_PREFIX = "kayako_"
SYSTEM_KINDS = frozenset({"SUBJECT", "MESSAGE", "PRIORITY", "STATUS", "TYPE", "TEAM", "ASSIGNEE"})
LISTED_KINDS = frozenset({"RADIO", "SELECT", "CHECKBOX", "CASCADINGSELECT"})

_TEXTS = ("text", "textarea")
_AS_ANY_TEXT = (*_TEXTS, "integer", "date", "boolean")
_KINDS = {
    "TEXT": _AS_ANY_TEXT,
    "REGEX": _AS_ANY_TEXT,
    "TEXTAREA": ("textarea", "text", "integer", "date", "boolean"),
    "NUMERIC": ("integer", *_TEXTS),
    "DECIMAL": (*_TEXTS, "integer"),
    "DATE": ("date", *_TEXTS),
    "YESNO": ("boolean", *_TEXTS),
    "RADIO": ("select", "multiselect", *_TEXTS),
    "SELECT": ("select", "multiselect", *_TEXTS),
    "CHECKBOX": ("multiselect", *_TEXTS),
    "CASCADINGSELECT": ("tree_select", *_TEXTS),
    "FILE": _TEXTS,
}
"""What each type of Kayako's can become, the first unless the mapping says otherwise."""

_LEAST = {"text": 500, "textarea": 5_000, "select": 100, "multiselect": 100, "tree_select": 500}
_STEP = 500
_FIRST_POSITION = 1_000
_STAFF = {
    "tickets": ("ticket.agent",),
    "users": ("admin.user", "ticket.agent"),
    "organizations": ("admin.organization", "ticket.agent"),
}
_SCREENS = {"tickets": "create_middle", "users": "create", "organizations": "create"}


def attributes(
    entity: str,
    fields: Iterable[Field],
    rules: FieldRules,
    *,
    prefix: str = DEFAULT_PREFIX,
    usage: Mapping[str, Usage] | None = None,
    language: str = "en-us",
) -> list[Attribute]:
    """Return the attributes of an entity's fields, in Kayako's order.

    Args:
        entity: tickets, users or organizations.
        fields: Kayako's definitions with options and their texts (kayako-api.md §10). Values of
            fields that are not among them get an inactive attribute for text.
        rules: What ``custom_fields.yaml`` says.
        prefix: What stands before each key.
        usage: What the values look like, by the field's id.
        language: ``account.default_language``.

    Raises:
        InvalidFiles: The rules name fields that are not there, or kinds that they cannot become.
    """
    used = usage or {}
    own = _own(fields, used)
    problems = list(_unknown(entity, own, rules))
    taken = own_names(entity, rules)
    made = names(
        [(int(field["id"]), key_of(field)) for field in own],
        prefix=prefix,
        zammad=OBJECTS[entity],
        taken=taken,
    )
    found = []
    for field in own:
        key = key_of(field)
        if key in rules.ignore.get(entity, {}):
            continue
        change = rules.change.get(entity, {}).get(key, FieldChange())
        try:
            wanted = _wanted(field, change, used)
        except ValueError as error:
            place = (entity, "change", key, "as")
            problems.append(rules.problem(place, str(error), "Choose another kind."))
            continue
        change = replace(change, name=change.name or made[int(field["id"])], kind=wanted)
        found.append(_attribute(entity, field, change, used.get(str(field["id"])), language))
    if problems:
        raise InvalidFiles(problems)
    return found


def own_names(entity: str, rules: FieldRules) -> frozenset[str]:
    """Return the names that the mapping gives."""
    changes = rules.change.get(entity, {}).values()
    return frozenset(change.name for change in changes if change.name)


def key_of(field: Field) -> str:
    """Return the key under which records hold a field's value."""
    return str(field.get("key") or f"field_{field.get('id')}")


def is_own(field: Field) -> bool:
    """Say whether a field is one that a team added: Kayako's own are rules of the mappings."""
    return not field.get("is_system") and field.get("type") not in SYSTEM_KINDS


def _own(fields: Iterable[Field], used: Mapping[str, Usage]) -> list[Field]:
    """Return the fields to carry over, those included that only records know of."""
    known = {str(field["id"]): field for field in fields if field.get("id") is not None}
    lost: list[Field] = [
        {"id": number, "title": f"Field {number} (deleted in Kayako)", "is_enabled": False}
        for number in sorted(filter(str.isdigit, used.keys() - known.keys()), key=int)
    ]
    own: Sequence[Field] = [field for field in known.values() if is_own(field)]
    return sorted(own, key=lambda field: (field.get("sort_order") or 0, int(field["id"]))) + lost


def _unknown(entity: str, own: list[Field], rules: FieldRules) -> Iterable[Problem]:
    keys = [key_of(field) for field in own]
    for key, place in rules.named(entity):
        if key not in keys:
            meant = closest(key, keys) or (f"; there are: {listed(keys)}" if keys else "")
            yield rules.problem(place, f"Kayako's {entity} have no field {key}{meant}")


def _wanted(field: Field, change: FieldChange, used: Mapping[str, Usage]) -> str:
    """Return what a field becomes: what the mapping says, else its own kind, text where in doubt.

    Raises:
        ValueError: It cannot become what the mapping says.
    """
    kind = str(field.get("type") or "TEXT")
    possible = _KINDS.get(kind, _TEXTS)
    if change.kind is not None:
        if change.kind not in possible:
            words = f"{key_of(field)} is {kind} in Kayako: it can become {listed(possible)}"
            raise ValueError(f"{words}, not {change.kind}")
        return change.kind
    seen = used.get(str(field["id"]))
    if kind == "NUMERIC" and seen is not None and not seen.whole:
        return "text"
    return possible[0]


def _attribute(
    entity: str, field: Field, change: FieldChange, seen: Usage | None, language: str
) -> Attribute:
    """Return the attribute of a field; ``change`` says its name and kind."""
    kind, wanted = str(field.get("type") or "TEXT"), str(change.kind)
    seen = seen or Usage()
    options = {str(option.get("id")) for option in field.get("options") or []}
    deleted = sorted(seen.options - options, key=lambda number: (len(number), number))
    labels = field_options.labels(field, language, deleted) if kind in LISTED_KINDS else {}
    choices = _choices(wanted, labels)
    when_required = ("for_agents", "on_resolution", "for_customers")
    return Attribute(
        entity=entity,
        object=OBJECTS[entity],
        name=str(change.name),
        display=(change.label or _title(field, language))[:200],
        data_type="input" if wanted == "text" else wanted,
        key=key_of(field),
        kind=kind,
        data_option=_option(wanted, choices, labels, seen),
        screens=_screens(entity, field),
        position=_FIRST_POSITION + min(int(field.get("sort_order") or 0), 8_999),
        active=bool(field.get("is_enabled", True)),
        required=any(field.get(f"is_required_{when}") for when in when_required),
        choices=choices,
        labels=labels,
        deleted=frozenset(deleted),
    )


def _title(field: Field, language: str) -> str:
    """Return the words beside a field: for agents, else for customers, else its key."""
    title = " ".join(str(field.get("title") or "").split())
    return title or field_options.label(field.get("customer_titles"), language) or key_of(field)


def _choices(wanted: str, labels: Mapping[str, str]) -> dict[str, str]:
    if wanted == "tree_select":
        return {number: field_options.path(text) for number, text in labels.items()}
    if wanted in _TEXTS:
        return dict(labels)
    return {number: number for number in labels}


def _option(
    wanted: str, choices: Mapping[str, str], labels: Mapping[str, str], seen: Usage
) -> dict[str, Any]:
    """Return ``data_option`` as recorded on both versions; nothing is ever required here."""
    option: dict[str, Any] = {"null": True}
    if wanted in _LEAST:
        longest = max((len(value) for value in choices.values()), default=0)
        if wanted in _TEXTS:
            # Several labels make one text.
            longest = max(seen.longest, sum(len(text) + 2 for text in choices.values()))
        option["maxlength"] = max(_LEAST[wanted], -(-longest // _STEP) * _STEP)
    if wanted == "text":
        option["type"] = "text"
    elif wanted == "textarea":
        option["rows"] = 4
    elif wanted == "integer":
        option |= {"min": -LARGEST, "max": LARGEST}
    elif wanted == "date":
        # With a diff of 0 an empty date would become today (reference §j).
        option |= {"future": True, "past": True, "diff": None}
    elif wanted == "boolean":
        # Without a default: unset is not "no".
        option |= {"default": None, "options": {"true": "yes", "false": "no"}}
    elif wanted == "tree_select":
        tree = field_options.tree(choices.values())
        option |= {"default": "", "options": tree, "nulloption": True}
    else:
        chosen = {choices[number]: text for number, text in labels.items()}
        option |= {"default": "", "options": chosen, "nulloption": True}
    return option


def _screens(entity: str, field: Field) -> dict[str, Any]:
    """Return who sees the attribute where.

    Zammad cannot show a field to customers on these screens without letting them write it, so
    they get it there only where Kayako lets them edit it.
    """
    editable = bool(field.get("is_customer_editable"))
    visible = bool(field.get("is_visible_to_customers")) or editable
    staff = {role: {"shown": True, "required": False} for role in _STAFF[entity]}

    def screen(*, customers: bool) -> dict[str, Any]:
        return staff | {"ticket.customer": {"shown": customers, "required": False}}

    return {
        _SCREENS[entity]: screen(customers=editable),
        "edit": screen(customers=editable),
        "view": screen(customers=visible),
    }
