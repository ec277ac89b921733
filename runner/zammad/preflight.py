"""What has to be true of a Zammad before a run, found out by reading only.

What needs a write to find out (does import mode keep the past?) is probed when a run opens the
target, see ``import_mode``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from runner.errors import PreflightError, Refused
from runner.zammad import calendars, macros, text_modules
from runner.zammad import settings as zammad_settings
from runner.zammad.import_mode import PROBES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.zammad.client import Zammad
    from runner.zammad.settings import Setting
    from runner.zammad.users import Access


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, what was seen, what to do about it."""

    level: Level
    subject: str
    text: str
    steps: str = ""


@dataclass(frozen=True, slots=True)
class Me:
    """The user whose token we hold; ``roles`` by name, ``access`` by group."""

    id: int
    login: str
    roles: tuple[str, ...]
    access: Access

    @property
    def group_ids(self) -> frozenset[int]:
        """Groups in which the user may do everything."""
        return frozenset(int(group) for group, may in self.access.items() if "full" in may)


def who_am_i(zammad: Zammad) -> Me:
    """Return the token's user.

    Raises:
        PreflightError: the token is refused or nothing of Zammad answers.
    """
    try:
        row = zammad.get("/users/me")
        roles = {role["id"]: role["name"] for role in zammad.get("/roles")}
    except Refused as refusal:
        if refusal.status == 404:
            raise PreflightError(
                f"no Zammad answers at {zammad.url}: {refusal}",
                advice="write its address as in the browser, without /api/v1 behind it",
            ) from refusal
        raise PreflightError(
            f"the token may not read what it must: {refusal}",
            advice="its user needs the roles Admin and Agent, the token admin and ticket.agent",
        ) from refusal
    return Me(
        id=row["id"],
        login=row["login"],
        roles=tuple(roles.get(role_id, str(role_id)) for role_id in row.get("role_ids", [])),
        access=row.get("group_ids") or {},
    )


def check(zammad: Zammad, *, is_known: bool = True) -> list[Finding]:
    """Look at everything; only an unreachable server or a refused token ends it early.

    Args:
        zammad: the target.
        is_known: a run of this workdir wrote to it before, so that its import mode may be ours.
    """
    me = who_am_i(zammad)
    settings = zammad_settings.read(zammad)
    return [
        Finding(Level.OK, "Zammad", f"{zammad.url} answers, token of {me.login}"),
        _version(zammad),
        *_rights(me),
        _group_access(zammad, me),
        _import_mode(settings, is_known=is_known),
        _processes(),
        _agent_limit(zammad, settings),
        _hosting(settings),
        _mail_channels(zammad),
        *_can_do_without(zammad),
        _queue(zammad),
        _search(settings),
    ]


def _version(zammad: Zammad) -> Finding:
    try:
        version = zammad.get("/version")["version"]
    except (Refused, KeyError, TypeError):
        return Finding(Level.OK, "Version", "not told to this token; nothing depends on it")
    return Finding(Level.OK, "Version", str(version))


def _rights(me: Me) -> list[Finding]:
    findings = []
    for role, why in (
        ("Admin", "settings, users and groups cannot be written without it"),
        ("Agent", "tickets cannot be written without it"),
    ):
        if role in me.roles:
            findings.append(Finding(Level.OK, f"Role {role}", f"{me.login} has it"))
        else:
            steps = f"Zammad: Manage, Users, {me.login}: tick the role {role}"
            findings.append(Finding(Level.ERROR, f"Role {role}", f"missing: {why}", steps))
    return findings


def _group_access(zammad: Zammad, me: Me) -> Finding:
    groups = {row["id"]: row["name"] for row in zammad.pages("/groups", per_page=1000)}
    missing = [name for group_id, name in groups.items() if group_id not in me.group_ids]
    if not missing:
        return Finding(Level.OK, "Access to groups", f"full in all {len(groups)}")
    text = f"full in {len(groups) - len(missing)} of {len(groups)}; apply takes the rest"
    return Finding(Level.OK, "Access to groups", f"{text} and gives it back at reset")


def _import_mode(settings: dict[str, Setting], *, is_known: bool) -> Finding:
    if "import_mode" not in settings:
        steps = "the token needs the permission admin, its user the role Admin"
        return Finding(Level.ERROR, "Import mode", "this token cannot see the setting", steps)
    if settings["import_mode"].value is True and not is_known:
        text = "on, and no run of this workdir switched it on: somebody else may be importing"
        steps = "two at once double people: make sure that no other workdir or importer is at work"
        return Finding(Level.WARNING, "Import mode", text, steps)
    if settings["import_mode"].value is True:
        text = "on: no mails leave this Zammad, agents' answers included, until migrate finish"
        return Finding(Level.WARNING, "Import mode", text, "nobody may work in it until then")
    return Finding(Level.OK, "Import mode", "off now; apply switches it on, finish off again")


def _processes() -> Finding:
    """Say what no request can find out: a process that chance never lets answer."""
    text = (
        f"how many answer cannot be seen from outside. apply proves import mode with {PROBES}"
        " requests on new connections and looks at every answer; a process that chance never"
        " lets answer before it takes a message could still mail its reader"
    )
    steps = (
        "to rule that out: run one web process until migrate finish (WEB_CONCURRENCY=0), or stop"
        " apply once import mode is proven (Ctrl-C), restart Zammad, and apply again"
    )
    return Finding(Level.OK, "Web processes", text, steps)


def _agent_limit(zammad: Zammad, settings: dict[str, Setting]) -> Finding:
    limit = settings.get("system_agent_limit")
    if limit is None or not limit.value:
        return Finding(Level.OK, "Agent limit", "none")
    roles = {role["name"]: role["id"] for role in zammad.get("/roles")}
    agents = sum(
        1
        for row in zammad.pages("/users", per_page=1000)
        if row.get("active") and roles.get("Agent") in row.get("role_ids", [])
    )
    text = f"{limit.value} agents allowed, {agents} there now"
    steps = "every agent of Kayako needs a place, leavers until finish: book enough first"
    return Finding(Level.WARNING, "Agent limit", text, steps)


def _hosting(settings: dict[str, Setting]) -> Finding:
    online = settings.get("system_online_service")
    if online is not None and online.value:
        steps = "have a backup confirmed by Zammad's support before the real run"
        return Finding(Level.OK, "Hosting", "hosted by Zammad: no console", steps)
    return Finding(Level.OK, "Hosting", "your own server", "take a backup before the real run")


def _mail_channels(zammad: Zammad) -> Finding:
    try:
        answer: Any = zammad.get("/channels_email")
    except (Refused, PreflightError):
        return Finding(Level.WARNING, "Mail channels", "cannot be read", "look yourself: none on")
    channels = (answer or {}).get("assets", {}).get("Channel", {}).values()
    inbound = [
        channel
        for channel in channels
        if channel.get("active")
        and (channel.get("options") or {}).get("inbound", {}).get("options")
    ]
    if not inbound:
        return Finding(Level.OK, "Mail channels", "no active inbound one")
    text = f"{len(inbound)} active inbound: mail that comes in during the run gets no answer"
    steps = "Zammad: Channels, Email: set them inactive until finish"
    return Finding(Level.WARNING, "Mail channels", text, steps)


def _can_do_without(zammad: Zammad) -> Iterator[Finding]:
    """Tell which lists cannot be read; whether they can be written shows at the first record."""
    for kind in (calendars.KIND, macros.KIND, text_modules.KIND):
        try:
            zammad.get(kind.path, {"per_page": 1})
        except Refused as refusal:
            text = f"cannot be read ({refusal.status}): Kayako's stay behind, the rest moves"
            steps = f"give the token the permission {kind.right}, if you want them"
            name = kind.entity.replace("_", " ").capitalize()
            yield Finding(Level.WARNING, name, text, steps)


def _queue(zammad: Zammad) -> Finding:
    try:
        health = zammad.get("/monitoring/health_check")
    except (Refused, PreflightError):
        return Finding(Level.OK, "Background queue", "not told to this token")
    if health.get("healthy", True):
        return Finding(Level.OK, "Background queue", "healthy")
    text = str(health.get("message") or "not healthy")[:300]
    steps = "keep the background worker running: a long queue slows every write down"
    return Finding(Level.WARNING, "Background queue", text, steps)


def _search(settings: dict[str, Setting]) -> Finding:
    url = settings.get("es_url")
    if url is None or not url.value:
        return Finding(Level.OK, "Elasticsearch", "not in use")
    steps = "after finish, rebuild its index: zammad run rake zammad:searchindex:rebuild"
    return Finding(Level.OK, "Elasticsearch", "in use: every record is queued for it", steps)
