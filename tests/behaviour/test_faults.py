"""Whatever goes wrong on the way: Zammad is as after an undisturbed run, and nobody is mailed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from runner import capped, retry
from runner.kayako import client as kayako_client
from runner.sandbox.data import Helpdesk, generate
from runner.zammad import client as zammad_client
from tests.behaviour.conftest import Stage
from tests.behaviour.support import differences

Make = Callable[..., Stage]
SPOILT = ("cut", "cut_unnoticed", "dribble", "silent")
BROKEN = ("429", "429_date", "500_before", "502_html", "503_html", "504_html", "reset_before")
LOST = ("500_after", "reset_after")
REFUSED = ("422_before", "422_after")


def helpdesk() -> Helpdesk:
    return generate(8, posts_each=3, users=4)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    """Remember the outcome of a run that nothing disturbed, filled by the first test."""
    return {}


@pytest.fixture
def ends_the_same(stage: Make, undisturbed: dict[str, Any]) -> Callable[[Stage], None]:
    """Return a check: the same Zammad as without faults, nothing left to write, no mail."""
    if not undisturbed:
        s = stage(helpdesk())
        s.place.succeed("apply", "--yes")
        undisturbed.update(s.zammad.everything())

    def check(s: Stage) -> None:
        assert differences(s.zammad.everything(), undisturbed) == []
        assert not s.place.ask("apply", "--yes", "--no-pull")["wrote"]
        assert s.sandbox.zammad.mails_sent == []

    return check


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the same things happen in a shorter time."""
    monkeypatch.setattr(retry, "LONGEST_BACKOFF_SECONDS", 0.05)
    monkeypatch.setattr(capped, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(zammad_client, "READ_TIMEOUT", 0.6)
    monkeypatch.setattr(kayako_client, "READ_TIMEOUT", 0.6)


@pytest.mark.fault("429 with Retry-After in seconds")
@pytest.mark.fault("429 with Retry-After as a date")
@pytest.mark.fault("500, 502, 503 or 504")
@pytest.mark.fault("the connection is lost")
@pytest.mark.fault("an answer that does not come")
@pytest.mark.fault("an answer that breaks off in its body")
@pytest.mark.fault("an answer that comes a byte at a time without end")
@pytest.mark.fault(
    "a 500 after Zammad carried the request out",
    does="it is looked up whether the record is there, before it is sent again",
    side="Zammad",
)
@pytest.mark.fault(
    "an answer of Zammad's that is cut, with a fitting length",
    does="a read is asked for again, a write is looked up; three in a row end the run",
    side="Zammad",
)
@pytest.mark.fault(
    "a deadlock in Zammad's database (422, in words that differ by version)",
    does="what is not there after a 422 is sent once more; a second refusal fails that record",
    side="Zammad",
)
def test_every_fault_of_zammad_in_one_run(
    stage: Make, ends_the_same: Callable[[Stage], None]
) -> None:
    s = stage(helpdesk())
    s.place.edit("config.yaml", "  workers: 4", "  workers: 1")  # so that no request meets two
    faults = s.sandbox.zammad.faults
    faults.retry_after = 0
    kinds = (*BROKEN, *LOST, *SPOILT, *REFUSED)
    for number, kind in enumerate(kinds):
        faults.fail("POST", "/ticket_articles$", kind, nth=1 + 2 * number)
    for number, kind in enumerate(("reset_before", *LOST, *REFUSED, *SPOILT)):
        faults.fail("POST", "/tickets$", kind, nth=1 + 2 * number)
        faults.fail("PUT", "/tickets/", kind, nth=1 + 2 * number)
        # A user who is there after a 422 may be somebody else's: only the next run can tell.
        user_kind = kind.replace("422_after", "422_before")
        faults.fail("POST", "/users$", user_kind, nth=1 + 2 * number)
    done = s.place.migrate("apply", "--yes")
    assert done.returncode == 0, done.stderr
    assert faults.counts.faulted > 2 * len(kinds)
    faults.one_shot.clear()
    ends_the_same(s)


@pytest.mark.fault("429 with Retry-After in seconds")
@pytest.mark.fault("429 with Retry-After as a date")
@pytest.mark.fault("500, 502, 503 or 504")
@pytest.mark.fault("the connection is lost")
@pytest.mark.fault("an answer that breaks off in its body")
@pytest.mark.fault("an answer that is not the API's (maintenance pages, HTML with 200)")
@pytest.mark.fault("a session that ends in the middle")
def test_every_fault_of_kayako_in_one_run(
    stage: Make, ends_the_same: Callable[[Stage], None]
) -> None:
    s = stage(helpdesk())
    kayako = s.sandbox.kayako
    kayako.faults.retry_after = 0
    for number, kind in enumerate((*BROKEN, *SPOILT)):
        kayako.faults.fail("GET", "/", kind, nth=2 + 3 * number)
    kayako.on_request = lambda _: kayako.end_sessions() if len(kayako.requests) in (20, 40) else 0
    done = s.place.migrate("apply", "--yes")
    assert done.returncode == 0, done.stderr
    assert kayako.faults.one_shot == []
    assert kayako.logins == 3
    ends_the_same(s)


@pytest.mark.fault(
    "Kayako asks for a one-time password when the session is renewed",
    does="the run ends and says that the login needs none; the next one goes on",
    side="Kayako",
)
def test_a_second_factor_in_the_middle_ends_the_run_and_the_next_goes_on(
    stage: Make, ends_the_same: Callable[[Stage], None]
) -> None:
    s = stage(helpdesk())
    kayako = s.sandbox.kayako

    def lock(seen: Any) -> None:
        if seen.path.endswith("/posts") and not kayako.sessions.otp:
            kayako.sessions.otp = True
            kayako.end_sessions()

    kayako.on_request = lock
    stopped = s.place.migrate("apply", "--yes")
    assert stopped.returncode == 4, stopped.stderr
    assert "one-time password" in stopped.stderr
    kayako.on_request, kayako.sessions.otp = None, False
    s.place.succeed("apply", "--yes")
    ends_the_same(s)


@pytest.mark.fault("a server restarts for 30 seconds (connections refused, then 502 and 503)")
def test_zammad_restarts_in_the_middle(
    stage: Make, ends_the_same: Callable[[Stage], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "LONGEST_BACKOFF_SECONDS", 0.8)
    seen: list[str] = []
    describe = retry.describe
    monkeypatch.setattr(
        retry, "describe", lambda error: seen.append(describe(error)) or describe(error)
    )
    s = stage(helpdesk())
    s.sandbox.zammad.faults.latency = 0.02
    written = threading.Event()
    s.sandbox.zammad.state.on_request = lambda method, path: (
        written.set() if (method, path) == ("POST", "/ticket_articles") else None
    )

    def restart() -> None:
        assert written.wait(20)
        s.sandbox.restart_zammad(refusing=0.2, gateway=0.2)

    thread = threading.Thread(target=restart)
    thread.start()
    done = s.place.migrate("apply", "--yes")
    thread.join()
    assert done.returncode == 0, done.stderr
    assert "it refused the connection" in seen
    ends_the_same(s)


@pytest.mark.fault("a process that has not seen import mode yet")
def test_a_process_that_lags_behind_import_mode_mails_nobody(
    stage: Make, ends_the_same: Callable[[Stage], None]
) -> None:
    s = stage(helpdesk(), zammad_workers=3, zammad_worker_seed=1, zammad_settle_seconds=1.0)
    stopped = s.place.migrate("apply", "--yes")
    assert stopped.returncode == 4, stopped.stderr
    assert "one of its processes has not seen import mode yet" in stopped.stderr
    assert len(s.zammad.rows("/tickets")) == 1
    time.sleep(1.0)
    s.place.succeed("apply", "--yes")
    ends_the_same(s)
