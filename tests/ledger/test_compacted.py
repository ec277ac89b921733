from __future__ import annotations

import errno
import json
import os
from stat import S_ISDIR
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import TinyDB

from runner.errors import StoreUnreadable
from runner.ledger import compacted
from runner.ledger.compacted import read_compacted, write_compacted
from runner.ledger.files import aside
from runner.ledger.journal import Header

if TYPE_CHECKING:
    from pathlib import Path

HEADER = Header(ledger="abc", generation=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
IDS = st.integers(1, 999).map(str)
TABLES = st.dictionaries(
    st.text().filter(lambda name: name != "_meta"),
    st.dictionaries(IDS, st.dictionaries(st.text(), VALUES, max_size=3), max_size=5),
    max_size=3,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compacted") / "ledger.json"


@given(tables=TABLES, block=st.integers(1, 4))
@settings(deadline=None)
def test_tables_come_back_in_their_order(path: Path, tables: Any, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compacted, "_BLOCK", block)
        patch.setattr(compacted, "_as_a_whole", lambda *_: pytest.fail("read as a whole"))
        write_compacted(path, HEADER, tables)
        header, found = read_compacted(path)
    assert header == HEADER
    assert json.dumps(found) == json.dumps(tables)


@given(tables=TABLES)
@settings(deadline=None)
def test_plain_json_reads_the_same(path: Path, tables: Any) -> None:
    write_compacted(path, HEADER, tables)
    with path.open() as file:
        whole = json.load(file)
    assert whole.pop("_meta")["1"]["generation"] == 3
    assert whole == tables


@pytest.mark.parametrize("indent", [None, 0, 2])
def test_any_other_layout_is_read_too(path: Path, indent: int | None) -> None:
    tables = {"tickets": {"1": {"a": "ü", "children": {"posts": {"3": [4, "d"]}}}, "2": {}}}
    write_compacted(path, HEADER, tables)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=indent))
    assert read_compacted(path) == (HEADER, tables)


def test_a_file_that_tinydb_rewrote_is_read(path: Path) -> None:
    write_compacted(path, HEADER, {"tickets": {"1": {"a": 1}}})
    with TinyDB(path) as database:
        database.table("tickets").insert({"a": 2})
    assert read_compacted(path)[1] == {"tickets": {"1": {"a": 1}, "2": {"a": 2}}}


def test_a_file_cut_short_anywhere_is_refused_with_an_offset(path: Path) -> None:
    write_compacted(path, HEADER, {"tickets": {"1": {"a": 1}, "2": {}}, "users": {}})
    whole = path.read_bytes()
    for end in range(len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(StoreUnreadable, match=r"damaged at byte \d+") as caught:
            read_compacted(path)
        assert "backup" in caught.value.advice


@pytest.mark.parametrize("before", ['"_meta":{', '"1":{', '"1":{"a"', '"1":{"b"'])
def test_a_comma_too_many_is_damage(path: Path, before: str) -> None:
    write_compacted(path, HEADER, {"tickets": {"1": {"a": 1}}, "users": {"1": {"b": 1}}})
    whole = path.read_text()
    at = whole.index(before)
    path.write_text(f"{whole[:at]},{whole[at:]}")
    with pytest.raises(StoreUnreadable, match="damaged at byte"):
        read_compacted(path)


def test_a_table_without_a_name_is_damage(path: Path) -> None:
    write_compacted(path, HEADER, {"tickets": {"1": {"a": 1}}})
    path.write_text(path.read_text().replace('"tickets":', "17:"))
    with pytest.raises(StoreUnreadable, match="damaged at byte"):
        read_compacted(path)


def test_bytes_that_are_no_text_are_refused(path: Path) -> None:
    path.write_bytes(b'{"tickets": "\xff"}')
    with pytest.raises(StoreUnreadable, match="damaged at byte 13"):
        read_compacted(path)


@pytest.mark.parametrize("content", ["[]", "1", "{}", '{"_default": {"1": {}}}', '{"a": 1}'])
def test_other_json_is_no_ledger(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(StoreUnreadable, match="not a ledger"):
        read_compacted(path)


@pytest.mark.parametrize("content", ["5", "[1]", '{"1":5}', '{"1":{},"x":{}}', '{"1":{},"2":[]}'])
@pytest.mark.parametrize("lines", [True, False])
def test_a_table_that_somebody_brought_out_of_shape_is_named(
    path: Path, content: str, *, lines: bool
) -> None:
    write_compacted(path, HEADER, {"users": {}, "tickets": {"1": {}}})
    text = path.read_text().replace('{\n"1":{}\n}\n', f"{content}\n")
    if lines:
        text = path.read_text().replace('"1":{}', content.removeprefix("{").removesuffix("}"))
    path.write_text(text)
    words = "damaged" if lines else "damaged: tickets is no table"
    with pytest.raises(StoreUnreadable, match=words) as caught:
        read_compacted(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "migrate doctor" in caught.value.advice


@pytest.mark.parametrize("meta", ["5", "[]", "{}", '{"1":5}', '{"1":{"generation":"x"}}'])
def test_a_file_without_a_header_of_ours_is_no_ledger(path: Path, meta: str) -> None:
    head = json.dumps({"ledger": "abc", "generation": 3, "format": 1})
    path.write_text('{"_meta":' + meta.replace('{"generation"', head[:-1] + ',"generation"') + "}")
    with pytest.raises(StoreUnreadable) as caught:
        read_compacted(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert caught.value.advice


def test_a_failed_write_leaves_the_old_file(path: Path) -> None:
    write_compacted(path, HEADER, {"tickets": {"1": {}}})
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_compacted(path, HEADER, {"tickets": {"1": {"x": object()}}})
    assert path.read_bytes() == before
    assert not aside(path).exists()


def test_is_readable_by_its_owner_alone(path: Path) -> None:
    write_compacted(path, HEADER, {})
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.fault(
    "the disk is full while the ledger is compacted",
    does="the old file stays as it was",
)
def test_a_full_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_compacted(path, HEADER, {"tickets": {"1": {}}})
    before = path.read_bytes()

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("runner.ledger.files.os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write_compacted(path, HEADER, {})
    assert path.read_bytes() == before
    assert not aside(path).exists()


def test_the_file_is_synced_before_it_is_renamed_and_the_folder_after(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    replace = type(path).replace

    def sync(descriptor: int) -> None:
        calls.append("sync folder" if S_ISDIR(os.fstat(descriptor).st_mode) else "sync file")

    def rename(source: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(type(path), "replace", rename)
    write_compacted(path, HEADER, {})
    assert calls == ["sync file", "rename", "sync folder"]


def test_all_lines_below_the_header_have_one_checksum(path: Path) -> None:
    write_compacted(path, HEADER, {"tickets": {"1": {"a": "\u00fc"}, "2": {}}, "users": {}})
    head, body = path.read_bytes().split(b"}\n}\n", 1)
    assert f'"check":"{crc32(body):08x}"' in head.decode()


def test_a_number_that_a_disk_or_somebody_changed_is_refused(path: Path) -> None:
    write_compacted(path, HEADER, {"tickets": {"1": {"target_id": 4711}}, "users": {"1": {}}})
    path.write_bytes(path.read_bytes().replace(b"4711", b"4712"))
    with pytest.raises(StoreUnreadable, match="the checksum does not agree") as caught:
        read_compacted(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert f"with {path.name}.journal" in caught.value.advice
    assert "migrate doctor --repair takes it as it is" in caught.value.advice


def test_a_ledger_may_be_called_like_a_checksum(path: Path) -> None:
    write_compacted(path, Header("00000000", 1), {"tickets": {"1": {}}})
    assert read_compacted(path) == (Header("00000000", 1), {"tickets": {"1": {}}})


def test_a_file_of_before_there_were_checksums_is_read(path: Path) -> None:
    tables = {"tickets": {"1": {"a": 1}}}
    write_compacted(path, HEADER, tables)
    text = path.read_text()
    at = text.index('"check"')
    path.write_text(text[:at] + text[text.index('"ledger"') :])
    assert read_compacted(path) == (HEADER, tables)
