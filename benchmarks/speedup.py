"""How much quicker many workers are than one a side, at several distances of Kayako.

The Zammad of the sandbox serves two requests at a time and writes as slowly as a real one: more
than twice as fast is possible only where Kayako is waited for.

    python -m benchmarks speedup [share of the usual size, 1.0]

With a share below 1 each run is made once instead of five times.
"""

from __future__ import annotations

import sys
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks._counted import configured, counted
from benchmarks._figures import figure
from benchmarks._processes import finish, repeats, start

if TYPE_CHECKING:
    from benchmarks._figures import Figure

_SIZES = {0.0: (100, 300), 0.05: (100, 300), 0.15: (80, 300), 1.0: (40, 300)}
"""Conversations of the run with one worker a side, and of the other, by Kayako's distance in
seconds: what is compared is conversations a second."""
_POSTS = 3.6
_ALONE, _TOGETHER = (1, 1), (16, 4)


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Measure each distance."""
    share = float((arguments or ["1.0"])[0])
    made = []
    for latency, sizes in _SIZES.items():
        alone, together = (
            [_speed(max(20, round(size * share)), latency, workers) for _ in range(repeats(share))]
            for size, workers in zip(sizes, (_ALONE, _TOGETHER), strict=True)
        )
        name = f"Kayako {latency * 1000:,.0f} ms away"
        figure(f"{name}, one worker a side: conversations a second", *alone)
        figure(f"{name}, 16 and 4 workers: conversations a second", *together)
        ratios = [each / median(alone) for each in together]
        made.append(figure(f"{name}: times as fast as one worker a side", *ratios, unit="x"))
    return made


def _speed(conversations: int, latency: float, workers: tuple[int, int]) -> float:
    """Return conversations a second after the first quarter: what was read ahead is used then."""
    options: dict[str, Any] = {"conversations": conversations, "posts": _POSTS}
    options |= {"latency": latency, "processes": 2}
    settings: dict[str, dict[str, Any]] = {"options": {"side_conversations": False}}
    settings["kayako"] = {"workers": workers[0], "requests_per_minute": 3000}
    settings["zammad"] = {"workers": workers[1]}
    with counted(**options) as servers, configured(servers, **settings) as config:
        finish(start(config, "apply", "--yes"))
        arrived = servers.arrived()
    began = arrived.tickets_from()
    moments = [at for kind, at in arrived.zammad if kind == "POST tickets" and at >= began]
    later = moments[len(moments) // 4 :]
    return (len(later) - 1) / (later[-1] - later[0])


if __name__ == "__main__":
    main(sys.argv[1:])
