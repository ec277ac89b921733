"""Attributes of a run in Zammad: planned, created before the first record, proven, removed.

They stand in the ledger like records (table ``attributes``, source id ``Ticket.kayako_product``):
``intended`` before they are sent, ``partial`` until their values are proven to survive, ``done``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.engine.probing import probe
from runner.errors import PreflightError, Refused
from runner.zammad import attributes as zammad_attributes
from runner.zammad import probes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from runner.engine.world import World
    from runner.ledger import Ledger
    from runner.mapping.attribute import Attribute
    from runner.zammad.attributes import Step
    from runner.zammad.client import Zammad
    from runner.zammad.settings import Setting

TABLE = "attributes"
_TYPES = "ticket_type"
_SAMPLES: dict[str, tuple[Any, Any]] = {
    "input": ("one", "two"),
    "textarea": ("one", "two"),
    "integer": (1, 2),
    "boolean": (True, False),
    "date": ("2001-02-03", "2002-03-04"),
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What apply would do with attributes: names by action."""

    names: Mapping[str, list[str]] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        """Say whether any is created or changed."""
        return bool(self.names.get("create") or self.names.get("update"))


def outlook(world: World, entities: Iterable[str]) -> Outlook:
    """Compare the attributes that a run needs with those that are there; writes nothing.

    Raises:
        PreflightError: one is there already and of another type.
    """
    wanted = [one for one in world.custom_fields.everything() if one.entity in set(entities)]
    types = new_types(world) if "tickets" in set(entities) else []
    there = zammad_attributes.read(world.zammad) if world.zammad and (wanted or types) else {}
    names: dict[str, list[str]] = {}
    for step in _steps(wanted, types, there):
        names.setdefault(step.action, []).append(step.key)
    required = [f"{one.object}.{one.name}" for one in wanted if one.required]
    return Outlook(names, required)


def new_types(world: World) -> list[str]:
    """Return the ticket types that vocabularies create."""
    mappings = world.mappings
    used = (mappings.vocabularies[name] for name in mappings.vocabularies_of("tickets"))
    entries = [
        entry
        for table in used
        if table.zammad == _TYPES
        for entry in (*table.entries.values(), *table.custom.values(), table.anything_else)
    ]
    return list(dict.fromkeys(entry.new for entry in entries if entry is not None and entry.new))


def _steps(
    wanted: Iterable[Attribute], types: list[str], there: Mapping[str, dict[str, Any]]
) -> list[Step]:
    """Compare one by one; all that do not fit are named at once."""
    steps, refusals = [], []
    bodies = [attribute.body for attribute in wanted]
    listing = there.get(zammad_attributes.TICKET_TYPE)
    if types and listing is not None:
        # Types are the choices of an attribute that Zammad brings along.
        bodies.append({**listing, "data_option": {"options": {name: name for name in types}}})
    for body in bodies:
        try:
            steps.append(zammad_attributes.compare(body, there.get(zammad_attributes.key_of(body))))
        except PreflightError as refusal:
            refusals.append(refusal)
    if refusals:
        words = "; ".join(str(refusal) for refusal in refusals)
        raise PreflightError(words, advice=refusals[0].advice)
    return steps


def prepare(
    world: World,
    zammad: Zammad,
    settings: Mapping[str, Setting],
    *,
    patience: float,
    tell: Callable[[str], None],
) -> None:
    """Create what is missing and widen what is too narrow, all with one migration.

    Raises:
        PreflightError: it cannot be done; nothing was moved.
    """
    wanted, types = world.custom_fields.everything(), new_types(world)
    if not wanted and not types:
        return
    there = zammad_attributes.read(zammad)
    steps = _steps(wanted, types, there)
    _note(world, steps)
    work = [step for step in steps if step.action != zammad_attributes.UNCHANGED]
    ours = frozenset(step.key for step in steps)
    if not work and not any(zammad_attributes.is_pending(there[key]) for key in ours):
        return
    zammad_attributes.refuse_unfinished(there.values(), ours)
    tell(f"creating or changing {len(work)} attributes; Zammad may restart itself")
    table = world.ledger.table(TABLE)
    for step in work:
        target_id = zammad_attributes.send(zammad, step)
        table.put({**(table.get(step.key) or {}), "target_id": target_id, "status": "partial"})
    world.ledger.flush()
    zammad_attributes.migrate(zammad, settings, patience=patience)


def _note(world: World, steps: list[Step]) -> None:
    """Write down what is about to be sent, and what was there before us."""
    table = world.ledger.table(TABLE)
    documents = []
    for step in steps:
        known = table.get(step.key)
        if known is None:
            known = _document(step)
        elif step.action == zammad_attributes.UNCHANGED and known["status"] != "intended":
            continue
        if step.there is None:
            known = {**known, "target_id": None, "status": "intended", "adopted": False}
        else:
            known = {**known, "target_id": step.there["id"], "status": "partial"}
            if known["adopted"] and step.action == zammad_attributes.UPDATE:
                before = {"data_option": step.there["data_option"]}
                known = {**known, "before": {**before, **known["before"]}}
        documents.append(known)
    if documents:
        table.put_durably(documents)


def _document(step: Step) -> dict[str, Any]:
    return {
        "source_id": step.key,
        "target_id": None,
        "status": "intended",
        "action": step.action,
        "adopted": step.there is not None,
        "before": {},
        "notes": [],
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def prove(world: World, zammad: Zammad) -> None:
    """Make sure that values of new attributes survive, whichever process answers.

    With several processes those that did not run the migration drop the values with a success
    status until they are restarted (reference §j).

    Raises:
        PreflightError: they do not survive; says what to restart.
    """
    table = world.ledger.table(TABLE)
    documents = [document for document in table if document["status"] == "partial"]
    unproven = {document["source_id"] for document in documents}
    for entity in probes.PATHS:
        found = [
            one
            for one in world.custom_fields.everything()
            if one.entity == entity and f"{one.object}.{one.name}" in unproven
        ]
        samples = _samples(found)
        if samples[0]:
            _prove(world, zammad, entity, samples)
    for document in documents:
        table.put({**document, "status": "done"})
    world.ledger.flush()


def _samples(attributes: Iterable[Attribute]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two sets of values that differ in every attribute."""
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    for one in attributes:
        pair = _SAMPLES.get(one.data_type)
        if pair is None:
            values = [*dict.fromkeys(one.choices.values()), ""][:2]
            if not values[0]:
                continue  # a list without choices takes no value
            pair = (values[0], values[1])
            if one.data_type == "multiselect":
                pair = ([values[0]], [value for value in values[1:] if value])
        first[one.name], second[one.name] = pair
    return first, second


def _prove(
    world: World, zammad: Zammad, entity: str, samples: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    try:
        with probe(world.ledger, zammad, entity) as path:
            lost = probes.lost_values(zammad, path, samples)
    except Refused as refusal:
        raise PreflightError(
            f"Zammad refuses a probe with values of custom fields: {refusal}",
            advice="a core workflow or a required field may be in the way: switch it off first",
        ) from refusal
    if lost:
        raise PreflightError(
            f"Zammad loses the values of new attributes of {entity}: {', '.join(lost)}",
            advice=(
                "some of its processes do not know them yet: restart Zammad (systemctl restart"
                " zammad, or docker compose restart), then apply again; nothing was moved by this"
                " run"
            ),
        )


def remove(
    ledger: Ledger,
    zammad: Zammad,
    settings: Mapping[str, Setting],
    *,
    patience: float,
    removed: Callable[[str], None],
    kept: Callable[[dict[str, Any], str], None],
) -> None:
    """Take away what we created, and give back what was there before; one migration for all.

    Args:
        ledger: what was done.
        zammad: the server.
        settings: its settings.
        patience: how long it may take to go down where it restarts itself.
        removed: is told ``removed`` or ``restored``, once for each attribute.
        kept: is told the document of one that could not be removed, and why.
    """
    table = ledger.table(TABLE)
    documents = list(reversed(table))
    if not documents:
        return
    there = zammad_attributes.read(zammad)
    ours = frozenset(document["source_id"] for document in documents)
    waiting = False
    gone = []
    for document in documents:
        row = there.get(document["source_id"])
        if row is not None:
            try:
                word = _undo(zammad, document, row)
            except Refused as refusal:
                kept(document, str(refusal))
                continue
            waiting = waiting or bool(word)
            if word:
                removed(word)
        gone.append(document["source_id"])
    if waiting or any(zammad_attributes.is_pending(there[key]) for key in ours & there.keys()):
        zammad_attributes.refuse_unfinished(there.values(), ours)
        zammad_attributes.migrate(zammad, settings, patience=patience)
    for source_id in gone:
        table.remove(source_id)
    ledger.flush()


def _undo(zammad: Zammad, document: Mapping[str, Any], row: dict[str, Any]) -> str:
    """Mark one attribute for deletion or give it back what it was; say which, or nothing."""
    path = f"{zammad_attributes.PATH}/{row['id']}"
    if not document.get("adopted"):
        zammad.delete(path)
        return "removed"
    if document["before"]:
        option = document["before"]["data_option"]
        zammad.update(path, zammad_attributes.with_option(row, option))
        return "restored"
    return ""
