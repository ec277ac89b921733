"""The knowledge base itself: its looks, its languages, and everything in it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import access, knowledge_answers, knowledge_rows, moments, values
from runner.sandbox.zammad.wire import Call, Reply, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

_LOCALES = (
    ("en-us", "English (United States)"),
    ("bg", "Bulgarian (Български)"),
    ("cs", "Czech (Česky)"),
    ("da", "Dansk"),
    ("de-de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en-ca", "English (Canada)"),
    ("en-gb", "English (Great Britain)"),
    ("es-es", "Español"),
    ("fr-fr", "Français"),
    ("it-it", "Italiano"),
    ("nl-nl", "Nederlands"),
    ("pt-br", "Português (Brasil)"),
    ("sv-se", "Svenska"),
)
"""Languages by id from 1 up; the first four as recorded, the others are some of Zammad's."""

_LOOKS: Row = {
    "iconset": "FontAwesome",
    "color_highlight": "",
    "color_header": "",
    "color_header_link": "",
    "homepage_layout": "grid",
    "category_layout": "grid",
    "active": True,
    "show_feed_icon": False,
    "custom_address": None,
}
_COLOURS = ("color_highlight", "color_header", "color_header_link")


def _locales(state: State, call: Call) -> Reply:
    """Return what a client gets at the start; of it only the languages."""
    del state, call
    return Reply(
        {
            "collections": {
                "Locale": [
                    {"id": number, "locale": code, "name": name, "active": True}
                    for number, (code, name) in enumerate(_LOCALES, start=1)
                ]
            }
        }
    )


def _init(state: State, call: Call) -> Reply:
    """Return everything there is; texts only of ``answer_translation_content_ids``."""
    if not access.granted(state, call, "knowledge_base.editor"):
        return Reply([])
    found = knowledge_rows.essential(state)
    wanted = call.params.get("answer_translation_content_ids") or []
    texts = [state.row("knowledge_contents", values.integer(number)) for number in wanted]
    shown = {str(row["id"]): knowledge_rows.content(state, row) for row in texts if row}
    return Reply({**found, "KnowledgeBaseAnswerTranslationContent": shown} if shown else found)


def _base(state: State, call: Call) -> Row:
    row = state.row("knowledge_bases", call.ids[0])
    if row is None:
        raise missing("KnowledgeBase", call.ids[0])
    return row


def _show(state: State, call: Call) -> Reply:
    access.require(state, call, "knowledge_base.editor", "knowledge_base.reader")
    return Reply(_base(state, call))


def _looks(call: Call, row: Row) -> Row:
    """Return the columns of a request; colours must be there."""
    looks = {name: call.params.get(name, row[name]) for name in _LOOKS}
    for name in _COLOURS:
        if not looks[name]:
            raise unprocessable(f"{name.replace('_', ' ').capitalize()} can't be blank")
    return looks


def _create(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.knowledge_base")
    looks = _looks(call, _LOOKS)
    locales = _new_locales(call)
    if not locales:
        raise unprocessable("Kb locales can't be blank")
    now = state.now()
    kept = call.params if call.importing else {}
    row: Row = {
        "id": state.store.next_id("knowledge_bases"),
        **looks,
        "created_at": moments.read(kept.get("created_at")) or now,
        "updated_at": now,
    }
    state.store.insert("knowledge_bases", row)
    _add_locales(state, row, locales)
    _remember_lists(state, row)
    _tell_active(state)
    return Reply(row, 201)


def _update(state: State, call: Call) -> Reply:
    access.require(state, call, "admin.knowledge_base")
    row = _base(state, call)
    looks = _looks(call, row)
    locales = _new_locales(call)
    has = {one["system_locale_id"] for one in state.store.tables.knowledge_locales.values()}
    if any(values.integer(item["system_locale_id"]) in has for item in locales):
        raise unprocessable("Kb locales system locale has already been taken")
    state.store.change(row, {**looks, "updated_at": state.now()})
    _add_locales(state, row, locales)
    _remember_lists(state, row)
    _tell_active(state)
    return Reply(row)


def _new_locales(call: Call) -> list[Row]:
    """Return the languages of a request that the knowledge base does not have yet."""
    items = call.params.get("kb_locales_attributes") or []
    found = [dict(item) for item in (items.values() if isinstance(items, dict) else items)]
    fresh = [item for item in found if not item.get("id")]
    for item in fresh:
        if values.integer(item.get("system_locale_id")) not in range(1, len(_LOCALES) + 1):
            raise unprocessable("Kb locales system locale must exist")
    return fresh


def _add_locales(state: State, base: Row, items: list[Row]) -> None:
    """Add languages; each comes with a title made of the organization's name."""
    now = {"created_at": state.now(), "updated_at": state.now()}
    name = state.settings.value("organization") or "Zammad"
    for item in items:
        number = state.store.next_id("knowledge_locales")
        translation = {
            "id": state.store.next_id("knowledge_translations"),
            "title": f"{name} Knowledge Base",
            "footer_note": f"© {name}",
            "kb_locale_id": number,
            "knowledge_base_id": base["id"],
            **now,
        }
        state.store.insert("knowledge_translations", translation)
        locale = {
            "id": number,
            "knowledge_base_id": base["id"],
            "system_locale_id": values.integer(item["system_locale_id"]),
            "primary": bool(values.boolean(item.get("primary"))),
            **now,
            "knowledge_base_translation_ids": [translation["id"]],
            "category_translation_ids": [],
            "answer_translation_ids": [],
            "menu_item_ids": [],
        }
        state.store.insert("knowledge_locales", locale)


def _remember_lists(state: State, row: Row) -> None:
    """Note what belongs to the knowledge base, as it is now.

    Zammad shows these lists as they were when the knowledge base itself was changed last
    (recording 6.5: no categories and answers although there are some).
    """
    tables = state.store.tables
    inside = {one["id"] for one in tables.knowledge_categories.values()}
    answers = tables.knowledge_answers.values()
    row |= {
        "translation_ids": sorted(tables.knowledge_translations),
        "kb_locale_ids": sorted(tables.knowledge_locales),
        "category_ids": sorted(inside),
        "answer_ids": [one["id"] for one in answers if one["category_id"] in inside],
        "permission_ids": [],
        "permissions_effective": [],
    }


def _activity(*, active: bool) -> Callable[[State, Call], Reply]:
    def handler(state: State, call: Call) -> Reply:
        access.require(state, call, "admin.knowledge_base")
        row = _base(state, call)
        state.store.change(row, {"active": active, "updated_at": state.now()})
        _tell_active(state)
        return Reply(knowledge_rows.of_base(state, row))

    return handler


def _delete(state: State, call: Call) -> Reply:
    """Delete a knowledge base with everything in it."""
    access.require(state, call, "admin.knowledge_base")
    base = _base(state, call)
    tables = state.store.tables
    for answer in list(tables.knowledge_answers.values()):
        category = tables.knowledge_categories[answer["category_id"]]
        if category["knowledge_base_id"] == base["id"]:
            knowledge_answers.remove(state, answer)
    for table in ("knowledge_translations", "knowledge_locales", "knowledge_categories"):
        for row in list(tables.named(table).values()):
            if row["knowledge_base_id"] == base["id"]:
                state.store.remove(table, row["id"])
    for row in list(tables.knowledge_category_translations.values()):
        if row["category_id"] not in tables.knowledge_categories:
            state.store.remove("knowledge_category_translations", row["id"])
    state.store.remove("knowledge_bases", base["id"])
    _tell_active(state)
    return Reply({"status": "ok"})


def _tell_active(state: State) -> None:
    """Show the knowledge base in Zammad's menu when there is an active one."""
    if "kb_active" in state.settings.by_name:
        active = any(row["active"] for row in state.store.tables.knowledge_bases.values())
        state.settings.write("kb_active", value=active)


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "signshow"): _locales,
    ("POST", "knowledge_bases/init"): _init,
    ("GET", "knowledge_bases/:id"): _show,
    ("POST", "knowledge_bases/manage"): _create,
    ("GET", "knowledge_bases/manage/:id"): _show,
    ("PATCH", "knowledge_bases/manage/:id"): _update,
    ("PUT", "knowledge_bases/manage/:id"): _update,
    ("DELETE", "knowledge_bases/manage/:id"): _delete,
    ("PATCH", "knowledge_bases/manage/:id/activate"): _activity(active=True),
    ("PATCH", "knowledge_bases/manage/:id/deactivate"): _activity(active=False),
}
