"""How the agents that were moved come in: nobody brings a password along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.ledger import Ledger
    from runner.zammad.settings import Setting

_ROLES = {"Agent", "Admin"}
_SIGN_ON = {
    "auth_saml": "SAML",
    "auth_sso": "single sign-on of the web server",
    "auth_openid_connect": "OpenID Connect",
    "auth_microsoft_office365": "Microsoft",
    "auth_google_oauth2": "Google",
    "auth_github": "GitHub",
    "auth_gitlab": "GitLab",
    "ldap_integration": "LDAP",
}
"""Settings that are true where agents can sign in elsewhere, and what people call it."""


@dataclass(frozen=True, slots=True)
class Logins:
    """What agents need to know.

    ``agents`` are emails (or logins) of new agents that stay active; ``sign_on`` names services
    that are switched on; ``resets`` says whether Zammad sends reset links at all; ``page`` is
    where an agent asks for one.
    """

    agents: tuple[str, ...]
    sign_on: tuple[str, ...]
    resets: bool
    page: str


def logins(ledger: Ledger, settings: Mapping[str, Setting], url: str) -> Logins:
    """Return how agents come in; asks and writes nothing."""
    needed = ("user_show_password_login", "user_lost_password")
    return Logins(
        agents=tuple(_new_agents(ledger)),
        sign_on=tuple(
            word for name, word in _SIGN_ON.items() if name in settings and settings[name].value
        ),
        resets=all(bool(settings[name].value) for name in needed if name in settings),
        page=f"{url}/#password_reset",
    )


def _new_agents(ledger: Ledger) -> list[str]:
    found = []
    for document in ledger.table("users"):
        applied = document.get("applied") or {}
        values = (document.get("deferred") or {}).get("values") or {}
        active = values.get("active", applied.get("active", True))
        if document["status"] != "done" or document.get("adopted") or not active:
            continue
        if _ROLES.intersection(applied.get("roles") or ()):
            found.append(str(applied.get("email") or applied.get("login") or ""))
    return found
