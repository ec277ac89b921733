"""Whether a run sits at the limit: Kayako's rate, and Zammad's writes.

Rates and moments are those that the servers saw, which run in a process of their own; bounds are
computed from the seconds that a real Zammad needs, which the fake one is made to need.

    python -m benchmarks saturation [share of the usual size, 1.0] [rate] [writes]

With a share below 1 each run is made once instead of five times.
"""

from __future__ import annotations

import signal
import sys
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks._counted import WRITES, configured, counted
from benchmarks._figures import figure
from benchmarks._processes import finish, repeats, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks._figures import Figure

_RATE = 600
_POSTS = 3.6
_PROCESSES = 2
_LATER = 1.45
"""Zammad 6.5 writes 40 to 50 % more slowly than the 5.2 that the seconds are of."""


@dataclass(frozen=True)
class _Case:
    """One run: how far Kayako is away in seconds, and what else differs from the usual."""

    name: str
    latency: float = 0.0
    slower: float = 1.0
    console: bool = False


_CASES = (
    _Case("Kayako 0 ms away"),
    _Case("Kayako 150 ms away", 0.15),
    _Case("Kayako 1,000 ms away", 1.0),
    _Case("a Zammad as slow as 6.5", slower=_LATER),
    _Case("dates by the console script", console=True),
)


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Measure the parts that are named, or all."""
    parts = {"rate": _rate, "writes": _writes}
    shares = [float(each) for each in arguments or () if each not in parts]
    chosen = [each for each in arguments or () if each in parts] or list(parts)
    share = shares[0] if shares else 1.0
    return [each for part in chosen for each in parts[part](share)]


def _rate(share: float) -> Iterator[Figure]:
    """Read for three minutes at a limit and count at the server."""
    seconds = max(90.0, 180 * share)
    print(f"Kayako at {_RATE} requests a minute, 60 ms away, {seconds:.0f} s")
    limit = {"requests_per_minute": _RATE}
    # Enough for ten minutes, and few enough that their lists, page by page, are read in the first.
    with (
        counted(conversations=2_000, posts=_POSTS, latency=0.06) as servers,
        configured(servers, kayako=limit) as config,
    ):
        process = start(config, "pull")
        time.sleep(seconds + 2)
        arrived = servers.arrived()
        process.send_signal(signal.SIGINT)
        process.wait(30)
    times = sorted(arrived.kayako)
    began = times[0] + 60
    counting = [moment for moment in times if began <= moment < times[0] + seconds]
    reached = 100 * len(counting) / (seconds - 60) * 60 / _RATE
    yield figure("share of the limit, after the first minute", reached, unit="%", at_least=95)
    yield figure("most requests in any 60 s", _most_within(times, 60.0), at_most=_RATE)


def _writes(share: float) -> Iterator[Figure]:
    """Apply at several distances of Kayako, to a slower Zammad, and without the last PUT."""
    conversations = max(40, round(600 * share))
    print(f"\n{conversations} conversations of {_POSTS} posts; Zammad serves {_PROCESSES} at once")
    for case in _CASES:
        runs = [_apply(conversations, case) for _ in range(repeats(share))]
        shares, each, speeds = zip(*runs, strict=True)
        figure(f"{case.name}: tickets a second", *speeds)
        yield figure(f"{case.name}: share of the write bound", *shares, unit="%", at_least=90)
        bar = 3.65 if case.console else 4.65
        yield figure(f"{case.name}: requests a ticket", *each, at_most=bar)


def _apply(conversations: int, case: _Case) -> tuple[float, float, float]:
    """Return the share of the write bound in percent, requests a ticket, tickets a second.

    The time counts from the moment at which tickets could be written, because people and the like
    were there, to the last write.
    """
    options: dict[str, Any] = {"conversations": conversations, "posts": _POSTS}
    options |= {"latency": case.latency, "processes": _PROCESSES, "slower": case.slower}
    # Asked conversation by conversation, they would make 3.1 requests of the 2.1 that each costs:
    # at a second's distance 16 workers then read more slowly than Zammad writes.
    settings: dict[str, dict[str, Any]] = {"options": {"side_conversations": False}}
    settings["kayako"] = {"workers": 16, "requests_per_minute": 3000}
    if case.console:
        settings["options"]["exact_updated_at"] = "console"
    with counted(**options) as servers, configured(servers, **settings) as config:
        finish(start(config, "apply", "--yes"))
        arrived = servers.arrived()
    began = arrived.tickets_from()
    counts = arrived.counted_since(began)
    seconds = sum(number * WRITES[kind] for kind, number in counts.items()) * case.slower
    took = arrived.written()[-1] - began
    each = sum(counts.values()) / conversations
    return 100 * seconds / _PROCESSES / took, each, conversations / took


def _most_within(times: list[float], seconds: float) -> int:
    window: deque[float] = deque()
    most = 0
    for moment in times:
        window.append(moment)
        while window[0] <= moment - seconds:
            window.popleft()
        most = max(most, len(window))
    return most


if __name__ == "__main__":
    main(sys.argv[1:])
