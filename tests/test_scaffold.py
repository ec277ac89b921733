from __future__ import annotations

from pathlib import Path

from runner import scaffold

SECRETS: dict[str, str | None] = {}


def written(folder: Path) -> set[str]:
    made = scaffold.write(
        folder,
        kayako_url="https://acme.kayako.com",
        zammad_url="https://zammad.example.org",
        secrets=SECRETS,
    )
    return {path.relative_to(folder).as_posix() for path, is_new in made if is_new}


def test_a_mapping_that_is_missing_is_written_and_an_edited_one_stays(tmp_path: Path) -> None:
    assert "mappings" in written(tmp_path)
    missing = tmp_path / "mappings" / "custom_fields.yaml"
    missing.unlink()
    edited = tmp_path / "mappings" / "tickets.yaml"
    edited.write_text("mine\n")
    assert written(tmp_path) == {"mappings/custom_fields.yaml"}
    assert missing.exists()
    assert edited.read_text() == "mine\n"
    assert written(tmp_path) == set()
