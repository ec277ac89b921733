"""Every record that a snapshot yields is what ``schemas/records`` says it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from runner import resources
from runner.kayako.aside import Aside
from runner.sandbox.data import hard_cases
from tests.kayako.support import pulling

FOLDER = resources.path("schemas") / "records"
SCHEMAS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.iterdir()}
RECORDS = {
    "teams": "team",
    "organizations": "organization",
    "users": "user",
    "cases": "case",
    "categories": "help_center_category",
    "sections": "help_center_section",
    "articles": "help_center_article",
    "macros": "macro",
    "business_hours": "business_hour",
    "slas": "sla",
    "triggers": "trigger",
    "monitors": "monitor",
    "views": "view",
    "ratings": "rating",
}


def validator(name: str) -> Draft202012Validator:
    parts = [(f"{key}.json", Resource.from_contents(body)) for key, body in SCHEMAS.items()]
    registry: Registry[Any] = Registry()
    return Draft202012Validator(SCHEMAS[name], registry=registry.with_resources(parts))


def test_records_of_the_sample_helpdesk_fit_their_schemas(tmp_path: Path) -> None:
    with pulling(hard_cases(), tmp_path) as world:
        world.headers()
        everything = Aside(side_conversations=True, activities=True)
        world.bodies(originals=lambda _case: True, aside=everything)
        for resource, name in RECORDS.items():
            check = validator(name)
            assert world.snapshot.count(resource) > 0
            for record in world.snapshot.records(resource):
                assert [error.message for error in check.iter_errors(record)] == []
                assert record.keys() <= SCHEMAS[name]["properties"].keys()
        check = validator("post")
        for case_id in world.snapshot.case_ids():
            for post in world.snapshot.posts(case_id):
                assert [error.message for error in check.iter_errors(post)] == []
                assert post.keys() <= SCHEMAS["post"]["properties"].keys()
        check = validator("time_entry")
        entries = [
            entry
            for case_id in world.snapshot.case_ids()
            for entry in world.snapshot.time_entries(case_id)
        ]
        assert len(entries) == world.snapshot.count("timetracking") - 1
        for entry in entries:
            assert [error.message for error in check.iter_errors(entry)] == []


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_property_is_described(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    for place, schema in properties(SCHEMAS[name]):
        assert schema.get("description"), place


def properties(schema: Any, place: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    if isinstance(schema, dict):
        for key, item in schema.get("properties", {}).items():
            found.append((f"{place}.{key}", item))
        for key, item in schema.items():
            found += properties(item, f"{place}.{key}")
    if isinstance(schema, list):
        for item in schema:
            found += properties(item, place)
    return found
