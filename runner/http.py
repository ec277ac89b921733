"""HTTP to one server: a limited session a thread, one retry policy, one gate for everybody.

Requests go out evenly at 98.5 % of the configured rate, whatever the number of workers; a server
that answers 429 holds all of them for as long as it says. Retries happen here and nowhere else,
so that each of them counts against the limit. Redirects are never followed: the caller sees
them, because ``requests`` would hand session headers to whatever host they name.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from pyrate_limiter import Limiter, Rate
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterSession
from requests_ratelimiter.buckets import HostBucketFactory

from runner import jsonbody
from runner.capped import CappedBody
from runner.errors import Interrupted
from runner.guarding import PublicAdapter, check_bundle
from runner.lanes import Freight, Lanes
from runner.meter import ANSWERING, WAITING, Meter, Usage
from runner.retry import Call, retry_after
from runner.scrubbing import scrubbed
from runner.throttle import SHARE_OF_RATE, Throttle
from runner.timings import KindOf, Timings

RETRIED_STATUSES = frozenset({500, 502, 503, 504})
IDLE_CONNECTION_SECONDS = 15.0  # Puma closes idle connections after 20 s
LIMITER_SLICE_SECONDS = 1.0
ANSWER_SECONDS = 900.0  # a whole answer; a slow page of posts takes seconds, not minutes
FILE_SECONDS = 3600.0  # a whole file that is streamed

Sleep = Callable[[float], object]
Headers = Mapping[str, str]


class Gate:
    """Holds every worker of one host back while the server asks for a pause."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0

    def hold(self, seconds: float) -> None:
        """Let nobody through for ``seconds`` from now; a longer hold that exists stays."""
        with self._lock:
            self._until = max(self._until, time.monotonic() + seconds)

    def remaining(self) -> float:
        """Return for how many seconds nobody is let through."""
        with self._lock:
            return max(self._until - time.monotonic(), 0.0)

    def wait(self, sleep: Sleep) -> None:
        """Return when the gate is open, spending the time in ``sleep``."""
        with self._lock:
            until = self._until
        remaining = until - time.monotonic()
        if remaining <= 0:
            return
        sleep(remaining)
        with self._lock:
            if self._until == until:
                self._until = 0.0


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
        self._environment: dict[str, dict[str, Any]] = {}
        self._headers = headers
        self.workers = workers
        self._timeouts = (connect_timeout, read_timeout)
        self._user_agent = user_agent
        self._secrets = secrets
        self._ca_bundle = ca_bundle
        self._stop = stop
        self._sleep = sleep or self._pause
        self._on_hold = on_hold
        self._limit = requests_per_minute
        self._limiter = _limiter(requests_per_minute)
        self._meter = Meter()
        self._lanes = Lanes(workers)
        self._freight = Freight()
        self._local = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()
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
            stream: Leave the body unread; the caller reads and closes it.
            repeatable: False for writes that must not happen twice: then only 429 and failures
                before the request could be sent are tried again.
            attempts: How often a failing request is sent at most.
            fresh_connection: Open a new connection (a server behind a balancer may answer from
                another process).
            authenticate: Send the common headers. Without them only public addresses are asked.

        Raises:
            PreflightError: The file of certificates that the environment names cannot be used.
            Unreachable: No useful answer after all attempts.
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
                    session = self._session(fresh=fresh_connection, public=not authenticate)
                    response = session.request(
                        method,
                        url,
                        **options,
                        headers=self._merged(common, authenticate=authenticate),
                        timeout=self._timeouts,
                        stream=True,
                        allow_redirects=False,
                        **self._surroundings(url),
                    )
                    cap = FILE_SECONDS if stream else ANSWER_SECONDS
                    response.raw = CappedBody(response.raw, cap)
                    seconds = _seconds(response, whole=not stream)
            except requests.RequestException as error:
                if _is_limiter_slice(error):
                    continue
                self._count()
                self._sleep(call.failed(error))
                continue
            finally:
                self._meter.move(None)
            self._count(self._kind_of(method, path), seconds)
            if parts.netloc == self.host:
                self._local.used = time.monotonic()
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
        for session in list(self._sessions):
            session.close()
        if self._limiter is not None:
            self._limiter.close()

    def _url(self, path: str, *, authenticate: bool) -> str:
        url = path if "://" in path else urljoin(self.base_url, path.lstrip("/"))
        if authenticate and urlsplit(url).netloc != urlsplit(self.base_url).netloc:
            raise ValueError("credentials are for " + self.host + " only")
        return url

    def _surroundings(self, url: str) -> dict[str, Any]:
        """Return proxies and certificates that the environment names for a host, asked once.

        ``requests`` would go through all variables for every request: half its own time.
        """
        host = urlsplit(url).netloc
        if host not in self._environment:
            found = requests.Session().merge_environment_settings(url, {}, None, None, None)
            if self._ca_bundle is not None and host == urlsplit(self.base_url).netloc:
                found["verify"] = str(self._ca_bundle)
            check_bundle(found["verify"])
            self._environment[host] = {name: found[name] for name in ("proxies", "verify")}
        return self._environment[host]

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

    def _session(self, *, fresh: bool, public: bool) -> requests.Session:
        name = "public_session" if public else "session"
        session: requests.Session | None = getattr(self._local, name, None)
        if session is None:
            session = self._new_session(_PublicAdapter if public else _Adapter)
            setattr(self._local, name, session)
            self._sessions.add(session)
        idle = time.monotonic() - getattr(self._local, "used", time.monotonic())
        if fresh or idle > IDLE_CONNECTION_SECONDS:
            session.close()
        return session

    def _new_session(self, adapts: type[_Adapter]) -> requests.Session:
        session: requests.Session
        if self._limiter is None:
            session = requests.Session()
        else:
            session = LimiterSession(
                limiter=self._limiter, limit_statuses=(), max_delay=LIMITER_SLICE_SECONDS
            )
        adapter = adapts(self._leaves, pool_connections=2, pool_maxsize=2, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.headers["User-Agent"] = self._user_agent
        # Else a login in the user's ~/.netrc would take the place of ours.
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session

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


class _Adapter(HTTPAdapter):
    """Tells when a request goes out: what came before was waiting for the limiter."""

    def __init__(self, leaves: Callable[[str], None], **options: Any) -> None:
        self._leaves = leaves
        super().__init__(**options)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # requests hands all but the request over by name
        """Send it."""
        self._leaves(request.url or "")
        return super().send(request, **options)


class _PublicAdapter(_Adapter, PublicAdapter):
    """The same for hosts that are not ours."""


def limit(requests_per_minute: float) -> Rate:
    """Spread 98.5 % of a rate evenly, in bursts so small that no minute exceeds the rate.

    A window of ``burst`` requests in T seconds lets at most ``burst * ceil(60 / T)`` through in
    any minute; with ``burst`` up to 1.5 % of the rate plus one that stays within the rate.
    """
    burst = 1 + int((1 - SHARE_OF_RATE) * requests_per_minute)
    return Rate(burst, ceil(burst * 60_000 / (SHARE_OF_RATE * requests_per_minute)))


def _limiter(requests_per_minute: float | None) -> Limiter | None:
    if not requests_per_minute:
        return None
    return Limiter(HostBucketFactory(rates=[limit(requests_per_minute)]), buffer_ms=0)


def _seconds(response: requests.Response, *, whole: bool) -> float:
    """Return how long an answer took, its body included when that is read here.

    ``elapsed`` begins when the request goes out, after whatever it had to wait for before.
    """
    began = time.monotonic()
    if whole:
        response.content  # noqa: B018 - read into memory; whoever comes next finds it there
    return response.elapsed.total_seconds() + time.monotonic() - began


def _is_limiter_slice(error: requests.RequestException) -> bool:
    # The limiter says so with the bare class; real timeouts are of its subclasses.
    return type(error) is requests.Timeout
