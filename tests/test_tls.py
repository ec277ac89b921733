"""Certificates are always checked: of the system, of a bundle that is named, and by name."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from runner import guarding
from runner.errors import PreflightError, Unreachable
from runner.http import Http

CERTIFICATES = Path(__file__).parent / "certificates"
CA = CERTIFICATES / "ca.pem"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Serve over TLS with a certificate that no public authority signed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def asked(url: str, *, path: str = "/x", authenticate: bool = True, **options: Any) -> str:
    client = Http(url, sleep=lambda _: None, **options)
    try:
        return client.send("GET", path, authenticate=authenticate).text
    finally:
        client.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(port: int) -> None:
    with pytest.raises(Unreachable, match=r"certificate of 127\.0\.0\.1") as error:
        asked(f"https://127.0.0.1:{port}")
    assert "REQUESTS_CA_BUNDLE" in error.value.advice


def test_the_bundle_of_the_config_vouches(port: int) -> None:
    assert asked(f"https://127.0.0.1:{port}", ca_bundle=CA) == f"127.0.0.1:{port}"


def test_the_bundle_of_the_environment_vouches(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CA))
    assert asked(f"https://127.0.0.1:{port}")


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_no_value_of_the_environment_switches_the_check_off(
    port: int, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, value)
    with pytest.raises(PreflightError):
        asked(f"https://127.0.0.1:{port}")


def test_a_certificate_for_another_name_is_refused(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead(monkeypatch, "kayako.example")
    with pytest.raises(Unreachable, match=r"certificate of kayako\.example"):
        asked(f"https://kayako.example:{port}", ca_bundle=CA)


def test_a_file_of_another_host_is_checked_by_its_name_at_the_address_that_was_checked(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead(monkeypatch, "files.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CA))
    monkeypatch.setattr(guarding, "is_public", lambda _: True)
    address = f"https://files.example:{port}/x"
    options = {"path": address, "authenticate": False}
    assert asked("https://kayako.example", **options) == f"files.example:{port}"


def test_the_bundle_of_one_server_does_not_vouch_for_others(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead(monkeypatch, "files.example")
    monkeypatch.setattr(guarding, "is_public", lambda _: True)
    address = f"https://files.example:{port}/x"
    with pytest.raises(Unreachable, match=r"certificate of files\.example"):
        asked("https://kayako.example", path=address, authenticate=False, ca_bundle=CA)


def lead(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a name lead to this machine."""
    real = socket.getaddrinfo

    def looked_up(host: Any, *arguments: Any, **options: Any) -> Any:
        return real("127.0.0.1" if host == name else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
