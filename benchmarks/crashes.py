"""Kill apply at random moments, many times, and compare with a run that nothing disturbed.

python -m benchmarks crashes [kills]
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from runner.sandbox.both import start
from runner.sandbox.data import hard_cases
from tests.behaviour.support import Place, Seen

_KILLS_A_RUN = 5


def main(arguments: list[str] | None = None) -> None:
    """Print one line a run; end with 1 when a final state differs."""
    wanted = int((arguments or ["30"])[0])
    moment = random.Random(2026)
    with tempfile.TemporaryDirectory(prefix="migrate-crashes-") as folder:
        expected, _ = _run(Path(folder) / "undisturbed", moment, kills=0)
        kills = runs = different = 0
        while kills < wanted:
            runs += 1
            seen, killed = _run(
                Path(folder) / str(runs), moment, kills=min(_KILLS_A_RUN, wanted - kills)
            )
            kills += killed
            same = seen == expected
            different += not same
            print(f"run {runs}: {killed} kills, final state {'same' if same else 'DIFFERENT'}")
    print(f"{kills} kills in {runs} runs, {different} final states differ")
    if different:
        raise SystemExit(1)


def _run(folder: Path, moment: random.Random, *, kills: int) -> tuple[object, int]:
    with start(hard_cases()) as sandbox:
        place = Place.make(folder, sandbox.kayako_url, sandbox.zammad_url)
        sandbox.zammad.faults.latency = 0.004 if kills else 0.0
        killed = 0
        while killed < kills:
            process = place.start("apply", "--yes")
            time.sleep(moment.uniform(0.7, 3.5))
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
        sandbox.zammad.faults.latency = 0.0
        place.succeed("apply", "--yes")
        return Seen(sandbox.zammad_url).everything(), killed


if __name__ == "__main__":
    main(sys.argv[1:])
