"""Explaining single records, and trying templates on them: what only reads."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runner.documents import closest, listed
from runner.engine import explain, target
from runner.errors import Unreachable, UsageError
from runner.mapping.fields import FILES, unknown_step
from runner.mapping.running import FieldFailed, Run
from runner.mapping.templates import TemplateRefused, compile_template, paths_in_template
from runner.pipeline.opening import is_pulled, open_world
from runner.snapshot.replies import with_first_reply
from runner.zammad.client import Zammad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.config.model import Config
    from runner.engine.explain import Explanation
    from runner.engine.world import World

RESOURCES = {"case": "cases", "user": "users", "team": "teams", "organization": "organizations"}
"""Where the snapshot keeps each of Kayako's kinds of record."""


def explain_record(
    config: Config, word: str, record_id: str, *, by_ticket: bool
) -> tuple[Explanation, str | None]:
    """Explain a record; with ``by_ticket`` the id is that of a ticket in Zammad.

    Returns:
        The explanation, and why Zammad could not be asked (None: it was).
    """
    with _snapshot_world(config) as world:
        zammad = Zammad(config.zammad)
        unreachable = None
        try:
            try:
                target.look(world, zammad)
            except Unreachable as error:
                unreachable = str(error)
            if by_ticket:
                record_id = explain.case_of_ticket(world, int(record_id))
            return explain.explain(world, word, record_id), unreachable
        finally:
            zammad.close()


def try_template(config: Config, text: str, word: str, record_id: str, post_id: str | None) -> str:
    """Return what a template writes for one record of the snapshot, or one post of a case.

    Raises:
        UsageError: The template uses what is not allowed or fails on this record, or the snapshot
            has no such record.
    """
    try:
        render = compile_template(text)
    except TemplateRefused as error:
        raise UsageError(f"the template is refused: {error}") from None
    _refuse_unknown(text, "posts" if post_id is not None else RESOURCES[word])
    with _snapshot_world(config) as world:
        record = world.snapshot.record(RESOURCES[word], record_id)
        if record is None:
            raise UsageError(f"the snapshot has no {word} {record_id}")
        if word == "case":
            record = with_first_reply(record, world.snapshot.posts(record_id))
        parent = None
        if post_id is not None:
            record, parent = _post(world, record, post_id), record
        run = Run(record=record, parent=parent, go_live=world.go_live.isoformat())
        try:
            return render(run)
        except FieldFailed as error:
            raise UsageError(str(error)) from None


def _refuse_unknown(text: str, resource: str) -> None:
    """Refuse fields that Kayako's records do not have, as validate does."""
    for path in sorted(paths_in_template(text)):
        if path.split(".")[0] in {"parent", "go_live"}:
            continue
        unknown = unknown_step(resource, path)
        if unknown is not None:
            step, fields = unknown
            meant = closest(step, fields)
            raise UsageError(
                f"Kayako's {FILES[resource]} has no field {path}{meant}",
                advice="" if meant else f"there are: {listed(fields)}",
            )


def _post(world: World, case: dict[str, Any], post_id: str) -> dict[str, Any]:
    posts = {str(post["id"]): post for post in world.snapshot.posts(case["id"])}
    if post_id not in posts:
        there = ", ".join(posts) or "none are read yet; migrate pull reads them"
        raise UsageError(f"case {case['id']} has no post {post_id}", advice=f"there are: {there}")
    return posts[post_id]


@contextmanager
def _snapshot_world(config: Config) -> Iterator[World]:
    if not is_pulled(config):
        raise UsageError("there is no snapshot yet", advice="migrate pull makes it")
    with open_world(config, write=False, command="explain") as world:
        yield world
