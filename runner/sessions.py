"""Connections to one server and its neighbours: sessions a thread, limited, with nobody's logins.

Requests go out evenly at 98.5 % of the configured rate, whatever the number of workers.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from pyrate_limiter import Limiter, Rate
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterSession
from requests_ratelimiter.buckets import HostBucketFactory

from runner.guarding import PublicAdapter, check_bundle
from runner.throttle import SHARE_OF_RATE

IDLE_CONNECTION_SECONDS = 15.0  # Puma closes idle connections after 20 s
LIMITER_SLICE_SECONDS = 1.0


class Sessions:
    """Sessions for any number of threads, two for each: one of ours, one for public addresses.

    Args:
        host: The server's own host, and port.
        requests_per_minute: The rate that the server allows, ``None`` for no limit.
        user_agent: What we call ourselves.
        ca_bundle: Certificates to trust for this server, in place of those of the system.
        leaves: Is told the address of each request just when it goes out.
    """

    def __init__(
        self,
        host: str,
        *,
        requests_per_minute: float | None,
        user_agent: str,
        ca_bundle: Path | None,
        leaves: Callable[[str], None],
    ) -> None:
        self._host = host
        self._user_agent = user_agent
        self._ca_bundle = ca_bundle
        self._leaves = leaves
        self._limiter = _limiter(requests_per_minute)
        self._environment: dict[str, dict[str, Any]] = {}
        self._local = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()

    def get(self, *, fresh: bool, public: bool) -> requests.Session:
        """Return this thread's session.

        Args:
            fresh: Its next request goes out on a new connection, as after a while of idleness.
            public: The one that asks public addresses only.
        """
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

    def used(self) -> None:
        """Note that this thread had an answer of the server's own: its connection lives."""
        self._local.used = time.monotonic()

    def surroundings(self, url: str) -> dict[str, Any]:
        """Return proxies and certificates that the environment names for a host, asked once.

        ``requests`` would go through all variables for every request: half its own time.

        Raises:
            PreflightError: The file of certificates that it names cannot be used.
        """
        host = urlsplit(url).netloc
        if host not in self._environment:
            found = requests.Session().merge_environment_settings(url, {}, None, None, None)
            if self._ca_bundle is not None and host == self._host:
                found["verify"] = str(self._ca_bundle)
            check_bundle(found["verify"])
            self._environment[host] = {name: found[name] for name in ("proxies", "verify")}
        return self._environment[host]

    def close(self) -> None:
        """Close all connections and the limiter's thread."""
        for session in list(self._sessions):
            session.close()
        if self._limiter is not None:
            self._limiter.close()

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


def is_limiter_slice(error: requests.RequestException) -> bool:
    """Say whether nothing failed: a thread only waited as long as the limiter lets it at once."""
    # The limiter says so with the bare class; real timeouts are of its subclasses.
    return type(error) is requests.Timeout
