from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from PIL import Image

from runner.jsonbody import encode
from runner.zammad.articles import build


def encoded(body: Any) -> bytes:
    return b"".join([content]) if isinstance(content := encode(body), bytes) else b"".join(content)


def store(folder: Path, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / sha256).write_bytes(content)
    return sha256


def test_attachments_carry_name_type_and_bytes(tmp_path: Path) -> None:
    sha256 = store(tmp_path, b"\x00\xffhello")
    payload = {
        "body": "x",
        "attachments": [{"name": "ü.json", "type": "application/json", "sha256": sha256}],
    }
    body = build(payload, lambda name: tmp_path / name)
    assert json.loads(encoded(body))["attachments"] == [
        {
            "filename": "ü.json",
            "mime-type": "application/json",
            "data": base64.b64encode(b"\x00\xffhello").decode(),
        }
    ]


def test_a_missing_type_or_name_still_makes_an_attachment(tmp_path: Path) -> None:
    sha256 = store(tmp_path, b"")
    payload = {"attachments": [{"name": "", "type": None, "sha256": sha256}]}
    (attachment,) = build(payload, lambda name: tmp_path / name)["attachments"]
    assert attachment["filename"] == "attachment"
    assert attachment["mime-type"] == "application/octet-stream"


def test_a_file_that_could_not_be_fetched_is_left_out(tmp_path: Path) -> None:
    payload = {"attachments": [{"name": "a", "type": "b", "sha256": None}]}
    assert "attachments" not in build(payload, lambda name: tmp_path / name)


def test_inline_pictures_become_data_uris_and_other_attributes_stay(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "p.png")
    sha256 = store(tmp_path, (tmp_path / "p.png").read_bytes())
    html = f'<p>see <img alt="a" src="snapshot:{sha256}" width="4"> and snapshot:{sha256}</p>'
    body = build({"body": html}, lambda name: tmp_path / name)["body"]
    assert body.startswith('<p>see <img alt="a" src="data:image/png;base64,')
    assert body.endswith(f'" width="4"> and snapshot:{sha256}</p>')


def test_an_inline_file_that_is_no_picture_becomes_an_attachment(tmp_path: Path) -> None:
    sha256 = store(tmp_path, b"<svg/>")
    html = f"<img src='snapshot:{sha256}'>"
    built = build({"body": html}, lambda name: tmp_path / name)
    assert built["body"] == f"[image-{sha256[:12]}]"
    assert [file["filename"] for file in built["attachments"]] == [f"image-{sha256[:12]}"]
