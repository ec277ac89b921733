"""A helpdesk out of recorded answers of a real Kayako."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from runner.sandbox.data.helpdesk import File, Helpdesk
from runner.sandbox.data.shapes.basics import HOST

if TYPE_CHECKING:
    from pathlib import Path

    from runner.sandbox.data.table import Record

_API = "/api/v1/"
_WITHIN_POSTS = {"attachment", "message_recipient"}


def recorded(path: Path) -> Helpdesk:
    """Load recordings: a list of ``{request: {path, query}, response: {body | body_base64}}``.

    Every record of an answer is taken apart into references and the nested records themselves, so
    that the server gives the recorded answers again for the recorded requests, and fitting ones
    for any other choice of ``include`` and ``limit``. The recorded server's own address becomes
    that of the server which serves the helpdesk. What no answer holds is an empty list.
    """
    helpdesk = Helpdesk()
    for entry in json.loads(_own_address(path.read_text(encoding="utf-8"))):
        name = entry["request"]["path"].removeprefix(_API)
        response = entry["response"]
        if "body_base64" in response:
            _keep_file(helpdesk, name, response)
        elif name.endswith("/posts"):
            case_id = int(name.split("/")[1])
            posts = [_taken_apart(helpdesk, post) for post in response["body"]["data"]]
            helpdesk.add_case(helpdesk.cases[case_id], posts[::-1])
        else:
            for record in response["body"]["data"]:
                _keep(helpdesk, _taken_apart(helpdesk, record))
    return helpdesk


def _own_address(text: str) -> str:
    """Replace ``https://HOST`` of the recorded server by the stand-in for any server."""
    start = text.index('"resource_url": "https://') + len('"resource_url": "')
    return text.replace(text[start : text.index("/", start + len("https://"))], HOST)


def _keep_file(helpdesk: Helpdesk, name: str, response: Record) -> None:
    disposition = response["headers"]["Content-Disposition"]
    helpdesk.files[name.removesuffix("/download")] = File(
        disposition.partition('filename="')[2].rstrip('"'),
        response["headers"]["Content-Type"],
        base64.b64decode(response["body_base64"]),
    )


def _keep(helpdesk: Helpdesk, record: Record) -> None:
    kind = record["resource_type"]
    key = record.get("id", record.get("uuid"))
    if key is None or kind in _WITHIN_POSTS:
        return
    if kind == "case":
        helpdesk.add_case(record)
    elif key not in helpdesk.table(kind):
        helpdesk.add(record)


def _taken_apart(helpdesk: Helpdesk, record: Record) -> Record:
    """The record with references for what it nests; the nested ones are kept in the helpdesk."""
    return {key: _part(helpdesk, value) for key, value in record.items()}


def _part(helpdesk: Helpdesk, value: Any) -> Any:
    if isinstance(value, list):
        return [_part(helpdesk, item) for item in value]
    if not isinstance(value, dict):
        return value
    record = _taken_apart(helpdesk, value)
    kind = record.get("resource_type")
    names = [name for name in ("id", "uuid") if name in record]
    if kind is None or not names or len(record) <= 2 or kind in _WITHIN_POSTS:
        return record
    if kind not in {"case_message", "note", "chat_message", "twitter_tweet"}:
        _keep(helpdesk, record)
        return {names[0]: record[names[0]], "resource_type": kind}
    return record
