"""The display on a real terminal: drawn seldom, stopped when told to, the terminal given back."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from runner import pipeline
from runner.cli.common import stop_on_signals
from runner.engine.change import Action, Change
from runner.errors import Interrupted, RecordError
from runner.pipeline import Scope
from runner.report import screen
from runner.report.progress import Reporter
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN
from tests.pipeline.conftest import Site, site

__all__ = ["site"]

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"


class Pty:
    """A terminal of 80 columns and 24 lines, and what was written to it."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.text = ""
        self._open = True
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        pieces = b""
        while self._open or select.select([self.master], [], [], 0)[0]:
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                pieces += os.read(self.master, 65536)
            except OSError:
                return
            self.text = pieces.decode(errors="replace")

    def wait_for(self, text: str) -> None:
        limit = time.monotonic() + 20
        while text not in self.text:
            assert time.monotonic() < limit, f"no {text!r} in {self.text[-2000:]!r}"
            time.sleep(0.02)

    def close(self) -> str:
        """End it, and return all that it was sent, without what only colours."""
        self._open = False
        self._reading.join()
        os.close(self.master)
        return re.sub(r"\x1b\[[0-9;]*m", "", self.text)


@pytest.fixture
def terminal() -> Iterator[tuple[Pty, Console]]:
    """A pseudo terminal and a console that writes to it."""
    device = Pty()
    with os.fdopen(device.slave, "w", encoding="utf-8") as file:
        size = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        yield device, Console(file=file, highlight=False, soft_wrap=True, _environ=size)


@pytest.fixture
def own_handlers() -> Iterator[None]:
    """Put back what is done on signals."""
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.usefixtures("own_handlers")
def test_a_signal_ends_the_run_after_what_is_in_flight_and_gives_the_terminal_back(
    terminal: tuple[Pty, Console], site: Callable[..., Site]
) -> None:
    device, out = terminal
    made = site(60)
    made.sandbox.zammad.faults.latency = 0.01
    stop = stop_on_signals()
    assert signal.getsignal(signal.SIGTERM) is signal.getsignal(signal.SIGINT)

    def press() -> None:
        device.wait_for("Tickets: ")
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    with pytest.raises(Interrupted), Reporter(out) as reporter:
        pipeline.run_apply(
            made.config,
            Scope(),
            pull=True,
            watcher=reporter,
            progress=reporter.pulled,
            stop=stop,
            connected=reporter.connect,
        )
    pressing.join()
    shown = device.close()
    assert screen.current() is None
    assert shown.count(HIDE) == shown.count(SHOW) == 1
    ending = shown[shown.index(SHOW) :]
    assert "Groups" in ending
    assert re.search(r"Tickets +━+ +\d+/60 ", ending)
    assert "Zammad:" not in ending
    assert "Kayako: " in shown
    standing = pipeline.status(made.config)
    assert standing["outcome"] == "interrupted"
    assert standing["result"]["Tickets"]["sum"] < 60


def test_it_is_drawn_seldom_however_many_records_go_through(
    terminal: tuple[Pty, Console],
) -> None:
    device, out = terminal
    begun = time.monotonic()
    with Reporter(out) as reporter:
        reporter.begin("users", 10**6)
        for number in range(20_000):
            reporter.record(Change("users", str(number), Action.CREATE), None)
        reporter.record(Change("users", "7", Action.FAIL), RecordError("no \x1b]0;x\x07 [/] 大"))
        reporter.say("switching [/] on")
        time.sleep(0.6)
    seconds = time.monotonic() - begun
    shown = device.close()
    assert shown.count("Users: ") <= 4 * seconds + 2
    assert "switching [/] on\r\n" in shown
    assert "users/7: no \N{REPLACEMENT CHARACTER}]0;x\N{REPLACEMENT CHARACTER} [/] 大" in shown
    assert "\x1b]0" not in shown
    # What stays when all went well is the last problems: the table is the result's own.
    assert "━" not in shown[shown.index(SHOW) :]
    assert "users/7" in shown[shown.index(SHOW) :]


def test_pressed_twice_it_is_over_at_once_and_the_cursor_is_back(tmp_path: Path) -> None:
    device = Pty()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        (tmp_path / "config.yaml").write_text(
            f"kayako:\n  url: {url}\n  email: {EMAIL}\n  password: {PASSWORD}\n"
            f"zammad:\n  url: {url}\n  token: {TOKEN}\n"
        )
        running = subprocess.Popen(
            [sys.executable, "-m", "runner", "-c", "config.yaml", "pull", "--headers"],
            cwd=tmp_path,
            stdin=device.slave,
            stdout=device.slave,
            stderr=device.slave,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(Path.cwd())},
        )
        os.close(device.slave)
        device.wait_for("Kayako: 1/")
        running.send_signal(signal.SIGINT)
        device.wait_for("Finishing what is in flight")
        running.send_signal(signal.SIGTERM)
        assert running.wait(5) == 130
    shown = device.close()
    assert shown.rindex(SHOW) > shown.rindex(HIDE)
    assert "stopped at once; to go on: migrate -c config.yaml pull --headers" in shown
