"""Let everything happen in a move, in any order, many times, and ask the laws after each step.

python -m benchmarks machine [moves] [steps in each]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.move import Move


def main(arguments: list[str] | None = None) -> None:
    """Print how often what was run ended how; the first broken law ends with its steps."""
    moves, steps = (int(each) for each in [*(arguments or []), "25", "16"][:2])
    ended: Counter[str] = Counter()

    class Counted(Move):
        """The same, counting its runs."""

        def ran(self, words: str, code: int) -> None:
            super().ran(words, code)
            ended[f"{words} ended with {code}"] += 1

    begun = time.monotonic()
    with patch("runner.retry.LONGEST_BACKOFF_SECONDS", 0.02):
        run_state_machine_as_test(
            Counted,
            settings=settings(
                max_examples=moves,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                verbosity=Verbosity.normal,
            ),
        )
    for words, times in sorted(ended.items()):
        print(f"{times:6,}  {words}")
    seconds = time.monotonic() - begun
    print(
        f"{moves} moves of up to {steps} steps, {ended.total():,} runs, {seconds:.0f} s: all hold"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
