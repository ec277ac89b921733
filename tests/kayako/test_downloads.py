from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runner.kayako import downloads
from runner.kayako.downloads import fetch
from runner.sandbox.data import hard_cases
from runner.sandbox.serving import serve
from runner.snapshot.writing import StoredFile
from tests.kayako.support import Pulling, pulling

CASE = 69


@contextmanager
def with_foreign_host(folder: Path, **switches: Any) -> Iterator[Pulling]:
    with pulling(hard_cases(), folder, **switches) as world, serve(world.fake.foreign_app) as other:
        world.fake.foreign_media_host = other.url
        listed(world, other.url)
        yield world


def listed(world: Pulling, url: str) -> None:
    world.kayako.file_hosts |= {url.partition("//")[2]}


def attachments(world: Pulling, case_id: int = CASE) -> dict[str, Any]:
    found = [item for post in world.snapshot.posts(case_id) for item in post["attachments"]]
    return {item["name"]: item for item in found}


def download(world: Pulling, address: str, **options: Any) -> StoredFile:
    return fetch(world.kayako, world.snapshot.files, "key", address, **{"size": None, **options})


def test_files_are_stored_as_they_are_whatever_their_kind(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        world.bodies(case_ids=[CASE])
        found = attachments(world)
        stored = world.fake.helpdesk.files
        for name in ("data.json", "empty.txt", "big.bin", "page.html", "picture.png"):
            content = world.snapshot.file(found[name]["sha256"]).read_bytes()
            assert len(content) == found[name]["size"]
            assert content in [file.content for file in stored.values()]
            assert hashlib.sha256(content).hexdigest() == found[name]["sha256"]
            assert world.snapshot.file(found[name]["sha256"]).stat().st_mode & 0o077 == 0


@pytest.mark.fault(
    "an attachment that is missing, shorter or longer than announced",
    does=(
        "asked for four times; then its article says that it could not be read, and plan, "
        "report and verify count it"
    ),
    side="Kayako",
)
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("missing", "answered 404"),
        ("wrong_size", "were announced (4 attempts)"),
        ("truncated", "broke off (4 attempts)"),
    ],
)
def test_a_file_that_cannot_be_had_is_recorded_with_its_reason(
    tmp_path: Path, damage: Any, words: str
) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        path = next(
            path for path, file in world.fake.helpdesk.files.items() if file.name == "big.bin"
        )
        world.fake.damages[path] = damage
        report = world.bodies(case_ids=[CASE])
        found = attachments(world)
        assert found["big.bin"]["sha256"] is None
        assert words in found["big.bin"]["error"]
        assert found["data.json"]["sha256"]
        assert report.files_missing == 1
        assert report.failed == 0
        assert list((tmp_path / "files").glob(".part-*")) == []


@pytest.mark.fault(
    "a transfer that breaks off",
    does="asked for again; no half file is ever kept",
    side="Kayako",
)
def test_a_broken_transfer_is_tried_again(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        path = next(
            path for path, file in world.fake.helpdesk.files.items() if file.name == "big.bin"
        )
        world.fake.damages[path] = "truncated"

        def repair(seen: Any) -> None:
            if path in seen.path and len(world.asked(path)) > 1:
                world.fake.damages.clear()

        world.fake.on_request = repair
        world.bodies(case_ids=[CASE])
        assert attachments(world)["big.bin"]["sha256"]


def test_redirects_are_followed_without_the_session(tmp_path: Path) -> None:
    with with_foreign_host(tmp_path, redirect_downloads=True) as world:
        world.headers()
        world.bodies(case_ids=[CASE])
        assert all(item["sha256"] for item in attachments(world).values())
        assert world.fake.foreign_requests
        for seen in world.fake.foreign_requests:
            assert "x-session-id" not in seen.headers
            assert "authorization" not in seen.headers


def test_an_inline_image_of_another_host_is_asked_for_at_home_first(tmp_path: Path) -> None:
    with with_foreign_host(tmp_path) as world:
        world.kayako.check()
        address = f"{world.fake.foreign_media_host}/media/url/hard-foreign"
        assert download(world, address, image=True).sha256
        assert not world.fake.foreign_requests


def test_an_inline_image_that_only_the_other_host_has_is_fetched_there(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world, serve(hard_media()) as other:
        listed(world, other.url)
        stored = download(world, f"{other.url}/media/url/only-there", image=True)
        assert stored.error is None
        assert world.snapshot.file(str(stored.sha256)).read_bytes() == b"picture"


def hard_media() -> Any:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"image/png"), (b"content-length", b"7")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"picture"})

    return app


def test_hosts_that_are_not_listed_are_not_asked(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world, serve(hard_media()) as other:
        stored = download(world, f"{other.url}/media/url/only-there", image=True)
        assert stored.sha256 is None
        host = other.url.partition("//")[2]
        assert f"{host} is none of the hosts that kayako.file_hosts lists" in str(stored.error)


def test_attachments_redirected_to_a_host_that_is_not_listed_are_missing_with_its_name(
    tmp_path: Path,
) -> None:
    with with_foreign_host(tmp_path, redirect_downloads=True) as world:
        world.kayako.file_hosts = frozenset()
        world.headers()
        world.bodies(case_ids=[CASE])
        assert not world.fake.foreign_requests
        (words,) = {item["error"] for item in attachments(world).values()}
        assert "is none of the hosts that kayako.file_hosts lists" in words


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "fe80::1", "::ffff:127.0.0.1"])
def test_a_listed_name_that_leads_into_our_own_network_is_never_asked(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pulling(hard_cases(), tmp_path, file_hosts=("files.example",)) as world:
        world.kayako.check()
        resolve(monkeypatch, "files.example", [address])
        stored = download(world, "https://files.example/media/url/x", image=True)
        assert stored.error == "files.example is not a public address"


def test_a_name_that_is_rebound_after_it_was_checked_is_not_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pulling(hard_cases(), tmp_path, file_hosts=("files.example",)) as world:
        world.kayako.check()
        resolve(monkeypatch, "files.example", ["93.184.216.34"], ["127.0.0.1"])
        stored = download(world, "https://files.example/media/url/x", image=True)
        assert stored.error == "files.example: this address cannot be used."


def resolve(monkeypatch: pytest.MonkeyPatch, name: str, *answers: list[str]) -> None:
    """Let a name lead to some addresses, and to others when it is asked for again."""
    real, left = socket.getaddrinfo, list(answers)

    def asked(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if host != name:
            return real(host, port, *arguments, **options)
        found = left.pop(0) if len(left) > 1 else left[0]
        kinds = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in found]
        return [
            (kind, socket.SOCK_STREAM, 6, "", (each, port or 0))
            for kind, each in zip(kinds, found, strict=True)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", asked)


def test_files_of_another_host_are_never_read_unencrypted(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path, file_hosts=("files.example",)) as world:
        stored = download(world, "http://files.example/media/url/x", image=True)
        assert stored.error == "files.example would send it unencrypted"


def test_a_file_is_not_read_beyond_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES", 1000)
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        world.bodies(case_ids=[CASE])
        found = attachments(world)
        assert found["big.bin"]["error"] == "it is larger than 1,000 bytes"
        assert found["data.json"]["sha256"]
        assert list((tmp_path / "files").glob(".part-*")) == []


def test_a_file_that_is_longer_than_announced_is_not_taken(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        path = next(
            path for path, file in world.fake.helpdesk.files.items() if file.name == "big.bin"
        )
        stored = download(world, f"/api/v1/{path}/download", size=10)
        assert "more bytes came than the 10 that were announced" in str(stored.error)


def test_other_schemes_are_never_followed(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path, file_hosts=("example.org",)) as world:
        stored = download(world, "ftp://example.org/media/url/none", image=True)
        assert "neither http nor https" in str(stored.error)


@pytest.mark.fault(
    "a page in place of a picture",
    does="it is no picture: the text says that it could not be read",
    side="Kayako",
)
def test_a_page_in_place_of_a_picture_is_no_picture(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        path = next(
            path for path, file in world.fake.helpdesk.files.items() if file.name == "page.html"
        )
        stored = download(world, f"/api/v1/{path}/download", image=True)
        assert "text/html where an image was expected" in str(stored.error)
