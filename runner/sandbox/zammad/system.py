"""What an administrator asks the system about itself: version, health, channels, tokens."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from runner.sandbox.zammad import access
from runner.sandbox.zammad.wire import Call, Reply, missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.sandbox.zammad.state import State

MONITORING_TOKEN = "sandbox-monitoring"
"""The token of the monitoring endpoints, for callers without credentials."""

PUBLIC = frozenset({"getting_started", "monitoring/health_check", "monitoring/status"})
"""Paths that are answered without credentials."""

_TOO_MANY_JOBS = 8000
_CHANNEL_AREAS = {
    "channels_google": "Google::Account",
    "channels_microsoft365": "Microsoft365::Account",
    "channels_microsoft_graph": "MicrosoftGraph::Account",
}


def _version(state: State, call: Call) -> Reply:
    access.require_admin(state, call)
    return Reply({"version": state.dialect.version})


def _getting_started(state: State, call: Call) -> Reply:
    return Reply(
        {
            "setup_done": True,
            "import_mode": state.settings.value("import_mode", call.worker),
            "import_backend": state.settings.value("import_backend", call.worker),
            "system_online_service": state.hosted,
        }
    )


def _require_monitoring(state: State, call: Call) -> None:
    if call.text("token") == MONITORING_TOKEN:
        return
    access.authenticate(state, call)
    access.require(state, call, "admin.monitoring")


def _health(state: State, call: Call) -> Reply:
    _require_monitoring(state, call)
    issues = []
    if state.background_jobs > _TOO_MANY_JOBS:
        issues.append(f"{state.background_jobs} background jobs in queue")
    message = ";".join(issues) or "success"
    return Reply({"healthy": not issues, "message": message, "issues": issues, "actions": []})


def _status(state: State, call: Call) -> Reply:
    _require_monitoring(state, call)
    tables = state.store.tables
    counts = {
        "users": len(tables.users),
        "groups": len(tables.groups),
        "tickets": len(tables.tickets),
        "ticket_articles": len(tables.articles),
        "text_modules": len(tables.text_modules),
    }
    agents = sum(access.is_agent(state, row) for row in tables.users.values())
    return Reply(
        {
            "counts": counts,
            "last_login": None,
            "agents": agents,
            "delayed_jobs": {"count": state.background_jobs},
        }
    )


def _channels_email(state: State, call: Call) -> Reply:
    """List all channels, those that only send the system's own mails too."""
    access.require_admin(state, call)
    tables = state.store.tables
    by_area: dict[str, list[int]] = {}
    for number, row in tables.channels.items():
        by_area.setdefault(row["area"], []).append(number)
    used = [row["id"] for row in tables.email_addresses.values() if row["channel_id"]]
    return Reply(
        {
            "accounts_fixed": [],
            "assets": {
                "Channel": {str(number): row for number, row in tables.channels.items()},
                "EmailAddress": {str(key): row for key, row in tables.email_addresses.items()},
            },
            "account_channel_ids": by_area.get("Email::Account", []),
            "notification_channel_ids": by_area.get("Email::Notification", []),
            "email_address_ids": list(tables.email_addresses),
            "not_used_email_address_ids": [
                number for number in tables.email_addresses if number not in used
            ],
        }
    )


def _channels_of_area(state: State, call: Call) -> Reply:
    access.require_admin(state, call)
    area = _CHANNEL_AREAS[call.path]
    found = {n: row for n, row in state.store.tables.channels.items() if row["area"] == area}
    assets = {"Channel": {str(number): row for number, row in found.items()}}
    return Reply({"assets": assets, "channel_ids": list(found)})


def _tokens(state: State, call: Call) -> Reply:
    mine = [token for token, owner in state.tokens.items() if owner == call.user["id"]]
    return Reply(
        {
            "tokens": [
                {"id": number, "name": "", "preferences": {"permission": ["admin", "ticket.agent"]}}
                for number, _ in enumerate(mine, start=1)
            ],
            "permissions": [
                {"id": number, "name": name}
                for name, number in state.dialect.permission_ids.items()
            ],
        }
    )


def _new_token(state: State, call: Call) -> Reply:
    token = uuid.uuid4().hex
    state.tokens[token] = call.user["id"]
    wanted = call.params.get("permission")
    if isinstance(wanted, list):
        state.token_permissions[token] = {str(name) for name in wanted}
    return Reply({"token" if state.dialect.plain_search else "name": token})


def _channel(state: State, call: Call) -> Reply:
    access.require_admin(state, call)
    row = state.row("channels", call.ids[0])
    if row is None:
        raise missing("Channel", call.ids[0])
    return Reply(row)


ROUTES: dict[tuple[str, str], Callable[[State, Call], Reply]] = {
    ("GET", "version"): _version,
    ("GET", "getting_started"): _getting_started,
    ("GET", "monitoring/health_check"): _health,
    ("GET", "monitoring/status"): _status,
    ("GET", "channels/:id"): _channel,
    ("GET", "user_access_token"): _tokens,
    ("POST", "user_access_token"): _new_token,
    ("GET", "channels_email"): _channels_email,
    **{("GET", path): _channels_of_area for path in _CHANNEL_AREAS},
}
