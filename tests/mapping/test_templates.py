"""Templates: what they can say, and that they can neither escape nor run away."""

from __future__ import annotations

import time
from typing import Any

import pytest

from runner.mapping.running import FieldFailed, Run
from runner.mapping.templates import (
    TemplateRefused,
    compile_expression,
    compile_template,
    paths_in_template,
)

RECORD: dict[str, Any] = {
    "id": 7,
    "subject": "Hello",
    "email": None,
    "tags": ["a", "b"],
    "archived": True,
    "items": "a field",
    "role": {"type": "ADMIN", "title": None},
}


def write(text: str) -> str:
    return compile_template(text)(Run(RECORD, {"id": 1}, "2026-12-05"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ subject }} #{{ id }}", "Hello #7"),
        ("{{ email }}", ""),
        ("{{ email or subject }}", "Hello"),
        ("{{ 'a' ~ email ~ id }}", "a7"),
        ("{{ role.type }}{{ role['type'] }}", "ADMINADMIN"),
        ("{{ email.anything.inside }}", ""),
        ("{{ tags[1] }}{{ tags[9] }}", "b"),
        ("{{ tags }}", "a, b"),
        ("{{ archived }}", "true"),
        ("{{ items }}{{ subject.upper }}", "a field"),
        ("{{ id + 1 - 3 }}", "5"),
        ("{% if archived and id > 3 %}yes{% else %}no{% endif %}", "yes"),
        ("{{ 'x' if 'b' in tags else 'y' }}", "x"),
        ("{{ parent.id }}/{{ go_live }}", "1/2026-12-05"),
        ("{{ email is none }}{{ email is empty }}", "truetrue"),
        ("{{ '<b>' | escape }}{{ ' a ' | trim }}", "&lt;b&gt;a"),
        ("{{ 'Wäiting for_it!' | slug }}", "wäiting-for-it"),
        ("{{ 'a,b' | replace(',', '-') | upper }}", "A-B"),
        ("{{ email | default('none') }}", "none"),
        ("{{ tags | first }}{{ tags | last }}{{ tags | length }}", "ab2"),
        ("{{ '2021-08-27T10:49:56Z' | date }}", "2021-08-27"),
        ("{{ '<p>a&amp;b</p>' | plain }}", "a&b"),
        ("{{ subject | truncate(2) | lower | capitalize }}", "He"),
        ("{{ '<p> </p>' is visible }}", "false"),
    ],
)
def test_templates_write_fields(text: str, expected: str) -> None:
    assert write(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{ subject.__class__ }}{{ ''.__class__.__mro__ }}",
        "{{ subject['__class__'] }}",
        "{{ tags.append }}",
    ],
)
def test_attributes_of_python_objects_are_not_there(text: str) -> None:
    assert write(text) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ 'a' * 10000000000 }}", "multiplication"),
        ("{{ 2 ** 100 }}", "powers"),
        ("{{ '%10000d' % 1 }}", "remainder"),
        ("{{ range(9) }}", "calls"),
        ("{{ subject.upper() }}", "calls"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "calls"),
        ("{% for x in tags %}{% endfor %}", "for cannot"),
        ("{%- set x = 1 %}", "set cannot"),
        ("{% macro m() %}{% endmacro %}", "macro cannot"),
        ("{% include 'x' %}", "include cannot"),
        ("{% filter upper %}{% endfilter %}", "filter cannot"),
        ("{{ subject[1:2] }}", "slices"),
        ("{{ {} }}", "mappings in braces"),
        ("{{ subject | center(9) }}", "filter center"),
        ("{{ subject | format }}", "filter format"),
        ("{{ subject | attr('x') }}", "filter attr"),
        ("{{ subject | written }}", "filter written"),
        ("{{ subject | loewr }}", "did you mean lower"),
        ("{{ subject is callable }}", "test callable"),
        ("{{ subject", "a }} is missing"),
        ("{% if a %}", "endif %} is missing"),
        ("{{ id }}" * 61, "60 fields"),
    ],
)
def test_what_is_not_listed_is_refused(text: str, words: str) -> None:
    with pytest.raises(TemplateRefused) as caught:
        compile_template(text)
    assert words in str(caught.value)


def test_a_mistake_knows_its_line() -> None:
    with pytest.raises(TemplateRefused) as caught:
        compile_template("{{ id }}\n{{ id }}\n{{ id * 2 }}")
    assert caught.value.line == 3


def test_results_that_grow_without_bounds_are_stopped_before_they_are_made() -> None:
    bomb = "{{ subject" + f" | replace('l', '{'l' * 800}')" * 4 + " }}"
    started = time.monotonic()
    with pytest.raises(FieldFailed):
        write(bomb)
    assert time.monotonic() - started < 1


def test_a_name_that_does_not_exist_fails_the_field() -> None:
    with pytest.raises(FieldFailed, match="subjekt"):
        write("{{ subjekt }}")


def test_adding_text_to_a_number_fails_the_field() -> None:
    with pytest.raises(FieldFailed):
        write("{{ id + subject }}")


def test_deep_nesting_is_refused_not_a_crash() -> None:
    with pytest.raises(TemplateRefused):
        compile_template("{{ " + "(" * 1900 + "1" + ")" * 1900 + " }}")


def test_paths_are_found_wherever_they_stand() -> None:
    text = "{% if role.type == 'x' %}{{ tags[0] }}{{ a['b'].c | lower }}{% endif %}"
    assert paths_in_template(text) == {"role.type", "tags", "a.b.c"}


def test_expressions_answer_yes_or_no() -> None:
    decide = compile_expression("id > 3 and role.type in ['ADMIN', 'OWNER']")
    assert decide(Run(RECORD, None, "2026-12-05"))
    assert not decide(Run({**RECORD, "id": 1}, None, "2026-12-05"))


@pytest.mark.parametrize("text", ["id ** 2", "id }} {{ id", "range(3)", "id >", ""])
def test_expressions_are_as_restricted(text: str) -> None:
    with pytest.raises(TemplateRefused):
        compile_expression(text)


def test_an_expression_that_cannot_be_answered_fails_the_field() -> None:
    with pytest.raises(FieldFailed):
        compile_expression("email > 3")(Run(RECORD, None, "2026-12-05"))
