"""Which agents Zammad mails about tickets, by what their profiles say.

The rule is Zammad's (lib/notification_factory/mailer.rb, ``notification_settings``): owners and
whoever has full access to the group are asked what they want to hear of: their own tickets, those
of nobody, or all. Watchers and substitutes hear as well; they are not looked for.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from runner.zammad import users

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad

_NOBODY = users.SYSTEM_USER_ID


class Told:
    """Knows the agents of one Zammad; each is read once, when a ticket first concerns them."""

    def __init__(self, ledger: Ledger, zammad: Zammad, groups: Iterable[Mapping[str, Any]]) -> None:
        self._ledger = ledger
        self._zammad = zammad
        self._members = {group["id"]: group.get("user_ids") or () for group in groups}
        self._people: dict[int, dict[str, Any]] = {}

    def lines(self, tickets: Iterable[Mapping[str, Any]], event: str) -> list[str]:
        """Return a line for each owner with the number of tickets, then for who else is mailed.

        Args:
            tickets: rows with ``owner_id`` and ``group_id``.
            event: what happens to them, as profiles call it: ``reminder_reached``, …
        """
        numbers = Counter((row["owner_id"], row["group_id"]) for row in tickets)
        owners: Counter[int] = Counter()
        others: Counter[int] = Counter()
        for (owner, group), number in numbers.items():
            owners[owner] += number
            for agent in self._others(owner, group, event):
                others[agent] += number
        return [*self._owners(owners, event), *self._also(others)]

    def _owners(self, owners: Counter[int], event: str) -> Iterator[str]:
        for owner, number in owners.most_common():
            if owner == _NOBODY:
                yield f"without an owner: {number:,}"
                continue
            how = "by mail" if self._wants(owner, event, "owned_by_me") else "no mail"
            yield f"{self._name(owner)}, {how}: {number:,}"

    def _also(self, others: Counter[int]) -> Iterator[str]:
        for agent, number in others.most_common():
            yield f"{self._name(agent)}, by mail about tickets of others: {number:,}"

    def _others(self, owner: int, group: int, event: str) -> Iterator[int]:
        """Yield the members of a group who are mailed about a ticket that is not theirs."""
        criterion = "owned_by_nobody" if owner == _NOBODY else ""
        for agent in self._members.get(group, ()):
            if agent in {owner, _NOBODY} or not self._wants(agent, event, criterion):
                continue
            row = self._person(agent)
            chosen = _notifications(row).get("group_ids") or ["-"]
            access = (row.get("group_ids") or {}).get(str(group)) or ()
            if "full" in access and (chosen == ["-"] or str(group) in map(str, chosen)):
                yield agent

    def _wants(self, agent: int, event: str, criterion: str) -> bool:
        """Say whether a profile asks for mail about tickets that meet a criterion, or about all."""
        row = self._person(agent)
        wish = (_notifications(row).get("matrix") or {}).get(event) or {}
        criteria = wish.get("criteria") or {}
        asked = criteria.get(criterion) or criteria.get("no")
        mailed = asked and (wish.get("channel") or {}).get("email") and row.get("email")
        return bool(mailed and row.get("active") and not self._leaves(agent))

    def _leaves(self, agent: int) -> bool:
        """Say whether ``finish`` switches this agent off before import mode ends."""
        table = self._ledger.table("users")
        documents = (table.get(source_id) or {} for source_id in table.by_target(agent))
        return any(
            ((document.get("deferred") or {}).get("values") or {}).get("active") is False
            for document in documents
        )

    def _person(self, agent: int) -> dict[str, Any]:
        if agent not in self._people:
            self._people[agent] = self._zammad.get(f"/users/{agent}")
        return self._people[agent]

    def _name(self, agent: int) -> str:
        row = self._person(agent)
        name = f"{row.get('firstname') or ''} {row.get('lastname') or ''}".strip()
        return f"{name} <{row.get('email') or row['login']}>"


def _notifications(row: Mapping[str, Any]) -> dict[str, Any]:
    return (row.get("preferences") or {}).get("notification_config") or {}
