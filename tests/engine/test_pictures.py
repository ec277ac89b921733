from __future__ import annotations

from pathlib import Path

from PIL import Image

from runner.engine.pictures import note_losses
from runner.mapping.model import Note


def notes_of(folder: Path, body: str, content_type: str = "text/html") -> list[Note]:
    notes: list[Note] = []
    payload = {"body": body, "content_type": content_type}
    note_losses("12", payload, lambda sha256: folder / sha256[0], notes)
    return notes


def test_an_article_has_one_note_for_all_of_its_pictures(tmp_path: Path) -> None:
    for name, kind in (("a", "gif"), ("b", "bmp"), ("c", "png")):
        Image.new("RGB", (3, 2)).save(tmp_path / name, kind)
    shown = "".join(f'<img src="snapshot:{letter * 64}">' for letter in "aabc")
    (note,) = notes_of(tmp_path, shown)
    assert (note.kind, note.field) == ("converted", "body")
    what = "gif becomes png (2 of them), bmp becomes png"
    assert note.text == f"post 12: pictures in the text: {what}"


def test_pictures_that_stay_and_plain_text_leave_none(tmp_path: Path) -> None:
    Image.new("RGB", (3, 2)).save(tmp_path / "c", "png")
    Image.new("RGB", (3, 2)).save(tmp_path / "a", "gif")
    assert notes_of(tmp_path, f'<img src="snapshot:{"c" * 64}">') == []
    assert notes_of(tmp_path, f"snapshot:{'a' * 64}", "text/plain") == []
