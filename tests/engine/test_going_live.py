"""Switches of going live: each is written once, survives a crash, and can be given back."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine import going_live
from runner.errors import PreflightError
from runner.zammad import import_mode, settings
from tests.engine.support import Small
from tests.zammad.fixtures import old_desk
from tests.zammad.support import Desk, Port, desk

__all__ = ["old_desk"]

NUMBER, REFERENCES = "ticket_number_ignore_system_id", "postmaster_follow_up_search_in"


@pytest.fixture(params=["zammad_desk", "old_desk"])
def either(request: pytest.FixtureRequest) -> Desk:
    found: Desk = request.getfixturevalue(request.param)
    return found


def off(small_ledger: Any, at: Desk) -> bool:
    return going_live.switch_off(small_ledger, at.zammad, settle_seconds=0, tell=lambda _text: None)


def test_answers_to_old_mails_find_their_tickets_and_reset_gives_it_back(
    small: Small, either: Desk
) -> None:
    ledger = small().ledger
    either.set(**{REFERENCES: ["body"]})
    changed, told = going_live.set_up(ledger, either.zammad, follow_ups=True)
    assert (either.fake.setting(NUMBER), either.fake.setting(REFERENCES)) == (
        True,
        ["body", "references"],
    )
    assert (changed, told) == (
        [f"{NUMBER}: yes (was no)", f"{REFERENCES}: body, references (was body)"],
        [],
    )
    assert going_live.give_back(ledger, either.zammad) == 2
    assert (either.fake.setting(NUMBER), either.fake.setting(REFERENCES)) == (False, ["body"])


def test_what_somebody_set_otherwise_since_stays(small: Small, zammad_desk: Desk) -> None:
    ledger = small().ledger
    going_live.set_up(ledger, zammad_desk.zammad, follow_ups=True)
    zammad_desk.set(**{NUMBER: False, REFERENCES: ["attachment"]})
    assert going_live.set_up(ledger, zammad_desk.zammad, follow_ups=True) == ([], [])
    assert going_live.give_back(ledger, zammad_desk.zammad) == 0
    assert zammad_desk.fake.setting(REFERENCES) == ["attachment"]


def test_settings_that_are_right_or_not_wanted_are_not_touched(
    small: Small, zammad_desk: Desk
) -> None:
    assert going_live.set_up(small().ledger, zammad_desk.zammad, follow_ups=False) == ([], [])
    zammad_desk.set(**{NUMBER: True, REFERENCES: ["references"]})
    assert going_live.set_up(small().ledger, zammad_desk.zammad, follow_ups=True) == ([], [])
    assert zammad_desk.writes() == []


def test_a_setting_that_is_not_there_is_told(small: Small, zammad_desk: Desk) -> None:
    state = zammad_desk.fake.state.settings
    del state.rows[state.by_name[REFERENCES]["id"]]
    changed, told = going_live.set_up(small().ledger, zammad_desk.zammad, follow_ups=True)
    assert len(changed) == 1
    assert told == [
        f"{REFERENCES}: this Zammad does not show it to the token, so it stays as it is"
    ]


def test_a_run_cut_off_between_note_and_setting_keeps_the_old_value(
    small: Small, zammad_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = small().ledger
    write = settings.write

    def cut_off(*given: Any) -> None:
        write(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(settings, "write", cut_off)
    with pytest.raises(KeyboardInterrupt):
        going_live.set_up(ledger, zammad_desk.zammad, follow_ups=True)
    monkeypatch.undo()
    going_live.set_up(ledger, zammad_desk.zammad, follow_ups=True)
    document = ledger.table(going_live.TABLE).get(NUMBER) or {}
    assert (document["before"], document["status"]) == (False, "done")


def test_the_search_gets_its_address_back_where_it_was_emptied_since(
    small: Small, zammad_desk: Desk
) -> None:
    ledger = small().ledger
    zammad_desk.set(es_url="http://localhost:9200")
    kept = going_live.remembered(settings.read(zammad_desk.zammad))
    assert kept == {"import_mode": False, "es_url": "http://localhost:9200"}
    ledger.save_target({"settings": kept})
    assert going_live.set_up(ledger, zammad_desk.zammad, follow_ups=False) == ([], [])
    zammad_desk.set(es_url="")
    changed, _ = going_live.set_up(ledger, zammad_desk.zammad, follow_ups=False)
    assert changed == ["es_url: http://localhost:9200 (was nothing)"]
    assert zammad_desk.fake.setting("es_url") == "http://localhost:9200"


def test_an_address_with_a_password_in_it_is_not_kept(zammad_desk: Desk) -> None:
    zammad_desk.set(es_url="http://elastic:secret@localhost:9200")
    assert going_live.remembered(settings.read(zammad_desk.zammad)) == {"import_mode": False}


def test_import_mode_is_seen_off_and_nothing_is_left_behind(small: Small, either: Desk) -> None:
    ledger = small().ledger
    companies = len(either.fake.tables.organizations)
    assert off(ledger, either.importing())
    assert either.fake.setting("import_mode") is False
    assert either.writes().count("POST /organizations") == import_mode.PROBES
    assert len(either.fake.tables.organizations) == companies
    written = len(either.writes())
    assert not off(ledger, either)
    assert len(either.writes()) == written


def test_a_process_that_stays_in_import_mode_is_not_taken_for_gone(
    small: Small, zammad_port: Port
) -> None:
    ledger = small().ledger
    with desk(zammad_port, workers=2, settle_seconds=60) as slow:
        slow.importing()
        slow.fake.state.settings._stale.clear()
        with pytest.raises(PreflightError, match="not for all of Zammad"):
            off(ledger, slow)
        slow.fake.state.settings._stale.clear()
        assert not off(ledger, slow)
        probes = slow.writes().count("POST /organizations")
        assert probes > import_mode.PROBES
        assert not off(ledger, slow)
        assert slow.writes().count("POST /organizations") == probes
