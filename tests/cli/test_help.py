"""What users read before they run anything: every verb is explained, with an example."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from runner import resources
from runner.cli.main import app, flowing

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(str(command.name) for command in app.registered_commands)


def test_there_are_the_promised_verbs() -> None:
    assert set(COMMANDS) == {
        *("init", "check", "validate", "pull", "plan", "apply"),
        *("verify", "status", "explain", "try", "discover", "finish", "reset", "console-script"),
        *("demo", "sandbox", "erase", "purge", "redirects", "report", "checklist", "sample"),
        "doctor",
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_verb_has_a_panel_a_text_and_an_example(name: str) -> None:
    command = next(command for command in app.registered_commands if command.name == name)
    assert command.rich_help_panel in {"Prepare", "Run", "Inspect", "Care", "Try"}
    text = (command.callback.__doc__ if command.callback else "") or ""
    assert "Example: [bold]migrate" in text
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output


def test_help_flows_to_the_width_of_the_terminal() -> None:
    more = "    More, which\n    goes on.\n\n    Example: a\n    Example: b"
    text = f"What it does\n    in one line.\n\n{more}"
    assert flowing(text).splitlines()[::2] == [
        "What it does in one line.",
        "More, which goes on.",
        "Example: a",
    ]
    assert flowing(text).endswith("Example: a\nExample: b")
    wide = CliRunner().invoke(app, ["apply", "--help"], env={"COLUMNS": "300"}).output
    assert "no mail leaves it, agents' answers included, so nobody may work in it." in wide


@pytest.mark.parametrize("name", COMMANDS)
def test_every_verb_is_in_the_readme(name: str) -> None:
    assert (
        f"migrate {name}" in (ROOT / "README.md").read_text()
        or f"make {name}" in (ROOT / "README.md").read_text()
    )


def test_every_option_is_explained() -> None:
    for name in COMMANDS:
        result = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "300"})
        lines = [line for line in result.output.splitlines() if line.startswith("│ --")]
        for line in lines:
            assert len(line.strip("│ ").split("  ")) > 1, line


def _keys(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in (schema.get("properties") or {}).items():
        yield f"{path}/{name}", part
        yield from _keys(part, f"{path}/{name}")
    others = schema.get("additionalProperties")
    if isinstance(others, dict) and "$ref" not in others:
        yield f"{path}/*", others


FILES = ("config.json", "mapping.json", "vocabulary.json", "custom_fields.json")


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_a_file_that_users_edit_is_told_with_an_example(name: str) -> None:
    schema = json.loads((resources.path("schemas") / name).read_text())
    definitions = schema.get("$defs") or {}
    keys = list(_keys(schema))
    for word, definition in definitions.items():
        if definition.keys() != {"type"}:
            keys += [(word, definition), *_keys(definition, word)]
    assert keys
    for path, part in keys:
        told = {**definitions.get(part.get("$ref", "").removeprefix("#/$defs/"), {}), **part}
        assert {"title", "description", "examples"} <= told.keys(), path
        assert len(told["description"].split()) > 2, path
        assert told["title"].rstrip(".") not in told["description"], f"{path} says the same twice"
        check = Draft202012Validator({**part, "$defs": definitions})
        for example in told["examples"]:
            assert check.is_valid(example), f"{path}: {example}"


@pytest.mark.parametrize("name", FILES)
def test_a_schema_says_what_its_file_is_for(name: str) -> None:
    schema = json.loads((resources.path("schemas") / name).read_text())
    assert {"title", "description"} <= schema.keys()
