"""HTTP to one server: a limited session a thread, one retry policy, one gate for everybody.

Requests go out evenly at 98.5 % of the configured rate, whatever the number of workers; a server
that answers 429 holds all of them for as long as it says. Retries happen here and nowhere else,
so that each of them counts against the limit. Redirects are never followed: the caller sees
them, because ``requests`` would hand session headers to whatever host they name.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from runner import jsonbody
from runner.capped import ANSWER_BYTES, TooLarge, capped
from runner.errors import Interrupted
from runner.gate import Gate, Sleep
from runner.lanes import Freight, Lanes
from runner.meter import ANSWERING, WAITING, Meter, Usage
from runner.retry import Call, retry_after
from runner.scrubbing import scrubbed
from runner.sessions import Sessions, is_limiter_slice
from runner.throttle import Throttle
from runner.timings import KindOf, Timings

RETRIED_STATUSES = frozenset({500, 502, 503, 504})

Headers = Mapping[str, str]


class Http:
    """Requests to one server, for any number of threads.

    Args:
        base_url: The server; paths given to ``send`` are joined to it.
        requests_per_minute: The rate that the server allows, ``None`` for no limit.
        headers: Sent with each request that authenticates; a callable is asked each time.
        workers: How many threads will send; each has connections of its own.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for the next byte of an answer.
        user_agent: What we call ourselves.
        secrets: Values that must never stand in a message.
        ca_bundle: Certificates to trust for this server, in place of those of the system.
        stop: When set, the next request raises ``Interrupted``.
        sleep: Replaces waiting (tests).
        on_hold: Sees each 429 before it is waited for, and may raise when waiting is pointless.
        kind_of: Names the kinds of requests by which ``timings`` are kept; by method without it.
        throttle: Holds requests back at certain hours.
    """

    def __init__(
        self,
        base_url: str,
        *,
        requests_per_minute: float | None = None,
        headers: Callable[[], Headers] | Headers | None = None,
        workers: int = 8,
        connect_timeout: float = 10.0,
        read_timeout: float = 120.0,
        user_agent: str = "migrate",
        secrets: tuple[str, ...] = (),
        ca_bundle: Path | None = None,
        stop: threading.Event | None = None,
        sleep: Sleep | None = None,
        on_hold: Callable[[requests.Response], None] | None = None,
        kind_of: KindOf = lambda method, _: method,
        throttle: Throttle | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self.host = urlsplit(self.base_url).netloc.rpartition("@")[2]
        self._gates: dict[str, Gate] = {}
        self._headers = headers
        self.workers = workers
        self._timeouts = (connect_timeout, read_timeout)
        self._secrets = secrets
        self._stop = stop
        self._sleep = sleep or self._pause
        self._on_hold = on_hold
        self._limit = requests_per_minute
        self._sessions = Sessions(
            urlsplit(self.base_url).netloc,
            requests_per_minute=requests_per_minute,
            user_agent=user_agent,
            ca_bundle=ca_bundle,
            leaves=self._leaves,
        )
        self._meter = Meter()
        self._lanes = Lanes(workers)
        self._freight = Freight()
        self._lock = threading.Lock()
        self._sent = 0
        self._kind_of = kind_of
        self._throttle = throttle
        self.timings = Timings()
        self.quickest: float | None = None

    def gate(self, host: str | None = None) -> Gate:
        """Return the gate of a host that is asked through here, by default the server's own."""
        with self._lock:
            return self._gates.setdefault(host or self.host, Gate())

    @property
    def requests_sent(self) -> int:
        """How many requests went out so far, repetitions included."""
        return self._sent

    def usage(self) -> Usage:
        """Return how hard the server is asked right now, and what requests wait for."""
        waiting, answering = self._meter.seconds()
        return Usage(
            workers=self.workers,
            allowed=self._lanes.allowed(),
            limit=(self._throttle and self._throttle.rate()) or self._limit,
            last_minute=self._meter.last_minute(),
            waiting=waiting,
            answering=answering,
            held=self.gate().remaining(),
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        files: Any = None,
        headers: Headers | None = None,
        stream: bool = False,
        most: int = ANSWER_BYTES,
        repeatable: bool = True,
        attempts: int = 8,
        fresh_connection: bool = False,
        authenticate: bool = True,
    ) -> requests.Response:
        """Send one request and return the answer, whatever a final status it has.

        Args:
            method: ``GET``, ``POST``…
            path: Joined to the base; a whole URL of another host only without authentication.
            params: The query string.
            json: The body; a ``jsonbody.FileContent`` in it is read while it is sent.
            files: Files of a form instead of a body: ``{name: (filename, bytes, media type)}``.
            headers: Added to the common ones.
            stream: Leave the body unread where the status is good; the caller reads and closes it.
            most: How many bytes of an answer are read into memory.
            repeatable: False for writes that must not happen twice: then only 429 and failures
                before the request could be sent are tried again.
            attempts: How often a failing request is sent at most.
            fresh_connection: Open a new connection (a server behind a balancer may answer from
                another process).
            authenticate: Send the common headers. Without them only public addresses are asked.

        Raises:
            PreflightError: The file of certificates that the environment names cannot be used.
            Unreachable: No useful answer after all attempts.
            AnswerTooLarge: The answer to what is repeatable is too large.
            OutcomeUnknown: ``repeatable`` is false and the request may have been carried out.
            Interrupted: ``stop`` was set before the request was sent.
        """
        url = self._url(path, authenticate=authenticate)
        parts = urlsplit(url)
        call = Call(
            method,
            parts.path,
            parts.netloc,
            repeatable=repeatable,
            attempts=attempts,
            answered_before=self.quickest is not None,
        )
        gate = self.gate(parts.netloc)
        options: dict[str, Any] = {"params": params, "files": files, "headers": headers or {}}
        if json is not None:
            options["data"] = jsonbody.encode(json)
            options["headers"] = {"Content-Type": "application/json", **options["headers"]}
        common, has_failed = options.pop("headers"), False
        while True:
            self._meter.move(WAITING)
            try:
                with self._under_way(gate, len(options.get("data", b""))):
                    session = self._sessions.get(fresh=fresh_connection, public=not authenticate)
                    response = session.request(
                        method,
                        url,
                        **options,
                        headers=self._merged(common, authenticate=authenticate),
                        timeout=self._timeouts,
                        stream=True,
                        allow_redirects=False,
                        **self._sessions.surroundings(url),
                    )
                    seconds = capped(response, whole=not stream, most=most)
            except TooLarge as error:
                self._count()
                raise call.too_large(error) from error
            except requests.RequestException as error:
                if is_limiter_slice(error):
                    continue
                self._count()
                self._sleep(call.failed(error))
                continue
            finally:
                self._meter.move(None)
            self._count(self._kind_of(method, path), seconds)
            if parts.netloc == self.host:
                self._sessions.used()
            if response.status_code == 429:
                self._hold(gate, call, response)
            elif response.status_code in RETRIED_STATUSES:
                pause = retry_after(response)
                response.close()
                if parts.netloc == self.host and not has_failed:
                    # Once for each request: one that always fails says nothing of the others.
                    self._lanes.failed()
                has_failed = True
                self._sleep(call.broken(response.status_code, pause))
            else:
                return response

    def scrub(self, text: str) -> str:
        """Return ``text`` with every known secret replaced."""
        return scrubbed(text, self._secrets)

    def close(self) -> None:
        """Close all connections and the limiter's thread."""
        self._sessions.close()

    def _url(self, path: str, *, authenticate: bool) -> str:
        url = path if "://" in path else urljoin(self.base_url, path.lstrip("/"))
        if authenticate and urlsplit(url).netloc != urlsplit(self.base_url).netloc:
            raise ValueError("credentials are for " + self.host + " only")
        return url

    def _merged(self, headers: Headers, *, authenticate: bool) -> dict[str, str]:
        common = self._headers if authenticate else None
        return {**((common() if callable(common) else common) or {}), **headers}

    def _pause(self, seconds: float) -> None:
        if self._stop is not None:
            self._stop.wait(seconds)
        else:
            time.sleep(seconds)

    @contextmanager
    def _under_way(self, gate: Gate, size: int) -> Iterator[None]:
        """Hold what a request with a body of ``size`` bytes needs until its answer is there."""
        stopped = self._is_stopped
        with self._freight.of(size, stopped), self._lanes.one(stopped):
            self._wait_for_turn(gate)
            yield

    def _wait_for_turn(self, gate: Gate) -> None:
        self._raise_if_stopped()
        gate.wait(self._sleep)
        if self._throttle is not None:
            self._throttle.wait(self._sleep, self._is_stopped)
        self._raise_if_stopped()

    def _is_stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def _raise_if_stopped(self) -> None:
        if self._is_stopped():
            raise Interrupted(
                f"Stopped before the next request to {self.host}.",
                advice="Run the same command again to go on.",
            )

    def _leaves(self, url: str) -> None:
        """Note that a request goes out now; files on other hosts count against no limit."""
        self._meter.move(ANSWERING, counted=urlsplit(url).netloc == self.host)

    def _count(self, kind: str = "", seconds: float | None = None) -> None:
        with self._lock:
            self._sent += 1
            if seconds is not None:
                self.quickest = min(seconds, self.quickest or seconds)
        if seconds is not None:
            self.timings.note(kind, seconds)

    def _hold(self, gate: Gate, call: Call, response: requests.Response) -> None:
        try:
            if self._on_hold is not None:
                self._on_hold(response)
            pause = retry_after(response)
            gate.hold(call.held(pause))
        finally:
            response.close()
