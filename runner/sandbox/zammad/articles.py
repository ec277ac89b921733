"""Articles: read from a request, checked, stored, shown."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.sandbox.zammad import access, contacts, files, mails, markup, moments, times, values
from runner.sandbox.zammad.store import Article
from runner.sandbox.zammad.wire import Call, Failure, Reply, forbidden, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

SENDERS = ("Agent", "Customer", "System")
MOST_CHARACTERS = 1_500_000
_NO_BODY = "Need at least an 'article body' field."


@dataclass(slots=True)
class Draft:
    """An article that passed all checks and waits for its ticket to be stored."""

    params: Row
    type_id: int
    sender_id: int
    origin_by_id: int | None
    body: str
    content_type: str
    internal: bool
    uploads: list[files.Upload]


def draft(state: State, call: Call, params: Row, group_id: int, ticket_id: int) -> Draft:
    """Check an article before anything is stored.

    Args:
        state: the server.
        call: the request.
        params: the article in it.
        group_id: the group of its ticket.
        ticket_id: the id of its ticket; 0 for a new one.

    Raises:
        Failure: 422 for a missing body, unknown names and bad attachments, 500 for mail from a
            group without an address.
    """
    body = values.text(params.get("body"), len(str(params.get("body") or ""))) or ""
    if not body.strip():
        raise unprocessable(_NO_BODY)
    type_id = _number(params, "type", state.dialect.article_types, "note")
    sender_id = _number(params, "sender", SENDERS, "Agent")
    internal = bool(values.boolean(params.get("internal")))
    values.require_known_people(state, params)
    origin = values.resolve(state, params, ("origin_by",)).get("origin_by_id")
    if not access.group_access(state, call.user, group_id, "create", "change"):
        # A customer writes notes and web messages as himself (API reference §a4, C).
        note, web = (state.dialect.article_types.index(name) + 1 for name in ("note", "web"))
        type_id = type_id if type_id in (note, web) else note
        sender_id, internal, origin = 2, False, None
    if not call.importing:
        mails.require_deliverable(state, group_id, type_id, sender_id, params)
    uploads = files.read(params.get("attachments"))
    content_type = values.text(params.get("content_type"), 20) or "text/plain"
    if content_type == "text/html":
        body = _clean(state, body, uploads, ticket_id)
    if len(body) > MOST_CHARACTERS:
        if not call.importing:
            raise unprocessable("Body of article is too large")
        body = body[:MOST_CHARACTERS]
    return Draft(params, type_id, sender_id, origin, body, content_type, internal, uploads)


def _number(params: Row, name: str, known: tuple[str, ...], default: str) -> int:
    """Return the id of an article type or sender, given by name or number."""
    given = params.get(name)
    if isinstance(given, str) and given:
        if given not in known:
            raise unprocessable(f"No lookup value found for '{name}': \"{given}\"")
        return known.index(given) + 1
    number = values.integer(params.get(f"{name}_id"))
    if number is None:
        return known.index(default) + 1
    if not 1 <= number <= len(known):
        raise unprocessable(f"Invalid value for param '{name}_id': {number}")
    return number


def _clean(state: State, body: str, uploads: list[files.Upload], ticket_id: int) -> str:
    """Sanitize HTML; its inline images are appended to ``uploads``."""
    images = 0

    def keep(mime_type: str, content: bytes) -> str:
        nonlocal images
        images += 1
        host = state.settings.value("fqdn")
        content_id = f"{ticket_id}.{uuid.uuid4()}@{host}"
        uploads.append(files.inline_image(mime_type, content, content_id, images))
        return content_id

    return markup.sanitize(body, keep)


def add(state: State, call: Call, ticket: Row, checked: Draft) -> Article:
    """Store an article and let it move its ticket."""
    params = checked.params
    now = state.now()
    kept = params if call.importing else {}
    me = call.user["id"]
    article = Article(
        id=state.store.next_id("articles"),
        ticket_id=ticket["id"],
        type_id=checked.type_id,
        sender_id=checked.sender_id,
        sent_from=values.text(params.get("from"), 3000),
        to=values.text(params.get("to"), 3000),
        cc=values.text(params.get("cc"), 3000),
        subject=values.text(params.get("subject"), 3000),
        reply_to=values.text(params.get("reply_to"), 300),
        message_id=values.text(params.get("message_id"), 3000),
        in_reply_to=values.text(params.get("in_reply_to"), 3000),
        content_type=checked.content_type,
        body=checked.body,
        internal=checked.internal,
        preferences=params["preferences"] if isinstance(params.get("preferences"), dict) else None,
        updated_by_id=me,
        created_by_id=me,
        origin_by_id=checked.origin_by_id,
        created_at=moments.read(kept.get("created_at")) or now,
        updated_at=moments.read(kept.get("updated_at")) or now,
        attachments=files.keep(state, checked.uploads),
    )
    if not call.importing:
        mails.fill_sender(state, call, article)
    state.store.add_article(article)
    contacts.note(state, ticket, article, now, importing=call.importing)
    if times.is_allowed(state, call, params):
        times.from_article(state, call, ticket, article, params)
    if not call.importing:
        mails.send(
            state, ticket, article, first=len(state.store.ticket_articles[ticket["id"]]) == 1
        )
    return article


def show(state: State, article: Article, *, expand: bool = True) -> Row:
    """Return an article as Zammad shows it; names of people are logins."""
    message_id = article.message_id
    row: Row = {
        "id": article.id,
        "ticket_id": article.ticket_id,
        "type_id": article.type_id,
        "sender_id": article.sender_id,
        "from": article.sent_from,
        "to": article.to,
        "cc": article.cc,
        "subject": article.subject,
        "reply_to": article.reply_to,
        "message_id": message_id,
        "message_id_md5": _md5(message_id) if message_id else None,
        "in_reply_to": article.in_reply_to,
        "content_type": article.content_type,
        "body": files.body_with_urls(article) if article.attachments else article.body,
        "internal": article.internal,
        "preferences": article.preferences or {},
        "updated_by_id": article.updated_by_id,
        "created_by_id": article.created_by_id,
        "origin_by_id": article.origin_by_id,
        "created_at": article.created_at,
        "updated_at": article.updated_at,
        "attachments": [files.show(attachment) for attachment in article.attachments],
    }
    if state.dialect.time_accountings:
        row["detected_language"] = None
        row["time_unit"] = times.of_article(state, article)
    else:
        row["references"] = None
    if expand:
        row["type"] = state.dialect.article_types[article.type_id - 1]
        row["sender"] = SENDERS[article.sender_id - 1]
        row["created_by"] = state.login(article.created_by_id)
        row["updated_by"] = state.login(article.updated_by_id)
        if article.origin_by_id is not None:
            row["origin_by"] = state.login(article.origin_by_id)
    return row


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _ticket(state: State, call: Call, identifier: Any, level: str) -> Row:
    number = values.integer(identifier)
    ticket = state.row("tickets", number)
    if ticket is None:
        raise missing("Ticket", identifier)
    allowed = access.may_see_ticket(state, call.user, ticket, level)
    if not allowed and not (level != "read" and ticket["customer_id"] == call.user["id"]):
        raise forbidden()
    return ticket


def _create(state: State, call: Call) -> Reply:
    ticket = _ticket(state, call, call.params.get("ticket_id"), "change")
    checked = draft(state, call, call.params, ticket["group_id"], ticket["id"])
    article = add(state, call, ticket, checked)
    # Zammad stores the article first and refuses its time afterwards, so that a 403 leaves an
    # article behind (recording 6.5: article 12 is there after "internal note with time …").
    times.require_allowed(state, call, call.params)
    return Reply(show(state, article), 201)


def _by_ticket(state: State, call: Call) -> Reply:
    ticket = _ticket(state, call, call.ids[0], "read")
    found = state.store.tables.articles.items_by_id
    rows = [found[number] for number in state.store.ticket_articles.get(ticket["id"], ())]
    if not access.is_agent(state, call.user):
        rows = [article for article in rows if not article.internal]
    rows.sort(key=lambda article: (article.created_at, article.id))
    return Reply([show(state, article) for article in rows])


def _article(state: State, call: Call, level: str) -> Article:
    article = state.store.tables.articles.items_by_id.get(call.ids[0])
    if article is None:
        raise missing("Ticket::Article", call.ids[0])
    _ticket(state, call, article.ticket_id, level)
    return article


def _show(state: State, call: Call) -> Reply:
    return Reply(show(state, _article(state, call, "read")))


def _update(state: State, call: Call) -> Reply:
    """Only ``internal`` can be changed (API reference §0, fact 7)."""
    article = _article(state, call, "change")
    internal = values.boolean(call.params.get("internal"))
    if internal is not None and internal != article.internal:
        article.internal = internal
        article.updated_at = state.now()
    return Reply(show(state, article))


def _delete(state: State, call: Call) -> Reply:
    """Own, fresh notes can be deleted, nothing else."""
    article = _article(state, call, "change")
    note = state.dialect.article_types[article.type_id - 1] == "note"
    seconds = values.integer(state.settings.value("ui_ticket_zoom_article_delete_timeframe"))
    oldest = moments.stamp(state.clock() - (seconds or 0))
    fresh = not seconds or article.created_at > oldest
    if not note or not fresh or article.created_by_id != call.user["id"]:
        raise Failure(403, "Not authorized")
    state.store.remove_article(article.id)
    return Reply({})


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("POST", "ticket_articles"): _create,
    ("GET", "ticket_articles/by_ticket/:id"): _by_ticket,
    ("GET", "ticket_articles/:id"): _show,
    ("PUT", "ticket_articles/:id"): _update,
    ("DELETE", "ticket_articles/:id"): _delete,
}
