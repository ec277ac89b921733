"""The reference pages are as new as the schemas and mappings that they are written from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner import resources
from runner.mapping.fields import FILES
from runner.report.reference import pages

ROOT = Path(__file__).parents[2]
PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_as_new_as_its_sources(name: str) -> None:
    shown = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert shown == PAGES[name], "run: make docs"


def test_every_key_of_the_config_has_a_heading() -> None:
    schema = json.loads((resources.path("schemas") / "config.json").read_text(encoding="utf-8"))
    for name, part in schema["properties"].items():
        assert f"## `{name}`\n" in PAGES["config.md"]
        for inner in part.get("properties", {}):
            assert f"### `{name}.{inner}`\n" in PAGES["config.md"]


def test_every_word_of_a_rule_has_a_heading() -> None:
    schema = json.loads((resources.path("schemas") / "mapping.json").read_text(encoding="utf-8"))
    for word in schema["$defs"]["rule"]["properties"]:
        assert f" `{word}`\n" in PAGES["mappings.md"]


def test_no_field_of_kayako_is_undecided_and_every_record_is_there() -> None:
    page = PAGES["coverage.md"]
    assert "**undecided**" not in page
    for kind in ("teams", "organizations", "users", "cases", "posts"):
        assert f"## {kind} → " in page


def test_what_has_no_mapping_is_named_all_the_same() -> None:
    page = PAGES["coverage.md"].partition("## Everything else")[2]
    schemas = {path.stem for path in (resources.path("schemas") / "records").glob("*.json")}
    mapped = {*FILES.values(), "shared"}
    assert {"sla", "trigger", "monitor", "view", "rating"} <= schemas - mapped
    assert [name for name in sorted(schemas - mapped) if f"`{name}`" not in page] == []
