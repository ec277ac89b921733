"""Who is calling, and what may they do."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from runner.sandbox.zammad.wire import Call, Failure, forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.sandbox.zammad.state import State
    from runner.sandbox.zammad.store import Row

FULL = "full"


def authenticate(state: State, call: Call) -> None:
    """Set ``call.user`` from the Authorization and From headers.

    Raises:
        Failure: 403 without credentials or for a ``From`` that cannot be followed, 401 for
            wrong ones (recordings "no credentials", "wrong token", "look an unknown user up
            through From").
    """
    authorization = call.headers.get("authorization", "")
    scheme, _, secret = authorization.partition(" ")
    if not secret:
        raise Failure(403, "Authentication required")
    if scheme.lower() == "basic":
        user = _by_password(state, secret)
    else:
        token = secret.removeprefix("token=").strip('"')
        user = _by_token(state, token)
        call.token_permissions = state.token_permissions.get(token)
    call.user = user
    on_behalf_of = call.headers.get("from") or call.headers.get("x-on-behalf-of")
    if on_behalf_of:
        if not may(state, user, "admin.user"):
            raise forbidden("Current user has no permission to use 'From'/'X-On-Behalf-Of'!")
        call.token_permissions = None
        call.user = _by_anything(state, on_behalf_of.strip().lower())


def _by_token(state: State, token: str) -> Row:
    user = state.store.tables.users.get(state.tokens.get(token, 0))
    if user is None or not user["active"]:
        raise Failure(401, "Can't find User for Token")
    return user


def _by_password(state: State, secret: str) -> Row:
    try:
        login, _, password = base64.b64decode(secret, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Failure(401, "Invalid BasicAuth credentials") from None
    user = find_user(state, login)
    if user is None or not user["active"] or not password:
        raise Failure(401, "Invalid BasicAuth credentials")
    if state.passwords.get(user["id"]) != password:
        raise Failure(401, "Invalid BasicAuth credentials")
    # Recording 6.5, after "import mode: the admin signs in with a password".
    user |= {"last_login": state.now(), "updated_at": state.now()}
    return user


def _by_anything(state: State, wanted: str) -> Row:
    user = None
    if wanted.isdigit():
        user = state.store.tables.users.get(int(wanted))
    user = user or find_user(state, wanted)
    if user is None:
        raise forbidden(f"No such user '{wanted}'")
    return user


def find_user(state: State, wanted: str) -> Row | None:
    """Return the user with this login or email (any case), the login first."""
    wanted = wanted.lower()
    identifier = state.store.logins.get(wanted)
    if identifier is None:
        with_email = state.store.emails.get(wanted)
        identifier = with_email[0] if with_email else None
    return None if identifier is None else state.store.tables.users[identifier]


def permissions(state: State, user: Row) -> set[str]:
    """Return the permissions of a user's active roles, ``admin`` standing for all below it."""
    roles = state.store.tables.roles
    return {
        name
        for identifier in user["role_ids"]
        if identifier in roles and roles[identifier]["active"]
        for name in roles[identifier]["permissions"]
    }


def may(state: State, user: Row, permission: str) -> bool:
    """Return whether the user has ``permission`` or one above it."""
    return _covers(permissions(state, user), permission)


def _covers(held: set[str], permission: str) -> bool:
    parts = permission.split(".")
    return any(".".join(parts[: length + 1]) in held for length in range(len(parts)))


def is_agent(state: State, user: Row) -> bool:
    """Return whether the user works on tickets."""
    return bool(user["active"]) and may(state, user, "ticket.agent")


def granted(state: State, call: Call, permission: str) -> bool:
    """Return whether both the user and the token of a call have a permission."""
    token = call.token_permissions
    held = may(state, call.user, permission)
    return held and (token is None or _covers(token, permission))


def require(state: State, call: Call, *wanted: str) -> None:
    """Let the call pass when the user has any of the permissions.

    Raises:
        Failure: 403 otherwise.
    """
    if not any(may(state, call.user, permission) for permission in wanted):
        raise forbidden("Not authorized (user)!")
    token = call.token_permissions
    if token is not None and not any(_covers(token, permission) for permission in wanted):
        raise forbidden("Not authorized (token)!")


def require_admin(state: State, call: Call) -> None:
    """Let the call pass when the user has any ``admin`` permission.

    Raises:
        Failure: 403 otherwise.
    """
    held = permissions(state, call.user)
    if not any(name == "admin" or name.startswith("admin.") for name in held):
        raise forbidden("Not authorized (user)!")
    token = call.token_permissions
    if token is not None and not any(name.split(".")[0] == "admin" for name in token):
        raise forbidden("Not authorized (token)!")


def group_access(state: State, user: Row, group_id: int | None, *levels: str) -> bool:
    """Return whether an agent has one of ``levels``, or full access, in a group."""
    if group_id is None or not is_agent(state, user):
        return False
    wanted = {FULL, *levels}
    return any(wanted.intersection(held) for held in _held(state, user, group_id))


def _held(state: State, user: Row, group_id: int) -> Iterable[Iterable[str]]:
    """Yield what the user's own map and those of his roles say about the group."""
    key = str(group_id)
    yield user["group_ids"].get(key, ())
    for identifier in user["role_ids"]:
        role = state.store.tables.roles.get(identifier)
        if role:
            yield role["group_ids"].get(key, ())


def may_see_ticket(state: State, user: Row, ticket: Row, level: str = "read") -> bool:
    """Return whether a user may read (or, with ``change``, write) a ticket."""
    if group_access(state, user, ticket["group_id"], level):
        return True
    return level == "read" and ticket["customer_id"] == user["id"]


def readable_groups(state: State, user: Row) -> set[int]:
    """Return the groups whose tickets an agent may read."""
    return {
        identifier
        for identifier in state.store.tables.groups
        if group_access(state, user, identifier, "read")
    }
