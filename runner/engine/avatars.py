"""Pictures of people, where the configuration asks for them: once a picture, on their own behalf.

Zammad knows no other way than the user's (reference §b6), so requests act as the user. People who
were in Zammad before keep the picture that they have there, and so do those who chose another one
since. Pictures go with their users: reset has nothing to remove.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.engine.apply import BLOCK, raise_if_stopped
from runner.engine.change import Action, Change
from runner.engine.verified import Kind
from runner.errors import OutcomeUnknown, RecordError, Refused
from runner.snapshot.beside import AVATARS
from runner.zammad import avatars, images

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.engine.apply import Run
    from runner.engine.verified import Verified
    from runner.engine.world import World
    from runner.ledger.operations import Document
    from runner.zammad.client import Zammad

TABLE = "avatars"
"""Table of the ledger, by Kayako's user; ``applied`` has the user's id and both digests."""

_ATTEMPTS = 4
_ANOTHER = "somebody chose another picture in Zammad; it stays"
_NO_PICTURE = "it is no picture that Zammad takes"


class _Stays(Exception):
    """A picture is left out; the text says why."""


@dataclass(frozen=True, slots=True)
class Avatar:
    """A picture that is not in Zammad yet: whose, what was pulled, and the ledger's document."""

    source_id: str
    person: Document
    pulled: dict[str, Any]
    known: Document | None

    @property
    def user_id(self) -> int:
        """The user's id in Zammad."""
        return int(self.person["target_id"])

    @property
    def wanted(self) -> dict[str, Any]:
        """What tells this picture of this user from any other."""
        return {"user": self.user_id, "sha256": self.pulled.get("sha256")}


def pending(world: World) -> Iterator[Avatar]:
    """Yield the pictures that are still to be written, in the order of Kayako's users."""
    if not world.avatars:
        return
    people, table = world.ledger.table("users"), world.ledger.table(TABLE)
    for user_id, pulled in world.snapshot.beside.everything(AVATARS):
        person = people.get(str(user_id))
        if person is None or person["status"] != "done" or person.get("adopted"):
            continue
        avatar = Avatar(str(user_id), person, pulled, table.get(str(user_id)))
        if not _is_done(avatar):
            yield avatar


def _is_done(avatar: Avatar) -> bool:
    known = avatar.known or {}
    same = avatar.wanted.items() <= (known.get("applied") or {}).items()
    return same and known["status"] in {"done", "skipped"}


def planned(world: World, change: Change) -> Action | None:
    """Return what becomes of the picture of a user, None where there is none to be written."""
    left = {Action.SKIP, Action.FAIL}
    if not world.avatars or change.adopted or change.action in left:
        return None
    if not change.source_id.isdigit():
        return None
    pulled = world.snapshot.beside.get(AVATARS, int(change.source_id))
    if pulled is None:
        return None
    known = world.ledger.table(TABLE).get(change.source_id)
    if change.target_id is None or known is None:
        return Action.CREATE
    person = {"target_id": change.target_id}
    done = _is_done(Avatar(change.source_id, person, pulled, known))
    return Action.UNCHANGED if done else Action.UPDATE


def write(run: Run) -> None:
    """Write every picture that is missing; can be interrupted and run again."""
    waiting = [one for one in pending(run.world) if run.allows(TABLE, one.source_id)]
    if not waiting:
        return
    run.target.open()
    run.counts.expect(TABLE, len(waiting))
    run.watcher.begin(TABLE, len(waiting))
    table = run.world.ledger.table(TABLE)
    for start in range(0, len(waiting), BLOCK):
        block = waiting[start : start + BLOCK]
        table.put_durably([_intent(avatar) for avatar in block])
        for avatar in block:
            raise_if_stopped(run)
            _settle(run, avatar)
    run.world.ledger.flush()


def _settle(run: Run, avatar: Avatar) -> None:
    """Write one picture and write down how it went."""
    world, table = run.world, run.world.ledger.table(TABLE)
    action = Action.CREATE if avatar.known is None else Action.UPDATE
    try:
        sent = _carry_out(world, run.target.zammad, avatar)
    except (_Stays, Refused) as reason:
        note = ["dropped", "avatar", f"the picture is left out: {reason}"]
        table.put({**_document(avatar, "skipped"), "notes": [note]})
        run.settle(Change(TABLE, avatar.source_id, Action.SKIP, str(reason)))
    except RecordError as error:
        note = ["failed", "avatar", str(error)]
        table.put({**_intent(avatar), "notes": [note]})
        run.settle(Change(TABLE, avatar.source_id, action), error)
    else:
        table.put(_document(avatar, "done", sent=sent))
        run.settle(Change(TABLE, avatar.source_id, action))


def _carry_out(world: World, zammad: Zammad, avatar: Avatar) -> str:
    """Send a picture unless it is there; return the digest of what was sent."""
    sha256 = avatar.pulled.get("sha256")
    if sha256 is None:
        raise _Stays(f"Kayako did not hand it out ({avatar.pulled.get('error')})")
    found = images.data_uri(world.snapshot.whole_file(sha256))
    if found is None:
        raise _Stays(_NO_PICTURE)
    uri, _ = found
    digest = hashlib.sha256(base64.b64decode(uri.partition(",")[2])).hexdigest()
    if avatar.known is not None:
        there = avatars.shown(zammad, avatar.user_id)
        if there == digest:
            return digest
        ours = {None, (avatar.known.get("before") or {}).get("sent"), avatar.known.get("sent")}
        if there not in ours:
            raise _Stays(_ANOTHER)
    _send(zammad, avatar.user_id, uri, digest)
    moment = (avatar.person.get("applied") or {}).get("updated_at")
    if world.user_updated_at and moment is not None:
        zammad.update(f"/users/{avatar.user_id}", {"updated_at": moment})
    return digest


def _send(zammad: Zammad, user_id: int, uri: str, digest: str) -> None:
    """Add a picture; where the outcome is not known, see whether it is there."""
    attempt = 0
    while True:
        attempt += 1
        try:
            avatars.add(zammad, user_id, uri)
        except OutcomeUnknown:
            if avatars.shown(zammad, user_id) == digest:
                return
            if attempt == _ATTEMPTS:
                raise
        else:
            return


def _intent(avatar: Avatar) -> dict[str, Any]:
    """Return what is written down before a picture is sent, with what was sent before."""
    known = avatar.known or {}
    sent = known.get("sent") or (known.get("before") or {}).get("sent")
    same_user = (known.get("applied") or {}).get("user") == avatar.user_id
    return {**_document(avatar, "intended"), "before": {"sent": sent} if same_user else {}}


def _document(avatar: Avatar, status: str, *, sent: str | None = None) -> dict[str, Any]:
    return {
        "source_id": avatar.source_id,
        "target_id": None,
        "status": status,
        "action": str(Action.CREATE if avatar.known is None else Action.UPDATE),
        "applied": avatar.wanted,
        "notes": [],
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **({"sent": sent} if sent else {}),
    }


def compare(world: World, zammad: Zammad, result: Verified) -> None:
    """Compare the pictures that were written with those that Zammad shows; nothing is written."""
    for document in world.ledger.table(TABLE) if world.avatars else ():
        if document["status"] != "done":
            continue
        user_id = int(document["applied"]["user"])
        try:
            there = avatars.shown(zammad, user_id)
        except Refused:
            continue  # of people who are gone, or locked out since, REST shows none
        result.count(TABLE, "wanted")
        result.look(TABLE)
        if there is not None:
            result.count(TABLE, "there")
        if there != document["sent"]:
            kind = Kind.MISSING if there is None else Kind.CHANGED
            source_id = document["source_id"]
            pair = {"wanted": document["sent"], "there": there}
            result.differs(TABLE, source_id, user_id, "avatar", kind, **pair)
