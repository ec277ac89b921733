from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.jsonbody import FileContent, JsonBody, encode


def test_without_a_file_a_body_is_the_bytes_of_its_json() -> None:
    assert encode({"a": ["ü", None]}) == b'{"a": ["\\u00fc", null]}'


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(contents=st.lists(st.binary(max_size=9), min_size=1, max_size=4), text=st.text(max_size=20))
def test_files_stand_in_their_places_as_base64(
    tmp_path: Path, contents: list[bytes], text: str
) -> None:
    files = []
    for number, content in enumerate(contents):
        file = tmp_path / str(number)
        file.write_bytes(content)
        files.append({"name": text, "data": FileContent(file)})
    body = encode({"before": text, "files": files, text: [1]})
    assert isinstance(body, JsonBody)
    sent = b"".join(body)
    assert len(body) == len(sent) == len(b"".join(body))
    found = json.loads(sent)
    assert [base64.b64decode(one["data"]) for one in found["files"]] == contents
    assert {one["name"] for one in found["files"]} == {text}


@pytest.mark.parametrize("more", [-1, 0, 1, 2])
def test_pieces_of_a_large_file_join_to_the_base64_of_the_whole(tmp_path: Path, more: int) -> None:
    content = bytes(range(256)) * 1536 + b"abc"[: more + 1]
    file = tmp_path / "file"
    file.write_bytes(content)
    pieces = list(FileContent(file).pieces())
    assert b"".join(pieces) == base64.b64encode(content)
    assert len(pieces) >= 2
    assert max(map(len, pieces)) <= 2**18


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="set is no JSON"):
        encode({"a": {1}})
    with pytest.raises(ValueError, match="JSON"):
        encode(float("nan"))


def test_a_file_that_is_missing_shows_when_the_body_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileContent(tmp_path / "none")
