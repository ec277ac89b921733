"""The gate that holds all workers back."""

from __future__ import annotations

import pytest

from runner.gate import Gate


def test_a_shorter_hold_does_not_shorten_a_longer_one() -> None:
    gate, pauses = Gate(), list[float]()
    gate.hold(60)
    gate.hold(1)
    gate.wait(pauses.append)
    assert pauses == [pytest.approx(60, abs=0.5)]


def test_a_gate_is_open_again_once_it_was_waited_for() -> None:
    gate, pauses = Gate(), list[float]()
    gate.hold(60)
    gate.wait(pauses.append)
    assert gate.remaining() == 0
    gate.wait(pauses.append)
    assert len(pauses) == 1
