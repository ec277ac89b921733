"""Tags of tickets, and of answers in the knowledge base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, knowledge_answers, values
from runner.sandbox.zammad.wire import Call, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row


def read(state: State, given: Any) -> list[str]:
    """Read the ``tags`` of a new ticket: a comma list or a list.

    Raises:
        Failure: 422 for characters that the version refuses; the ticket is not created then.
    """
    if not given:
        return []
    parts = given if isinstance(given, list) else str(given).split(",")
    found = [str(part).strip() for part in parts]
    for tag in found:
        _require_clean(state, tag)
    return [tag for tag in found if tag]


def add_all(state: State, ticket: Row, wanted: list[str]) -> None:
    """Give a ticket its tags; each moves its ``updated_at``."""
    if not wanted:
        return
    held = state.store.tables.tags.setdefault(ticket["id"], [])
    held += [tag for tag in dict.fromkeys(wanted) if tag not in held]
    ticket["updated_at"] = state.now()


def _require_clean(state: State, tag: str) -> None:
    if any(character in tag for character in state.dialect.tags_refuse):
        raise unprocessable("Attribute 'tag_item_id\" of relation \"tags' required!")


def _ticket(state: State, call: Call, level: str) -> Row:
    if call.params.get("object", "Ticket") != "Ticket":
        raise forbidden()
    identifier = values.integer(call.params.get("o_id"))
    row = state.row("tickets", identifier)
    if row is None:
        raise missing("Ticket", identifier)
    if not access.may_see_ticket(state, call.user, row, level):
        raise forbidden()
    return row


def _of_answer(state: State, call: Call) -> Row | None:
    """Return the answer that a call is about; None when it is about a ticket."""
    if call.params.get("object") != "KnowledgeBase::Answer":
        return None
    access.require(state, call, "knowledge_base.editor")
    identifier = values.integer(call.params.get("o_id"))
    row = state.row("knowledge_answers", identifier)
    if row is None:
        raise missing("KnowledgeBase::Answer", identifier)
    return row


def _index(state: State, call: Call) -> Reply:
    answer = _of_answer(state, call)
    if answer is not None:
        return Reply({"tags": list(answer["tags"])})
    row = _ticket(state, call, "read")
    return Reply({"tags": list(state.store.tables.tags.get(row["id"], ()))})


def _add(state: State, call: Call) -> Reply:
    tag = call.text("item").strip()
    answer = _of_answer(state, call)
    if answer is None:
        row = _ticket(state, call, "change")
        _require_clean(state, tag)
        add_all(state, row, [tag])
        return Reply(body=True, status=201)
    _require_clean(state, tag)
    if tag not in answer["tags"]:
        answer["tags"] = [*answer["tags"], tag]
    knowledge_answers.touch(state, answer)
    return Reply(body=True, status=201)


def _remove(state: State, call: Call) -> Reply:
    answer = _of_answer(state, call)
    if answer is not None:
        answer["tags"] = [tag for tag in answer["tags"] if tag != call.text("item")]
        knowledge_answers.touch(state, answer)
        return Reply(body=True, status=201)
    row = _ticket(state, call, "change")
    held = state.store.tables.tags.get(row["id"], [])
    if call.text("item") in held:
        held.remove(call.text("item"))
        row["updated_at"] = state.now()
    return Reply(body=True, status=201)


def _list(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.tag")
    counts: dict[str, int] = {}
    for held in state.store.tables.tags.values():
        for tag in held:
            counts[tag] = counts.get(tag, 0) + 1
    rows = [
        {"id": number, "name": name, "count": count}
        for number, (name, count) in enumerate(sorted(counts.items()), start=1)
    ]
    return Reply(rows[: values.integer(call.params.get("limit")) or 1000])


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "tags"): _index,
    ("POST", "tags/add"): _add,
    ("DELETE", "tags/remove"): _remove,
    ("GET", "tag_list"): _list,
}
