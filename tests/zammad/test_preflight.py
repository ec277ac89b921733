from __future__ import annotations

from typing import Any

import pytest

from runner.config.model import Secret, ZammadConfig
from runner.errors import PreflightError
from runner.zammad import preflight
from runner.zammad.client import Zammad
from runner.zammad.preflight import Finding, Level
from tests.zammad.support import Desk, Port, desk


def about(at: Desk, subject: str) -> Finding:
    (finding,) = (found for found in preflight.check(at.zammad) if found.subject == subject)
    return finding


def test_an_address_with_more_behind_it_is_no_zammad(zammad_desk: Desk) -> None:
    url = f"{zammad_desk.zammad.url}/api/v1"
    wrong = Zammad(ZammadConfig(url, Secret("sandbox-token"), 1, 0, None))
    with pytest.raises(PreflightError, match="no Zammad answers at") as error:
        preflight.who_am_i(wrong)
    wrong.close()
    assert "without /api/v1" in error.value.advice


def test_the_tokens_user_is_told_with_roles_and_full_groups(zammad_desk: Desk) -> None:
    read_only = zammad_desk.group("Read only")
    zammad_desk.fake.tables.users[3]["group_ids"] = {"1": ["full"], str(read_only): ["read"]}
    me = preflight.who_am_i(zammad_desk.zammad)
    assert (me.id, me.login) == (3, "admin@example.com")
    assert set(me.roles) == {"Admin", "Agent"}
    assert me.group_ids == {1}


def test_a_user_who_may_read_nothing_is_refused(zammad_desk: Desk) -> None:
    zammad_desk.fake.tables.users[3]["role_ids"] = [3]
    with pytest.raises(PreflightError, match="may not read") as error:
        preflight.who_am_i(zammad_desk.zammad)
    assert "ticket.agent" in error.value.advice


@pytest.mark.parametrize("version", ["6.5", "5.2"])
def test_a_pristine_zammad_is_fine_and_nothing_is_written(zammad_port: Port, version: str) -> None:
    with desk(zammad_port, version=version) as made:
        found = preflight.check(made.zammad)
        assert [f for f in found if f.level is Level.ERROR] == []
        assert made.writes() == []
        assert about(made, "Version").text.startswith(version)
        assert about(made, "Import mode").text.startswith("off")
        assert about(made, "Access to groups").text == "full in all 1"


@pytest.mark.fault(
    "two workdirs write to one Zammad",
    does="`migrate check` warns where import mode is on and no run of this workdir switched it on",
    side="people",
)
def test_import_mode_that_somebody_else_switched_on_is_told(zammad_desk: Desk) -> None:
    zammad_desk.importing()
    assert "nobody may work" in about(zammad_desk, "Import mode").steps
    found = preflight.check(zammad_desk.zammad, is_known=False)
    (finding,) = (one for one in found if one.subject == "Import mode")
    assert finding.level is Level.WARNING
    assert "somebody else" in finding.text


@pytest.mark.fault(
    "a process of Zammad's that chance never hits while import mode is proven",
    does="cannot be seen from outside; `migrate check` says so, and how to rule it out",
    side="Zammad",
)
def test_processes_that_chance_never_hits_are_named_with_the_way_to_rule_them_out(
    zammad_desk: Desk,
) -> None:
    finding = about(zammad_desk, "Web processes")
    assert "cannot be seen" in finding.text
    assert "WEB_CONCURRENCY=0" in finding.steps
    assert "restart Zammad" in finding.steps


def test_a_missing_role_stops_and_says_where_to_tick_it(zammad_desk: Desk) -> None:
    zammad_desk.fake.tables.users[3]["role_ids"] = [1]
    finding = about(zammad_desk, "Role Agent")
    assert finding.level is Level.ERROR
    assert "admin@example.com" in finding.steps


def test_groups_without_access_are_counted(zammad_desk: Desk) -> None:
    zammad_desk.group("Other")
    assert about(zammad_desk, "Access to groups").text.startswith("full in 1 of 2")


def test_import_mode_that_is_on_is_a_warning(zammad_desk: Desk) -> None:
    assert about(zammad_desk.importing(), "Import mode").level is Level.WARNING


def test_import_mode_that_cannot_be_seen_is_an_error(zammad_desk: Desk) -> None:
    rows = zammad_desk.fake.tables.settings
    del rows[next(key for key, row in rows.items() if row["name"] == "import_mode")]
    assert about(zammad_desk, "Import mode").level is Level.ERROR


def test_an_agent_limit_is_compared_with_the_agents_there_are(zammad_desk: Desk) -> None:
    zammad_desk.set(system_agent_limit=5)
    zammad_desk.user("agent-1@example.org", "Agent")
    zammad_desk.user("agent-2@example.org", "Agent", active=False)
    finding = about(zammad_desk, "Agent limit")
    assert finding.level is Level.WARNING
    assert finding.text == "5 agents allowed, 2 there now"


def test_a_hosted_zammad_is_told(zammad_port: Port) -> None:
    with desk(zammad_port, hosted=True) as made:
        assert "hosted by Zammad" in about(made, "Hosting").text


def channel(**changes: Any) -> dict[str, Any]:
    row = {
        "id": 7,
        "area": "Email::Account",
        "active": True,
        "options": {"inbound": {"adapter": "imap", "options": {"host": "mail.example"}}},
        "preferences": {},
    }
    return {**row, **changes}


def test_an_active_inbound_channel_is_a_warning(zammad_desk: Desk) -> None:
    assert about(zammad_desk, "Mail channels").level is Level.OK
    zammad_desk.fake.tables.channels[7] = channel()
    assert about(zammad_desk, "Mail channels").text.startswith("1 active inbound")
    zammad_desk.fake.tables.channels[7] = channel(active=False)
    assert about(zammad_desk, "Mail channels").level is Level.OK


@pytest.mark.parametrize(
    ("path", "subject", "words"),
    [
        ("/channels_email", "Mail channels", "cannot be read"),
        ("/monitoring/health_check", "Background queue", "not told"),
        ("/version", "Version", "not told"),
    ],
)
def test_what_cannot_be_read_does_not_end_the_check(
    zammad_desk: Desk, path: str, subject: str, words: str
) -> None:
    for _ in range(20):
        zammad_desk.fake.faults.fail("GET", path, "500_before")
    assert words in about(zammad_desk, subject).text


def test_a_long_queue_is_a_warning(zammad_desk: Desk) -> None:
    assert about(zammad_desk, "Background queue").level is Level.OK
    zammad_desk.fake.state.background_jobs = 100_000
    finding = about(zammad_desk, "Background queue")
    assert finding.level is Level.WARNING
    assert "100000 background jobs" in finding.text


def test_a_search_engine_has_to_be_rebuilt_after_finish(zammad_desk: Desk) -> None:
    assert about(zammad_desk, "Elasticsearch").text == "not in use"
    zammad_desk.set(es_url="http://127.0.0.1:9200")
    assert "searchindex:rebuild" in about(zammad_desk, "Elasticsearch").steps


def test_lists_that_a_run_can_do_without_are_told_where_they_cannot_be_read(
    zammad_port: Port,
) -> None:
    with desk(zammad_port, token_permissions=("admin.group", "admin.user", "ticket.agent")) as made:
        finding = about(made, "Calendars")
        assert finding.level is Level.WARNING
        assert "admin.calendar" in finding.steps
        subjects = {found.subject for found in preflight.check(made.zammad)}
        assert "Macros" not in subjects
