"""What the posts of one conversation become: its articles, what is left out, what is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.engine import extra, links, merged, message_ids, missing_files, pictures
from runner.engine.change import Child
from runner.mapping.transform import transform
from runner.snapshot.replies import with_first_reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.world import World
    from runner.errors import MigrateError
    from runner.mapping.model import Note

NO_POSTS = "no-posts"
"""Source id of the article of a conversation without any post: Zammad's tickets need one."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The posts of one case, transformed.

    ``children`` are its articles in time order, ``skipped`` post ids with the reason,
    ``failures`` why it cannot be moved, ``first_reply`` when an agent first answered.
    """

    first_reply: str | None = None
    children: tuple[Child, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    failures: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


class Threads:
    """Reads records and threads from the snapshot, anew each time."""

    def record(self, world: World, case_id: int | str) -> dict[str, Any] | None:
        """Return an expanded case, None when there is none."""
        return world.snapshot.record("cases", case_id)

    def read(
        self,
        world: World,
        record: dict[str, Any],
        bodies: Callable[[int], MigrateError | None] | None = None,
    ) -> Thread:
        """Return what the posts of an expanded case become.

        Args:
            world: what is known of both sides.
            record: the case; its posts are in the snapshot.
            bodies: waits for the posts of another case; None when nothing is being pulled.

        Raises:
            RecordError: the posts of a case that this one was merged into could not be read.
        """
        return made(world, record, bodies)


def made(
    world: World, record: dict[str, Any], bodies: Callable[[int], MigrateError | None] | None
) -> Thread:
    """Transform every post of a case."""
    posts = world.snapshot.posts(record["id"], case=record)
    record = with_first_reply(record, posts)
    moved = merged.moved_posts(world, record, bodies)
    children: list[Child] = []
    skipped: list[tuple[str, str]] = []
    failures: list[str] = []
    notes: list[Note] = []
    identity = message_ids.MessageIds(world, record)
    for post in posts:
        post_id = str(post["id"])
        if post_id in moved:
            continue
        article = transform(world.mappings, "articles", post, parent=record, go_live=world.go_live)
        notes += article.notes
        if article.skip is not None:
            skipped.append((post_id, article.skip))
        elif article.failures:
            failures += [f"post {post_id}: {failure}" for failure in article.failures]
        else:
            payload = links.rewrite(world, article.payload, notes)
            payload = missing_files.say(payload, notes)
            pictures.note_losses(post_id, payload, world.snapshot.file, notes)
            children.append(Child(post_id, post["digest"], **identity.give(post_id, payload)))
    if not children and world.snapshot.bodies(record["id"]) == "complete":
        children.append(_without_posts(world, record))
    skipped += [(post_id, merged.MOVED) for post_id in sorted(moved)]
    return Thread(
        record["first_agent_reply_at"],
        tuple(children),
        tuple(skipped),
        tuple(failures),
        tuple(notes),
    )


def _without_posts(world: World, record: dict[str, Any]) -> Child:
    into = record.get("merged_into")
    text = f"(merged into conversation {into})" if into else "(no messages)"
    return extra.article(world, record["id"], NO_POSTS, text, created_at=record["created_at"])
