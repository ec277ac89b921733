"""How moved agents come in, told from the ledger and Zammad's settings."""

from __future__ import annotations

from typing import Any

from runner.engine.logins import logins
from runner.engine.world import World
from runner.zammad.settings import Setting
from tests.engine.support import Small


def user(world: World, number: int, *roles: str, **more: Any) -> None:
    applied = {"email": f"user-{number}@example.org", "roles": list(roles), "active": True}
    common = {"source_id": str(number), "target_id": number, "status": "done"}
    world.ledger.table("users").put({**common, "applied": applied, **more})


def test_only_new_agents_that_stay_need_a_password(small: Small) -> None:
    world = small()
    user(world, 1, "Agent")
    user(world, 2, "Admin", "Agent")
    user(world, 3, "Customer")
    user(world, 4, "Agent", adopted=True)
    user(world, 5, "Agent", deferred={"values": {"active": False}})
    user(world, 6, "Agent", status="failed")
    told = logins(world.ledger, {}, "https://zammad.example")
    assert told.agents == ("user-1@example.org", "user-2@example.org")
    assert (told.resets, told.sign_on) == (True, ())
    assert told.page == "https://zammad.example/#password_reset"


def test_single_sign_on_and_missing_links_are_seen_in_the_settings(small: Small) -> None:
    settings = {
        "auth_saml": Setting(1, value=True, created_at=""),
        "auth_github": Setting(2, value=False, created_at=""),
        "user_lost_password": Setting(3, value=False, created_at=""),
    }
    told = logins(small().ledger, settings, "https://zammad.example")
    assert (told.sign_on, told.resets) == (("SAML",), False)
    no_password = {"user_show_password_login": Setting(4, value=False, created_at="")}
    assert not logins(small().ledger, no_password, "https://zammad.example").resets
