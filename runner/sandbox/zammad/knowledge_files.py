"""Files of answers in the knowledge base, and the download of all its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.zammad import access, files, knowledge_answers, knowledge_rows
from runner.sandbox.zammad.files import Upload
from runner.sandbox.zammad.wire import Call, Reply, missing, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State


def _add(state: State, call: Call) -> Reply:
    """Store the ``file`` of a form (recording 6.5, "knowledge base attachment")."""
    row = knowledge_answers.find(state, call)
    upload = call.params.get("file")
    if not isinstance(upload, Upload):
        raise unprocessable("file is missing")
    [kept] = files.keep(state, [upload])
    item = {"id": kept.id, "answer_id": row["id"], "content_id": None, "attachment": kept}
    state.store.insert("knowledge_files", item)
    knowledge_answers.touch(state, row)
    return Reply(knowledge_rows.of_answer(state, row))


def _remove(state: State, call: Call) -> Reply:
    row = knowledge_answers.find(state, call)
    item = state.row("knowledge_files", call.ids[2])
    if item is None or item["answer_id"] != row["id"]:
        raise missing("Store", call.ids[2])
    state.store.remove("knowledge_files", item["id"])
    knowledge_answers.touch(state, row)
    return Reply(knowledge_rows.of_answer(state, row))


def _download(state: State, call: Call) -> Reply:
    access.require(state, call, "knowledge_base.editor", "knowledge_base.reader")
    item = state.row("knowledge_files", call.ids[0])
    if item is None:
        raise missing("Store", call.ids[0])
    return files.content(state, call, item["attachment"])


_PLACE = "knowledge_bases/:id/answers/:id/attachments"
ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("POST", _PLACE): _add,
    ("DELETE", f"{_PLACE}/:id"): _remove,
    ("GET", "attachments/:id"): _download,
}
