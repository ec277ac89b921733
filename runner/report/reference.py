"""The reference pages in ``docs/``, written from schemas and shipped mappings: ``make docs``.

The schemas are what the program checks with, so the pages cannot say anything else; a test fails
when a page is older than its schema.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from runner import resources
from runner.mapping.coverage import Decision, decisions
from runner.mapping.fields import record_schema
from runner.mapping.load import load_mappings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NOTE = "<!-- Written by `make docs` from the schemas; edit those. -->"
_BEGINNING = (
    "How to begin stands in [mappings/README.md](../mappings/README.md); this page is for looking"
    " things up. What Kayako's records hold, and what becomes of it, is in"
    " [coverage.md](coverage.md)."
)
_COVERAGE = (
    "What becomes of every field that Kayako's API gives, as the shipped mappings have it. Edit a"
    " mapping and this changes for you; `migrate validate --strict` sees to it that no field is"
    " forgotten, and `migrate explain` shows it for one record."
)
_FIELDS = (
    "These names may stand left below `zammad_fields`. Text that is longer than its field is cut,"
    " and the plan counts it. A record that comes without a needed field cannot be written. For the"
    " fields that your team added see `custom_fields.yaml`."
)
_TAKES = {
    "line": "text in one line",
    "text": "text",
    "html": "HTML",
    "integer": "whole number",
    "boolean": "true or false",
    "datetime": "date and time",
    "list": "list of texts",
}
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "block",
    "null": "nothing",
}
Schema = dict[str, Any]


def pages() -> dict[str, str]:
    """Return every page by its file name in ``docs/``."""
    return {name: write() for name, write in _PAGES.items()}


def config_page() -> str:
    """Return the page about ``config.yaml``."""
    schema = _schema("config.json")
    lines = ["# config.yaml", "", _NOTE, "", schema["description"], ""]
    lines += _block(schema, schema, "", 2)
    return _text(lines)


def mappings_page() -> str:
    """Return the page about mapping files, vocabularies, custom fields, and Zammad's fields."""
    lines = [
        "# Mapping files: every key",
        "",
        _NOTE,
        "",
        _BEGINNING,
        "",
    ]
    for file, title in (
        ("mapping.json", "Mappings (`mappings/*.yaml`)"),
        ("vocabulary.json", "Vocabularies (`mappings/vocabularies/*.yaml`)"),
        ("custom_fields.json", "Custom fields (`mappings/custom_fields.yaml`)"),
    ):
        schema = _schema(file)
        lines += [f"## {title}", "", str(schema.get("description") or schema["title"]), ""]
        lines += _block(schema, schema, "", 3)
        for name, definition in schema.get("$defs", {}).items():
            if "properties" in definition:
                lines += [f"### {_title(name, definition)}", ""]
                lines += [definition.get("description", ""), ""]
                lines += _block(schema, definition, "", 4)
    lines += _targets()
    return _text(lines)


def coverage_page() -> str:
    """Return the page that says what becomes of every field of Kayako's."""
    mappings = load_mappings(resources.path("mappings"))
    lines = ["# Coverage: every field of Kayako", "", _NOTE, "", _COVERAGE, ""]
    for mapping in mappings.entities.values():
        inside = [other for other in mappings.entities.values() if other.inside == mapping.entity]
        where = f"mappings/{mapping.entity}.yaml"
        lines += [f"## {mapping.kayako} → {mapping.entity}", ""]
        lines += [f"Declared in [{where}](../{where}).", ""]
        lines += ["| field in Kayako | is | becomes |", "| --- | --- | --- |"]
        fields = (record_schema(mapping.kayako) or {}).get("properties", {})
        for decision in decisions(mapping, inside).values():
            about = str(fields[decision.field].get("description", "")).replace("|", "\\|")
            lines.append(f"| `{decision.field}` | {about} | {_fate(decision)} |")
        lines.append("")
    lines += ["## Everything else", "", "| in Kayako | becomes |", "| --- | --- |"]
    beside = yaml.safe_load((Path(__file__).parent / "beside.yaml").read_text(encoding="utf-8"))
    lines += [f"| {_quoted(names)} | {fate} |" for names, fate in beside.items()]
    return _text(lines)


def _quoted(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", "))


def _fate(decision: Decision) -> str:
    """Say in a cell what becomes of a field."""
    parts = []
    if decision.becomes:
        parts.append(", ".join(f"`{name}`" for name in decision.becomes))
    if decision.steers:
        parts.append("decides which records move, or which rules hold")
    if decision.ignored:
        reference = decision.ignored.startswith("see ")
        parts.append(decision.ignored if reference else f"left behind: {decision.ignored}")
    return "; ".join(parts).replace("|", "\\|") or "**undecided**"


def _block(root: Schema, schema: Schema, prefix: str, level: int) -> Iterator[str]:
    """Yield the lines of all keys of one block, blocks inside it after it."""
    required = set(schema.get("required", []))
    for name, given in schema.get("properties", {}).items():
        about = {**_followed(root, given), **given}
        yield f"{'#' * level} `{prefix}{name}`"
        yield ""
        if about.get("title"):
            yield f"**{about['title']}.** {about.get('description', '')}".rstrip()
        else:
            yield str(about.get("description", ""))
        yield ""
        facts = [*_facts(about), *(["needed"] if name in required else [])]
        if facts:
            yield f"*{'; '.join(facts)}*"
            yield ""
        yield from _examples(name, about)
        inner = _followed(root, given)
        if "properties" in inner and "$ref" not in given:
            yield from _block(root, inner, f"{prefix}{name}.", min(level + 1, 5))


def _facts(about: Schema) -> Iterator[str]:
    kinds = about.get("type")
    names = [kinds] if isinstance(kinds, str) else kinds or []
    words = [_WORDS[name] for name in names if name != "null"]
    if words:
        yield " or ".join(words)
    if "enum" in about:
        yield f"one of {', '.join(f'`{value}`' for value in about['enum'])}"
    for word, label in (("minimum", "at least"), ("maximum", "at most")):
        if word in about:
            yield f"{label} {about[word]}"
    if "default" in about:
        value = about["default"]
        shown = "true" if value is True else "false" if value is False else value
        yield f"as shipped: `{shown}`"


def _examples(name: str, about: Schema) -> Iterator[str]:
    for at, example in enumerate(about.get("examples", [])):
        yield "# or" if at else "```yaml"
        yield from _as_yaml(name, example)
    if about.get("examples"):
        yield "```"
        yield ""


def _as_yaml(name: str, value: Any, indent: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        yield f"{indent}{_plain(name)}:"
        for key, inner in value.items():
            yield from _as_yaml(key, inner, f"{indent}  ")
    elif isinstance(value, list):
        yield f"{indent}{name}:"
        yield from (f"{indent}  - {_plain(item)}" for item in value)
    else:
        yield f"{indent}{_plain(name)}: {_plain(value)}"


def _plain(value: Any) -> str:
    """Write a value as people write it in YAML: in quotes only where it needs them."""
    if not isinstance(value, str):
        return str(value).lower()
    try:
        is_plain = "{{" not in value and str(yaml.safe_load(value)) == value
    except yaml.YAMLError:
        is_plain = False
    return value if is_plain else json.dumps(value)


def _targets() -> Iterator[str]:
    schema = _schema("targets.json")
    yield from ("## Fields of Zammad", "", _FIELDS, "")
    for kind, fields in schema.items():
        if kind == "description":
            continue
        yield from (f"### {kind}", "", "| field | takes | |", "| --- | --- | --- |")
        for name, about in fields.items():
            takes = _TAKES.get(about["type"], about["type"])
            if "max_length" in about:
                takes += f", at most {about['max_length']:,} characters"
            if "reference" in about:
                takes += f" to {about['reference']}"
            must = " **Needed.**" if about.get("required") else ""
            yield f"| `{name}` | {takes} | {about['description']}{must} |"
        yield ""


def _followed(root: Schema, schema: Schema) -> Schema:
    reference = schema.get("$ref", "")
    if not reference.startswith("#/"):
        return schema
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _title(name: str, definition: Schema) -> str:
    return str(definition.get("title") or f"A {name.replace('_', ' ')}")


def _text(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _schema(name: str) -> Schema:
    found: Schema = json.loads((resources.path("schemas") / name).read_text(encoding="utf-8"))
    return found


_PAGES: dict[str, Callable[[], str]] = {
    "config.md": config_page,
    "coverage.md": coverage_page,
    "mappings.md": mappings_page,
}


def main(folder: Path) -> None:
    """Write every page into a folder."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
