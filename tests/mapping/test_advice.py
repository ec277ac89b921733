"""What is allowed and probably not meant: fields nobody decided on, tables that nobody uses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runner.mapping.advice import doubts
from runner.mapping.coverage import decisions, undecided
from runner.mapping.fields import known_values
from runner.mapping.load import load_mappings
from tests.mapping.support import ROOT, mapping


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mappings"


def told(folder: Path) -> list[str]:
    return [str(problem) for problem in doubts(load_mappings(folder), folder)]


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Change a file and return the line of the change."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_shipped_mappings_leave_no_doubt(folder: Path) -> None:
    assert told(folder) == []


def test_a_field_that_nobody_decided_on_is_named(folder: Path) -> None:
    reason = "  rating_status: "
    text = (folder / "tickets.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith(reason))
    edit(folder, "tickets.yaml", f"{line}\n", "")
    assert any("field rating_status is neither mapped nor ignored" in text for text in told(folder))


def test_a_table_that_no_rule_uses_is_named(folder: Path) -> None:
    text = (folder / "vocabularies" / "teams.yaml").read_text(encoding="utf-8")
    spare = text.replace("vocabulary: teams", "vocabulary: spare")
    (folder / "vocabularies" / "spare.yaml").write_text(spare, encoding="utf-8")
    assert any("no rule uses the vocabulary spare" in text for text in told(folder))


def test_a_value_that_kayako_never_has_is_a_misspelling(folder: Path) -> None:
    line = edit(folder, "vocabularies/states.yaml", "  PENDING:", "  PENDNG:")
    file = Path("mappings") / "vocabularies" / "states.yaml"
    assert told(folder) == [
        f"{file}:{line}:3: Kayako's status.type is never PENDNG; did you mean PENDING?"
    ]


def test_a_value_that_no_table_lists_is_named(folder: Path) -> None:
    edit(folder, "vocabularies/roles.yaml", "  COLLABORATOR: Agent\n", "")
    edit(folder, "users.yaml", "    if_unknown:\n      use: Customer\n", "")
    assert any("role.type may be COLLABORATOR, and nothing says" in text for text in told(folder))


def test_values_of_closed_lists_are_known() -> None:
    assert known_values("cases", "status.type")[0] == "NEW"
    assert "AGENT" in known_values("cases", "requester.role")
    assert known_values("cases", "subject") == known_values("cases", "custom_fields.x") == ()


def test_a_decision_says_where_a_field_goes() -> None:
    mappings = mapping(
        "title:\n  template: '{{ subject }}'\nnote:\n  from: brand.name\n"
        "  only_if:\n    is_merged: [true]\n",
        head="ignore:\n  tags: no use\nskip:\n  state:\n    TRASH: gone\n",
    )
    found = decisions(mappings.entities["tickets"])
    assert found["subject"].becomes == ("title",)
    assert found["brand"].becomes == ("note",)
    assert found["is_merged"].steers
    assert found["state"].steers
    assert found["tags"].ignored == "no use"
    assert "id" not in found
    missing = undecided(mappings.entities["tickets"])
    assert "priority" in missing
    assert not {"subject", "brand", "is_merged", "state", "tags"} & {*missing}
