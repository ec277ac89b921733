"""Mistakes in mapping files: all at once, each with file, line and column."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runner.errors import InvalidFiles
from runner.mapping import load_mappings
from tests.mapping.support import ROOT

Edit = tuple[str, str, str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mappings"


def edit(folder: Path, *edits: Edit) -> None:
    for name, old, new in edits:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(InvalidFiles) as caught:
        load_mappings(folder)
    return [str(problem) for problem in caught.value.problems]


def line_of(folder: Path, name: str, text: str) -> int:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_mapping_with_five_mistakes_reports_five(folder: Path) -> None:
    edit(
        folder,
        ("tickets.yaml", "    from: subject\n", "    fron: subject\n"),
        ("tickets.yaml", "  number:\n    from: id", "  number: id"),
        ("tickets.yaml", "vocabulary: priorities", "vocabulary: prioritys"),
        ("tickets.yaml", "  owner:\n", "  ower:\n"),
        ("tickets.yaml", "zammad.state:\n        - closed", "zammad.stat:\n        - closed"),
    )
    found = mistakes(folder)
    assert len(found) == 5
    file = str(Path("mappings") / "tickets.yaml")
    for message, text, column, words in zip(
        found,
        ("number: id", "fron:", "ower:", "prioritys", "zammad.stat:"),
        (11, 5, 3, 17, 7),
        ("write from: …", "did you mean from?", "owner?", "priorities?", "state?"),
        strict=True,
    ):
        assert message.startswith(f"{file}:{line_of(folder, 'tickets.yaml', text)}:{column}: ")
        assert words in message


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("tickets.yaml", "    from: subject\n", "    from: subjekt\n", "has no field subjekt"),
        ("tickets.yaml", "    from: status\n", "    from: status.typ\n", "did you mean type?"),
        ("tickets.yaml", "person: requester", "person: requester.nme", "did you mean name?"),
        ("users.yaml", "      role.type:", "      teams.titel:", "did you mean title?"),
        ("tickets.yaml", "  state:\n    TRASH", "  stat:\n    TRASH", "has no field stat"),
        ("tickets.yaml", "  brand: ", "  brnd: ", "did you mean brand?"),
        ("tickets.yaml", "not_before: go_live", "not_before: goliv", "has no field goliv"),
        ("tickets.yaml", "    from: subject\n", "    from: parent.x\n", "there is no parent"),
        ("articles.yaml", "- parent.subject", "- parent.subjct", "Kayako's case has no field"),
        ("users.yaml", "{{ email | lower }}", "{{ emial | lower }}", "did you mean email?"),
        ("users.yaml", "- OWNER\n", "- OWNER\n    always: x\n", "a rule has one source"),
        ("users.yaml", "    always: true", "    cut_at: 3", "verified has none"),
        ("users.yaml", "| lower }}", "| lowr }}", "did you mean lower?"),
        ("users.yaml", "    team: teams", "    person: teams", "person does not fit groups"),
        ("users.yaml", "    if_empty: Customer", "    if_empty: nobody", "stands for a person"),
        ("users.yaml", "as: email", "as: mail", "did you mean email?"),
        ("users.yaml", "    vocabulary: roles", "    vocabulary: states", "on tickets only"),
        ("users.yaml", "from: first_name", "from: first_name\n    if_unknown: skip", "needs"),
        ("groups.yaml", "kayako: teams", "kayako: users", "kayako of groups must be teams"),
        ("groups.yaml", "  name:\n    from: title\n    vocabulary: teams\n", "", "name is missing"),
        ("groups.yaml", "entity: groups", "entity: organizations", "is named groups.yaml"),
        ("groups.yaml", "    from: title", "    team: title", "does not fit name"),
        ("articles.yaml", "      original.body_html: html", "      x: html", "not among"),
        ("articles.yaml", "person: creator", "person: creator\n    vocabulary: x", "own table"),
        ("vocabularies/states.yaml", "becomes: open", "become: open", "did you mean becomes?"),
        ("vocabularies/states.yaml", "as: tag", "as: tags", "did you mean tag?"),
        ("vocabularies/states.yaml", "NEW: new", "NEW:\n    new: New", "like of NEW is missing"),
        ("vocabularies/states.yaml", "label: label\n", "", "label: does not say"),
        ("vocabularies/states.yaml", "vocabulary: states", "vocabulary: state", "is named"),
        ("vocabularies/teams.yaml", "key: title", "key: title\nkey: id", "stands here again"),
    ],
)
def test_each_mistake_is_found(folder: Path, name: str, old: str, new: str, words: str) -> None:
    edit(folder, (name, old, new))
    found = mistakes(folder)
    assert any(words in message for message in found), found
    assert any(message.startswith(str(Path("mappings") / name)) for message in found)


def test_a_mistake_in_a_block_template_is_pointed_at_line_by_line(folder: Path) -> None:
    edit(folder, ("users.yaml", "{% if twitter %}Twitter", "{% for x in y %}Twitter"))
    line = line_of(folder, "users.yaml", "{% for")
    file = Path("mappings") / "users.yaml"
    assert mistakes(folder)[0].startswith(f"{file}:{line}:1: the template is refused: for")


def test_a_condition_must_stand_below_the_zammad_field_that_it_reads(folder: Path) -> None:
    above = "  note:\n    always: x\n    only_if:\n      zammad.state: new\n  number:\n"
    edit(folder, ("tickets.yaml", "  number:\n", above))
    assert "is not filled above" in mistakes(folder)[0]


def test_when_needs_because(folder: Path) -> None:
    edit(folder, ("tickets.yaml", "skip:\n", "skip:\n  when: archived\n"))
    assert "go together" in mistakes(folder)[0]


def test_missing_files_are_named_all(folder: Path) -> None:
    (folder / "groups.yaml").unlink()
    (folder / "users.yaml").unlink()
    found = mistakes(folder)
    assert [Path(message.split(":")[0]).name for message in found] == ["groups.yaml", "users.yaml"]


def test_a_missing_vocabulary_is_missed_where_it_is_used(folder: Path) -> None:
    (folder / "vocabularies" / "states.yaml").unlink()
    assert "the file vocabularies/states.yaml is missing" in mistakes(folder)[0]


def test_a_missing_folder_is_one_problem(tmp_path: Path) -> None:
    assert "does not exist" in mistakes(tmp_path / "nowhere")[0]


def test_a_file_that_is_no_yaml_does_not_hide_other_mistakes(folder: Path) -> None:
    edit(folder, ("groups.yaml", "entity: groups", "entity: groups: x"))
    edit(folder, ("tickets.yaml", "    from: subject\n", "    from: subjekt\n"))
    assert len(mistakes(folder)) == 2


def test_what_matters_decides_the_digest(folder: Path) -> None:
    before = load_mappings(folder)
    edit(folder, ("tickets.yaml", "entity: tickets", "# a remark\nentity:   tickets"))
    edit(folder, ("vocabularies/roles.yaml", "  AGENT: Agent", "  AGENT: Customer"))
    after = load_mappings(folder)
    assert before.digest("tickets") == after.digest("tickets")
    assert before.digest("users") != after.digest("users")
    edit(folder, ("vocabularies/teams.yaml", "kayako_to_zammad:", "kayako_to_zammad:\n  A: B"))
    assert load_mappings(folder).digest("tickets") != before.digest("tickets")


def test_entities_come_in_the_order_in_which_they_run(folder: Path) -> None:
    names = ["groups", "organizations", "users", "calendars", "macros", "text_modules"]
    names += ["tickets", "articles", "time_entries"]
    names += ["kb_categories", "kb_sections", "kb_answers", "kb_texts"]
    assert list(load_mappings(folder).entities) == names


@pytest.mark.parametrize(
    ("file", "entry", "words"),
    [
        ("teams", "Sales: nothing", "a team becomes one group"),
        ("teams", "Sales: [Support, General]", "a team becomes one group"),
        ("people", "old@acme.example: nobodyy", "one person, by email address, or to nobody"),
        ("people", "old@acme.example: [a@x.example, b@x.example]", "one person"),
    ],
)
def test_what_names_no_group_or_person_is_a_mistake(
    folder: Path, file: str, entry: str, words: str
) -> None:
    name = f"vocabularies/{file}.yaml"
    edit(folder, (name, "kayako_to_zammad:\n", f"kayako_to_zammad:\n  {entry}\n"))
    (message,) = mistakes(folder)
    assert words in message
    line = line_of(folder, name, entry)
    assert f"{file}.yaml:{line}:" in message


def test_unchanged_files_are_read_once_and_every_edit_is_seen(folder: Path) -> None:
    first = load_mappings(folder)
    assert load_mappings(folder) is first
    vocabulary = folder / "vocabularies" / "states.yaml"
    text = vocabulary.read_text()
    vocabulary.write_text(text.replace("becomes: open", "becomes: new"))
    edited = load_mappings(folder)
    assert edited.digest("tickets") != first.digest("tickets")
    vocabulary.write_text(text)
    assert load_mappings(folder).digest("tickets") == first.digest("tickets")
    (folder / "tickets.yaml").unlink()
    assert "this mapping is missing" in mistakes(folder)[0]


def test_a_link_out_of_the_folder_is_refused_even_if_its_words_were_read_before(
    folder: Path, tmp_path: Path
) -> None:
    load_mappings(folder)
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    (folder / "tickets.yaml").rename(outside)
    (folder / "tickets.yaml").symlink_to(outside)
    assert "a link that leads out of the folder" in " ".join(mistakes(folder))
