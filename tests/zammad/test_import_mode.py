from __future__ import annotations

import pytest

from runner.errors import PreflightError
from runner.zammad import import_mode, settings
from tests.zammad.support import Desk, Port, desk


def names(at: Desk) -> list[str]:
    return [row["name"] for row in at.zammad.pages("/organizations", per_page=1000)]


def test_switching_is_seen_in_the_settings(zammad_desk: Desk) -> None:
    for on in (True, False):
        import_mode.switch(zammad_desk.zammad, on=on, settle_seconds=0.001)
        assert import_mode.is_on(settings.read(zammad_desk.zammad)) is on


def test_only_true_counts_as_on(zammad_desk: Desk) -> None:
    zammad_desk.set(import_mode="true")
    assert not import_mode.is_on(settings.read(zammad_desk.zammad))


def test_a_token_that_cannot_see_the_setting_is_told_so() -> None:
    with pytest.raises(PreflightError, match="import_mode"):
        import_mode.is_on({})


def test_twenty_probes_prove_it_are_told_before_and_leave_nothing(zammad_desk: Desk) -> None:
    told: list[str] = []
    before = names(zammad_desk)
    import_mode.prove(zammad_desk.importing().zammad, journal=told.append)
    assert len(set(told)) == import_mode.PROBES
    assert all(name.startswith(import_mode.PROBE_PREFIX) for name in told)
    assert names(zammad_desk) == before


@pytest.mark.fault(
    "import mode that does not work",
    does="probes find it before the first record, and the run ends",
    side="Zammad",
)
def test_a_zammad_that_writes_today_is_refused_and_the_probe_removed(zammad_desk: Desk) -> None:
    before = names(zammad_desk)
    with pytest.raises(PreflightError, match="probe 1 of 20"):
        import_mode.prove(zammad_desk.zammad, journal=lambda _: None)
    assert names(zammad_desk) == before


@pytest.mark.fault(
    "a process that has not seen import mode yet",
    does=(
        "20 probes on new connections find it before the first record, and the run ends; "
        "afterwards the creation time of every answer is looked at"
    ),
    side="Zammad",
)
def test_one_process_that_has_not_seen_the_switch_is_found(zammad_port: Port) -> None:
    with desk(zammad_port, workers=2, settle_seconds=60.0) as made:
        import_mode.switch(made.zammad, on=True, settle_seconds=0)
        with pytest.raises(PreflightError, match="does not keep the past") as error:
            import_mode.prove(made.zammad, journal=lambda _: None)
        assert "settle_seconds" in error.value.advice


@pytest.mark.fault(
    "a probe whose answer is lost",
    does="looked up, removed and sent again",
    side="Zammad",
)
def test_a_probe_whose_answer_is_lost_is_sent_again_and_not_left_behind(zammad_desk: Desk) -> None:
    before = names(zammad_desk)
    zammad_desk.fake.faults.fail("POST", "/organizations", "reset_after", nth=3)
    import_mode.prove(zammad_desk.importing().zammad, journal=lambda _: None)
    assert names(zammad_desk) == before


def test_three_lost_answers_in_a_row_are_one_too_many(zammad_desk: Desk) -> None:
    for _ in range(3):
        zammad_desk.fake.faults.fail("POST", "/organizations", "reset_before")
    with pytest.raises(PreflightError, match="three probes"):
        import_mode.prove(zammad_desk.importing().zammad, journal=lambda _: None)


def test_probes_of_an_earlier_run_are_removed_and_nothing_else(zammad_desk: Desk) -> None:
    for name in ("migrate-probe-a-0", "migrate-probe-b-0"):
        zammad_desk.zammad.create("/organizations", {"name": name})
    before = zammad_desk.writes()
    import_mode.remove_probes(zammad_desk.zammad, [])
    assert zammad_desk.writes() == before
    import_mode.remove_probes(zammad_desk.zammad, ["migrate-probe-a-0"])
    assert "migrate-probe-a-0" not in names(zammad_desk)
    assert "migrate-probe-b-0" in names(zammad_desk)
