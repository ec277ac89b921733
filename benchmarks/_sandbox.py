"""Both fake servers in a process of their own, so that only ``migrate`` is measured."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def sandbox(
    conversations: int, *, posts: int, ports: tuple[int, int], more: tuple[str, ...] = ()
) -> Iterator[None]:
    """Serve so many plain conversations while the block runs.

    Args:
        conversations: How many.
        posts: In each of them.
        ports: Of Kayako and Zammad.
        more: Further options of ``migrate sandbox``.
    """
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "runner", "sandbox"),
            *("--conversations", str(conversations), "--posts", str(posts)),
            *("--kayako-port", str(ports[0]), "--zammad-port", str(ports[1])),
            *more,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if process.stdout is not None:
        process.stdout.readline()
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
