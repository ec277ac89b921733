"""Forked processes: a run of the command line, and the two servers that it talks to.

Everything is imported before the fork, so that a run costs no start. A process forks here only
while it has a single thread.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

from runner.cli.main import main
from runner.sandbox.both import Sandbox
from runner.sandbox.serving import serve
from tests.behaviour.support import environment
from tests.crashing.steps import Steps

_SECONDS = 120.0


@dataclass(frozen=True)
class Ended:
    """A run that has ended: its exit code (-9 when it was killed), its steps, what it printed."""

    code: int
    steps: list[str]
    output: str


def run(folder: Path, *arguments: str, last: int | None = None) -> Ended:
    """Run the command line with the config of ``folder``, until ``last`` if that is given."""
    log, output = folder / "steps.log", folder / "output.log"
    log.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        _be_a_run(log, output, ["-c", str(folder / "config.yaml"), *arguments], last)
    code = _wait(child)
    return Ended(code, log.read_text().splitlines(), output.read_text())


def _be_a_run(log: Path, output: Path, arguments: list[str], last: int | None) -> NoReturn:
    """Become the command line in this forked process, which ends here whatever happens."""
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        printed = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        steps = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.environ.clear()
        os.environ.update(_ENVIRONMENT)
        sys.argv = ["migrate", *arguments]
        Steps(steps, last).install()
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - the process ends here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(child: int) -> int:
    """Return how a child ended; one that hangs is killed, and told by -14 (SIGALRM)."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.003)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGALRM


class Servers:
    """Both servers in a process of their own, which begins with the state that this one holds."""

    def __init__(self, sandbox: Sandbox, ports: tuple[int, int]) -> None:
        self._ours, theirs = Pipe()
        self._child = os.fork()
        if self._child == 0:
            _be_the_servers(sandbox, ports, theirs)
        theirs.close()
        self._ours.recv()

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what ``function(sandbox, *arguments)`` returns in that process.

        Raises:
            EOFError: it failed there; what failed stands on standard error.
        """
        self._ours.send((function, arguments))
        return self._ours.recv()

    def close(self) -> None:
        """End the process."""
        os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        self._ours.close()


def _be_the_servers(sandbox: Sandbox, ports: tuple[int, int], orders: Connection) -> NoReturn:
    try:
        for app, port in zip((sandbox.kayako.app, sandbox.zammad.app), ports, strict=True):
            serve(app, port=port)
        orders.send("serving")
        while True:
            function, arguments = orders.recv()
            orders.send(function(sandbox, *arguments))
    except EOFError:
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the process ends here
        traceback.print_exc()
    finally:
        os._exit(1)


def free_ports() -> tuple[int, int]:
    """Return two ports that are free now: ledgers and links name them, so they have to stay."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


_ENVIRONMENT = environment()
