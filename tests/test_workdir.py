"""Which files of a workdir are ours, and that no other is ever touched."""

from __future__ import annotations

import re
from pathlib import Path

from runner import workdir

SHA = "ab" * 32
PAGE = Path(__file__).parents[1] / "docs" / "data-protection.md"


def put(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_workdir_with_nothing_but_our_files_goes_as_a_whole(tmp_path: Path) -> None:
    place = tmp_path / "work"
    put(
        place,
        *("snapshot/snapshot.sqlite3", "snapshot/snapshot.sqlite3-wal"),
        *(f"snapshot/files/ab/{SHA}", "snapshot/files/.part-x1"),
        *("ledgers/zammad.example.org.json", "ledgers/zammad.example.org.json.journal"),
        *("ledgers/zammad.example.org.json.new", "plans/p.json", "reports/r.html"),
        *("console-script/migrate-console.rb", "console-script/migrate-console.jsonl.gz"),
        "logs/error-20261205-080000-1.log",
    )
    found = workdir.inventory(place)
    assert (len(found.files), found.strangers, found.size) == (12, [], 12)
    workdir.remove(place, found)
    assert left(place) == []
    assert workdir.remove_folder(place)


def test_files_of_others_and_their_folders_stay_and_are_told(tmp_path: Path) -> None:
    strangers = [
        *("notes.txt", "snapshot/files/ab/readme", "snapshot/snapshot.sqlite3.bak"),
        *(f"snapshot/files/zz/{SHA}", "ledgers/old/zammad.json", "logs/mine.log"),
    ]
    put(tmp_path, *strangers, "snapshot/snapshot.sqlite3", f"snapshot/files/ab/{SHA}")
    found = workdir.inventory(tmp_path)
    workdir.remove(tmp_path, found)
    assert [name for name in left(tmp_path) if (tmp_path / name).is_file()] == sorted(strangers)
    assert found.strangers == [
        *("ledgers/old", "logs/mine.log", "notes.txt", "snapshot/files/ab/readme"),
        *("snapshot/files/zz", "snapshot/snapshot.sqlite3.bak"),
    ]
    assert not workdir.remove_folder(tmp_path)


def test_no_symbolic_link_is_followed_or_removed(tmp_path: Path) -> None:
    outside, place = tmp_path / "outside", tmp_path / "work"
    put(outside, "snapshot.sqlite3", f"files/ab/{SHA}", "z.json")
    place.mkdir()
    (place / "snapshot").symlink_to(outside)
    (place / "ledgers").mkdir()
    (place / "ledgers" / "z.json").symlink_to(outside / "z.json")
    found = workdir.inventory(place)
    workdir.remove(place, found)
    assert found.strangers == ["ledgers/z.json", "snapshot"]
    assert len([path for path in outside.rglob("*") if path.is_file()]) == 3
    assert (place / "snapshot").is_symlink()


def test_a_workdir_that_was_never_made_is_empty(tmp_path: Path) -> None:
    assert workdir.inventory(tmp_path / "none") == workdir.Inventory()


def test_the_page_on_data_protection_names_every_file_and_no_other() -> None:
    table = re.findall(r"^\| `([^`]+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert [name for name, _ in table] == [own.shown for own in workdir.OURS]
    assert all(words.strip() for _, words in table)
