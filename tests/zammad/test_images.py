from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from runner.zammad.images import data_uri, loss


def picture(folder: Path, kind: str) -> Path:
    file = folder / f"picture.{kind}"
    image = Image.new("RGB", (3, 2), (10, 200, 30))
    image.save(file, kind)
    return file


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_png_and_jpeg_stay_byte_for_byte(tmp_path: Path, kind: str) -> None:
    file = picture(tmp_path, kind)
    uri, converted = data_uri(file) or ("", True)
    assert uri.startswith(f"data:image/{kind};base64,")
    assert base64.b64decode(uri.partition(",")[2]) == file.read_bytes()
    assert not converted


@pytest.mark.parametrize("kind", ["gif", "webp", "bmp"])
def test_other_pictures_become_png_of_the_same_size(tmp_path: Path, kind: str) -> None:
    uri, converted = data_uri(picture(tmp_path, kind)) or ("", False)
    assert converted
    assert uri.startswith("data:image/png;base64,")
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as image:
        assert image.size == (3, 2)
        assert image.convert("RGB").getpixel((1, 1)) == pytest.approx((10, 200, 30), abs=12)


def test_what_is_no_picture_is_none(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_bytes(b"GIF89a but not really")
    assert data_uri(file) is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [("png", ""), ("jpeg", ""), ("bmp", "bmp becomes png"), ("webp", "webp becomes png")],
)
def test_what_a_picture_loses_is_told(tmp_path: Path, kind: str, words: str) -> None:
    assert loss(picture(tmp_path, kind)) == words


def test_of_an_animation_the_first_picture_stays(tmp_path: Path) -> None:
    first, second = (Image.new("RGB", (3, 2), colour) for colour in ("red", "blue"))
    file = tmp_path / "two.gif"
    first.save(file, "gif", save_all=True, append_images=[second])
    assert loss(file) == "animated gif becomes png, of its first picture"


def test_what_is_no_picture_is_told_to_be_attached(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_bytes(b"GIF89a but not really")
    assert loss(file) == "a file that is no picture is attached"
