"""The fake against recorded answers of a real Kayako: the same answers, the same shapes."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner.sandbox.data import Helpdesk, generate, recorded
from tests.sandbox.kayako.support import Client, client

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDINGS = Path(__file__).parents[3] / "../shared/recordings/kayako/recordings.json"
FAVICON = "2389c445fbce64fb4d5de548689d3e000700e8da1d35df2a912621ab07b46d9e"

pytestmark = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="the recordings of a real Kayako do not lie beside the checkout"
)

Kinds = dict[str, dict[str, set[str]]]


def entries() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(RECORDINGS.read_text(encoding="utf-8"))
    return [entry for entry in loaded if "body" in entry["response"]]


@pytest.fixture(scope="module")
def real() -> Iterator[Client]:
    with client(recorded(RECORDINGS)) as served:
        yield served


@pytest.fixture(scope="module")
def sample() -> Helpdesk:
    return generate(20, with_hard_cases=True)


@pytest.fixture(scope="module")
def fake(sample: Helpdesk) -> Iterator[Client]:
    with client(sample) as served:
        yield served


def shapes(value: Any, found: Kinds) -> None:
    """Collect for each full record which kind of JSON value each of its keys had."""
    if isinstance(value, list):
        for item in value:
            shapes(item, found)
    if not isinstance(value, dict):
        return
    kind = value.get("resource_type")
    if kind and len(value) > 2:
        for key, item in value.items():
            found[kind][key].add(_kind_of(item))
    for item in value.values():
        shapes(item, found)


def _without_traces(value: Any) -> Any:
    """Leave out what the recording account's own requests changed from answer to answer."""
    if isinstance(value, list):
        return [_without_traces(item) for item in value]
    if isinstance(value, dict):
        traces = {"last_activity_at", "last_logged_in_at"}
        return {key: _without_traces(one) for key, one in value.items() if key not in traces}
    return value


def _kind_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", str: "string", dict: "object", list: "array"}
    return "null" if value is None else names[type(value)]


@pytest.mark.parametrize("number", range(14))
def test_the_recorded_helpdesk_gives_the_recorded_answer_again(real: Client, number: int) -> None:
    entry = entries()[number]
    request, response = entry["request"], entry["response"]
    path = request["path"].removeprefix("/api/v1/")
    answer = real.ask(path, **request["query"])
    own = json.loads(json.dumps(response["body"]).replace("https://acme.kayako.com", real.url))
    own.pop("session_id", None)
    if path == "settings":
        own["data"].sort(key=lambda setting: setting["id"])
    assert _without_traces(answer.json()) == _without_traces(own)
    assert answer.headers["Content-Type"] == response["headers"]["Content-Type"]
    missing = [name for name in response["headers"] if name not in answer.headers]
    assert set(missing) <= {"X-Csrf-Token"}, "only the answer to the login has that one"


def test_the_recorded_attachment_has_its_recorded_bytes(real: Client) -> None:
    answer = real.ask("cases/3/notes/3/attachments/1/download")
    assert hashlib.sha256(answer.content).hexdigest() == FAVICON
    assert answer.headers["Content-Type"] == "image/x-icon"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="favicon.ico"'
    assert "X-Api-Version" not in answer.headers


def test_what_was_not_recorded_is_there_or_empty(real: Client) -> None:
    assert real.data("me", include="role")["role"]["type"] in {"OWNER", "ADMIN"}
    labels = [status["label"] for status in real.data("cases/statuses")]
    assert labels == ["New", "Open", "Pending", "Closed"]
    assert [one["label"] for one in real.data("cases/priorities")] == ["Low", "High"]
    assert {one["type"] for one in real.data("cases/types")} == {"QUESTION", "INCIDENT"}
    assert {role["type"] for role in real.data("roles")} == {"OWNER", "COLLABORATOR", "CUSTOMER"}
    assert real.data("cases", archived=1) == []
    for path in ("views", "brands", "locales", "cases/forms", "cases/macros", "mails"):
        assert real.data(path) == [], path


@pytest.mark.parametrize("number", range(14))
def test_envelopes_have_the_recorded_keys(fake: Client, sample: Helpdesk, number: int) -> None:
    entry = entries()[number]
    path = entry["request"]["path"].removeprefix("/api/v1/")
    if path.startswith("cases/") and path.endswith("/posts"):
        path = f"cases/{min(sample.cases.ids())}/posts"
    answer = fake.ask(path, **entry["request"]["query"]).json()
    around = {key for key in answer if key.endswith("_url")}
    assert set(answer) - around == set(entry["response"]["body"]) - {"session_id"}
    assert answer["resource"] == entry["response"]["body"]["resource"]


def test_records_have_the_recorded_keys_and_kinds_of_values(fake: Client, sample: Helpdesk) -> None:
    real_shapes: Kinds = defaultdict(lambda: defaultdict(set))
    for entry in entries():
        shapes(entry["response"]["body"]["data"], real_shapes)
    fake_shapes: Kinds = defaultdict(lambda: defaultdict(set))
    queries = {entry["request"]["path"]: entry["request"]["query"] for entry in entries()}
    posts = queries.pop("/api/v1/cases/3/posts")
    for path, query in queries.items():
        if not path.endswith("/posts"):
            shapes(fake.data(path.removeprefix("/api/v1/"), **query), fake_shapes)
    for case in sample.cases:
        shapes(fake.data(f"cases/{case}/posts", **posts), fake_shapes)
    assert len(real_shapes) > 20
    differing = [
        f"{kind}.{key}: recorded {sorted(real_shapes[kind][key])}, fake {sorted(kinds)}"
        for kind in real_shapes
        for key, kinds in fake_shapes[kind].items()
        if key not in real_shapes[kind] or not _fits(kind, key, kinds, real_shapes[kind][key])
    ]
    missing = [
        f"{kind}.{key}"
        for kind, keys in real_shapes.items()
        for key in keys
        if key not in fake_shapes[kind]
    ]
    assert (differing, missing) == ([], [])


def _fits(kind: str, key: str, fake: set[str], real: set[str]) -> bool:
    """Null may always be there as well; a key that was only ever null may hold anything."""
    documented_integers = kind == "timetracking_log" and key in {"created_at", "updated_at"}
    known = real - {"null"}
    return not known or fake - {"null"} <= known | ({"integer"} if documented_integers else set())
