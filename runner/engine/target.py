"""Opening a Zammad for writing: is it the one we know, is import mode proven, have we access?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from runner.engine import attributes, going_live, probing, restored
from runner.errors import Stale
from runner.zammad import import_mode, preflight, users
from runner.zammad import settings as zammad_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.world import World
    from runner.ledger import Ledger
    from runner.zammad.client import Zammad


def look(world: World, zammad: Zammad) -> None:
    """Read the target's lists and make sure that it is the installation of our ledger.

    Raises:
        Stale: another installation answers at this address, or it was restored from a backup.
    """
    me = preflight.who_am_i(zammad)
    recognise(world.ledger, zammad, gone_too=True)
    world.look_at_target(zammad, me.id)


def recognise(ledger: Ledger, zammad: Zammad, *, gone_too: bool = False) -> None:
    """Make sure that this is the installation that the ledger was written for.

    Args:
        ledger: of the target.
        zammad: who answers at its address.
        gone_too: refuse one that lost what was written last as well.

    Raises:
        Stale: it is another one, or was restored from a backup.
    """
    if not ledger.target:
        return
    if ledger.target.get("identity") != identity(zammad):
        raise Stale(
            f"{zammad.url} is not the Zammad that this ledger was written for",
            advice=(
                "it was set up anew: forget what was done with migrate reset --state-only, or"
                " use another workdir"
            ),
        )
    restored.refuse(ledger, zammad, gone_too=gone_too)


def identity(zammad: Zammad) -> str:
    """Return what tells one installation from another at the same address, a digest."""
    first_user = zammad.get(f"/users/{users.SYSTEM_USER_ID}")["created_at"]
    fqdn = zammad_settings.read(zammad).get("fqdn")
    made = f"{first_user} {fqdn.created_at if fqdn else ''}"
    return hashlib.sha256(made.encode()).hexdigest()


def take_access(zammad: Zammad) -> None:
    """Give the migration user full access to every group: tickets need it (reference §b1)."""
    groups = {row["id"] for row in zammad.pages("/groups", per_page=1000)}
    me = preflight.who_am_i(zammad)
    if groups - me.group_ids:
        users.give_access(zammad, me.id, me.access, groups)


class Target:
    """The open door to Zammad: opened at the first write, once, and only if there is one."""

    def __init__(self, world: World, *, settle_seconds: float, tell: Callable[[str], None]) -> None:
        if world.zammad is None:
            raise ValueError
        self.zammad = world.zammad
        self._world = world
        self._settle_seconds = settle_seconds
        self._tell = tell
        self.is_open = False

    def open(self) -> None:
        """Create attributes, switch import mode on and prove it, take access, prove attributes.

        Attributes come first: their migration may restart the server (reference §h).
        """
        if self.is_open:
            return
        settings = zammad_settings.read(self.zammad)
        self._remember(settings)
        attributes.prepare(
            self._world, self.zammad, settings, patience=self._settle_seconds, tell=self._tell
        )
        if not import_mode.is_on(settings):
            self._tell(
                f"switching import mode on and waiting {self._settle_seconds:g} s until all of"
                " Zammad has seen it; no mail leaves it from now on"
            )
            import_mode.switch(self.zammad, on=True, settle_seconds=self._settle_seconds)
        self._tell(f"proving import mode with {import_mode.PROBES} probes")
        import_mode.prove(self.zammad, journal=self._journal_probe)
        self._save(probes=[])
        take_access(self.zammad)
        attributes.prove(self._world, self.zammad)
        self.is_open = True

    def _remember(self, settings: dict[str, zammad_settings.Setting]) -> None:
        """Write down, once, what is there to be put back by ``reset``."""
        document = self._world.ledger.target
        if document:
            import_mode.remove_probes(self.zammad, document.get("probes", []))
            probing.remove_left_over(self._world.ledger, self.zammad)
            return
        me = self.zammad.get("/users/me")
        self._save(
            url=self.zammad.url,
            identity=identity(self.zammad),
            settings=going_live.remembered(settings),
            me={"id": me["id"], "group_ids": me.get("group_ids") or {}},
            probes=[],
        )

    def _journal_probe(self, name: str) -> None:
        probes = self._world.ledger.target.get("probes", [])
        self._save(probes=[*probes, name])

    def _save(self, **values: Any) -> None:
        self._world.ledger.save_target({**self._world.ledger.target, **values})
