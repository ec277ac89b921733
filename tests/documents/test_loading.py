"""YAML as people write it: what stays as written, what is refused, and where."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner.documents import load
from runner.documents.loading import MAXIMUM_DEPTH
from runner.documents.reading import MAXIMUM_BYTES
from runner.errors import InvalidFiles, Problem

FILE = Path("file.yaml")


def problems(text: str) -> list[Problem]:
    with pytest.raises(InvalidFiles) as caught:
        load(FILE, text=text)
    return caught.value.problems


TEXT = (
    *("no", "on", "yes", "off", "y", "012", "0o17", "0x1f", "12:30", "12:30:45", "1_000", "1e3"),
    *("2021-08-27", "2021-08-27T10:49:56Z", "+", "--", ".5", "1.", ".inf", ".nan", "9" * 40),
)
NOT_TEXT: tuple[tuple[str, object], ...] = (
    *(("true", True), ("false", False), ("7", 7), ("-7", -7), ("0", 0), ("1.5", 1.5)),
    *(("~", None), ("null", None), ("", None), ("'7'", "7"), ('"true"', "true"), ("'~'", "~")),
)


@pytest.mark.parametrize("written", TEXT)
def test_what_looks_like_text_stays_text(written: str) -> None:
    assert load(FILE, text=f"key: {written}").data == {"key": written}


@pytest.mark.parametrize(("written", "value"), NOT_TEXT)
def test_only_true_false_null_and_decimal_numbers_are_not_text(written: str, value: object) -> None:
    assert load(FILE, text=f"key: {written}").data == {"key": value}


def test_keys_become_text_as_they_were_written() -> None:
    assert load(FILE, text="404: a\ntrue: b\n012: c\nno: d").data == {
        "404": "a",
        "true": "b",
        "012": "c",
        "no": "d",
    }


def test_positions_count_from_one_and_know_keys_and_values() -> None:
    document = load(FILE, text="a:\n  b: 1\n  c:\n    - x\n    - y: z\n")
    assert document.position(("a", "b")) == (2, 6)
    assert document.position(("a", "b"), key=True) == (2, 3)
    assert document.position(("a", "c", 1, "y")) == (5, 10)
    assert document.position(()) == (1, 1)


def test_a_path_that_is_not_there_gives_the_nearest_position() -> None:
    document = load(FILE, text="a:\n  b: 1\n")
    assert document.position(("a", "x", "y")) == (2, 3)


def test_duplicate_keys_name_both_lines() -> None:
    found = problems("a: 1\nb: 2\na: 3\n")
    assert [(problem.line, problem.column) for problem in found] == [(3, 1)]
    assert "first in line 1" in found[0].message


def test_all_mistakes_that_are_not_syntax_are_reported_at_once() -> None:
    found = problems("a: 1\na: 2\nb: !new x\nc: *nowhere\n<<: {x: 1}\n")
    assert [problem.line for problem in found] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: !!python/object:os.system x", 1, "tag"),
        ("a: 1\nb: !x y", 2, "tag"),
        ("<<: {a: 1}", 1, "merge"),
        ("a: &x [*x]", 1, "inside its own anchor"),
        ("a: *x", 1, "alias"),
        (": x", 1, "line does not fit|key before the colon"),
        ("? [a]\n: b", 1, "key is needed"),
        ("a: {{ name }}", 1, "not in quotes"),
        ("a:\n\tb: 1", 2, "tab"),
        ("a: 'x\nb: 2\n", 1, "never closed"),
        ("a: b: c", 1, "colon"),
        ("a: 1\nbcd\nc: 2\n", 2, "colon is missing"),
        ("a: 1\nb c\n", 2, "colon is missing"),
        ("a: [1, 2\nb: 3", 2, "bracket"),
        ("a: @x", 1, "character cannot stand here"),
        ("- a\nb: 1", 2, "list"),
        ("---\na: 1\n---\nb: 2", 3, "second YAML document"),
        ("a: \x07", 1, "control character"),
        ("", 0, "empty"),
        ("# only a comment\n", 0, "empty"),
    ],
)
def test_what_cannot_be_read_is_explained_with_its_line(text: str, line: int, words: str) -> None:
    found = problems(text)
    assert found[0].line == line
    assert any(word in found[0].message for word in words.split("|"))
    assert found[0].advice


def test_aliases_within_reason_are_unfolded() -> None:
    document = load(FILE, text="a: &x\n  b: 1\nc: *x\n")
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}}


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    started = time.monotonic()
    found = problems("\n".join(lines))
    assert "aliases" in found[0].message
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_limited(opening: str) -> None:
    assert f"{MAXIMUM_DEPTH} levels" in problems(opening * 20_000)[0].message


def test_a_missing_file_a_folder_and_a_large_file_are_explained(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MAXIMUM_BYTES + 1))
    for path, words in (
        (tmp_path / "absent.yaml", "does not exist"),
        (tmp_path, "folder"),
        (large, "larger than 1 MB"),
    ):
        with pytest.raises(InvalidFiles) as caught:
            load(path)
        assert words in caught.value.problems[0].message


def test_text_that_is_not_utf8_is_pointed_at(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(InvalidFiles) as caught:
        load(path)
    problem = caught.value.problems[0]
    assert (problem.line, problem.column) == (2, 7)
    assert "UTF-8" in problem.message


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load(path).data == {"a": 1}


def test_files_are_shown_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    path = tmp_path / "sub" / "x.yaml"
    path.write_text("a: 1")
    monkeypatch.chdir(tmp_path)
    assert load(path).file == str(Path("sub") / "x.yaml")


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.text("abcdefgh", min_size=1), inside, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abcdefgh", min_size=1), plain, min_size=1))
def test_what_a_yaml_writer_writes_is_read_back(data: dict[str, object]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, default_style='"')
    plain_text = yaml.safe_dump(data, allow_unicode=True)
    for written in (text, plain_text):
        if "!!" not in written and "\ufffe" not in written and "\uffff" not in written:
            assert load(FILE, text=written).data == data


def refused(text: str) -> list[Problem] | None:
    try:
        load(FILE, text=text)
    except InvalidFiles as error:
        return error.problems
    return None


@given(st.text())
def test_any_text_is_read_or_refused_with_problems(text: str) -> None:
    assert refused(text) != []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!mine a: b\n", "the tag !mine is not known here"),
        ("<<: b\n", "merge keys"),
    ],
)
def test_a_key_that_is_none_is_explained(text: str, words: str) -> None:
    assert any(words in problem.message for problem in problems(text))


def test_a_key_with_an_anchor_can_be_used_again() -> None:
    document = load(Path("x.yaml"), text="&name a: b\nc: *name\n")
    assert document.data == {"a": "b", "c": "a"}
    assert document.position(("a", "no"), key=True) == document.position(("a",))
