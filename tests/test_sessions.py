"""How evenly requests go out, and whose connections they use."""

from __future__ import annotations

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from runner import sessions


@given(st.integers(min_value=1, max_value=100_000))
def test_no_minute_exceeds_the_rate_and_little_of_it_is_lost(rate: int) -> None:
    window = sessions.limit(rate)
    assert window.limit * ceil(60_000 / window.interval) <= rate
    assert window.limit * 60_000 / window.interval >= 0.97 * rate


def test_a_thread_keeps_its_session_and_has_another_for_public_addresses() -> None:
    made = sessions.Sessions(
        "zammad.example",
        requests_per_minute=None,
        user_agent="test",
        ca_bundle=None,
        leaves=lambda _: None,
    )
    own = made.get(fresh=False, public=False)
    public = made.get(fresh=False, public=True)
    assert own is made.get(fresh=True, public=False)
    assert public is not own
    assert own.get_adapter("https://x") is not public.get_adapter("https://x")
    made.close()
