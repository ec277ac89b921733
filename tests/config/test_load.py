from __future__ import annotations

import json
import pickle
from datetime import date, time
from pathlib import Path

import pytest

from runner.config.filters import Days, Filters, Names
from runner.config.hours import OfficeHours
from runner.config.load import load, locate
from runner.config.model import ENTITIES, Options, Secret
from runner.errors import InvalidFiles

GOOD = """\
kayako:
  url: https://acme.kayako.com/
  email: ${KAYAKO_EMAIL}
  password: ${KAYAKO_PASSWORD}
zammad:
  url: https://zammad.example.org
  token: ${ZAMMAD_TOKEN}
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAYAKO_EMAIL", "admin@example.com")
    monkeypatch.setenv("KAYAKO_PASSWORD", "pa55word")
    monkeypatch.setenv("ZAMMAD_TOKEN", "t0ken")


def write(folder: Path, text: str) -> Path:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(file: Path) -> list[str]:
    with pytest.raises(InvalidFiles) as caught:
        load(file)
    return [str(problem).replace(f"{file}:", "") for problem in caught.value.problems]


def test_defaults_and_environment_are_filled_in(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD))
    assert config.kayako.url == "https://acme.kayako.com"
    assert config.kayako.password == Secret("pa55word")
    assert (config.kayako.requests_per_minute, config.kayako.workers) == (300, 8)
    assert (config.zammad.workers, config.zammad.settle_seconds) == (4, 20.0)
    assert config.mappings == tmp_path / "mappings"
    assert config.workdir == tmp_path / ".migrate"
    assert config.go_live is None
    assert config.order == ENTITIES
    assert config.ledger_file.name == "zammad.example.org.json"
    assert config.options == Options("kayako_", "internal")
    assert (config.options.side_conversations, config.options.activities) == (True, False)


def test_the_prefix_of_attributes_is_an_option(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD + "options:\n  attribute_prefix: k_\n"))
    assert config.options.attribute_prefix == "k_"


@pytest.mark.parametrize("prefix", ["kayako", "K_", "7_", '""', "with-dash_", "x" * 20 + "_"])
def test_a_prefix_that_makes_no_names_is_a_mistake(tmp_path: Path, prefix: str) -> None:
    (problem,) = problems(write(tmp_path, GOOD + f"options:\n  attribute_prefix: {prefix}\n"))
    assert problem.startswith("9:")
    assert "attribute_prefix" in problem


def test_secrets_print_as_stars(tmp_path: Path) -> None:
    assert "pa55word" not in repr(load(write(tmp_path, GOOD)))
    assert "t0ken" not in repr(load(write(tmp_path, GOOD)))


def test_a_name_is_taken_from_the_file_that_name_file_points_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZAMMAD_TOKEN")
    (tmp_path / "token").write_text("from-file\n")
    monkeypatch.setenv("ZAMMAD_TOKEN_FILE", str(tmp_path / "token"))
    assert load(write(tmp_path, GOOD)).zammad.token.reveal() == "from-file"


def test_dotenv_beside_the_config_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZAMMAD_TOKEN")
    (tmp_path / ".env").write_text(
        "# logins\nexport ZAMMAD_TOKEN='quoted # kept'\nKAYAKO_PASSWORD=other\n"
    )
    config = load(write(tmp_path, GOOD))
    assert config.zammad.token.reveal() == "quoted # kept"
    assert config.kayako.password.reveal() == "pa55word"


def test_what_is_not_set_is_named_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZAMMAD_TOKEN")
    (message,) = problems(write(tmp_path, GOOD))
    assert message.startswith("7:10: ZAMMAD_TOKEN is not set")


def test_an_inline_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    (message,) = problems(write(tmp_path, GOOD.replace("${ZAMMAD_TOKEN}", "hunter2")))
    assert message.startswith("7:10: ")
    assert "hunter2" not in message
    assert "${ZAMMAD_TOKEN}" in message


def test_an_inline_secret_is_accepted_for_this_machine(tmp_path: Path) -> None:
    text = GOOD.replace("https://zammad.example.org", "http://127.0.0.1:8702")
    config = load(write(tmp_path, text.replace("${ZAMMAD_TOKEN}", "sandbox-token")))
    assert config.zammad.token.reveal() == "sandbox-token"
    assert config.ledger_file.name == "127.0.0.1-8702.json"


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        ("  settle_seconds: 3\n", "8:19: Zammad caches its settings"),
        ("go_live: 2026-02-30\n", "8:10: there is no day 2026-02-30"),
        ("worker: 3\n", "8:1: "),
        ("order: [tickets]\n", "8:8: "),
    ],
)
def test_each_mistake_has_its_place(tmp_path: Path, addition: str, expected: str) -> None:
    (message,) = problems(write(tmp_path, GOOD + addition))
    assert message.startswith(expected)


def test_plain_http_is_refused(tmp_path: Path) -> None:
    (message,) = problems(write(tmp_path, GOOD.replace("https://acme", "http://acme")))
    assert message.startswith("2:8: http:// would send the login in the clear")


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    (message,) = problems(tmp_path / "none.yaml")
    assert "migrate init" in message


def test_a_line_of_dotenv_that_is_none_is_not_shown(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    (tmp_path / ".env").write_text("hunter2\n")
    with pytest.raises(InvalidFiles) as caught:
        load(file)
    assert ".env:1:1" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_option_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATE_CONFIG", "elsewhere.yaml")
    assert locate(Path("here.yaml")) == Path("here.yaml")
    assert locate(None) == Path("elsewhere.yaml")
    monkeypatch.delenv("MIGRATE_CONFIG")
    assert locate(None) == Path("config.yaml")


def test_plain_http_to_another_machine_has_to_be_allowed_and_is_then_known(tmp_path: Path) -> None:
    text = GOOD.replace("https://zammad.example.org", "http://zammad.example.org")
    (message,) = problems(write(tmp_path, text))
    assert "allow_plain_http: true" in message
    config = load(write(tmp_path, f"{text}  allow_plain_http: true\n"))
    assert config.in_the_clear == ("http://zammad.example.org",)
    assert load(write(tmp_path, GOOD)).in_the_clear == ()


def test_a_bundle_of_certificates_lies_beside_the_config(tmp_path: Path) -> None:
    ca = Path(__file__).parents[1] / "certificates" / "ca.pem"
    (tmp_path / "our-ca.pem").write_bytes(ca.read_bytes())
    config = load(write(tmp_path, GOOD + "  ca_bundle: our-ca.pem\n"))
    assert config.zammad.ca_bundle == tmp_path / "our-ca.pem"
    assert config.kayako.ca_bundle is None


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), ("none", "holds no certificates")]
)
def test_a_bundle_that_cannot_be_used_is_a_mistake_in_the_config(
    tmp_path: Path, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "our-ca.pem").write_text(content)
    (message,) = problems(write(tmp_path, GOOD + "  ca_bundle: our-ca.pem\n"))
    assert message.startswith("8:14: ")
    assert words in message


def test_hosts_of_files_are_names_not_addresses(tmp_path: Path) -> None:
    hosts = "  file_hosts:\n    - files.example.net\n    - '[fd00::1]:8080'\nzammad:"
    config = load(write(tmp_path, GOOD.replace("zammad:", hosts, 1)))
    assert config.kayako.file_hosts == ("files.example.net", "[fd00::1]:8080")
    wrong = GOOD.replace("zammad:", "  file_hosts:\n    - https://files.example.net/x\nzammad:", 1)
    (message,) = problems(write(tmp_path, wrong))
    assert "is no host: write files.example.net" in message


def test_a_secret_is_printed_nowhere_and_written_down_nowhere(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD))
    for text in (repr(config), str(config), f"{config.zammad}", json.dumps([config], default=str)):
        assert not any(secret in text for secret in config.secrets)
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(config)


def test_the_scope_is_read(tmp_path: Path) -> None:
    text = """\
scope:
  teams:
    leave_out: [Sandbox]
  states:
    only: [NEW, OPEN]
  created:
    since: 2019-01-01
  closed:
    since: 2020-01-01
    before: 2021-01-01
  updated:
    since: 2019-02-01
"""
    config = load(write(tmp_path, GOOD + text))
    closed = Days(date(2020, 1, 1), date(2021, 1, 1))
    assert config.filters == Filters(
        Names(leave_out=("Sandbox",)),
        Names(only=("NEW", "OPEN")),
        Days(date(2019, 1, 1)),
        Days(date(2019, 2, 1)),
        closed,
    )
    assert config.read_since == date(2019, 2, 1)
    assert load(write(tmp_path, GOOD)).filters == Filters()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scope:\n  team: {only: [A]}\n", "teams"),
        ("scope:\n  teams: [A]\n", "teams"),
        ("scope:\n  teams: {only: [A], leave_out: [B]}\n", "write only or leave_out"),
        ("scope:\n  states: {only: []}\n", "only"),
        ("scope:\n  created: {since: yesterday}\n", "yesterday is not written as year-month-day"),
        ("scope:\n  created: {since: 2019-02-30}\n", "there is no day 2019-02-30"),
        ("scope:\n  closed: {since: 2020-01-01, before: 2020-01-01}\n", "no day is since"),
        (
            "options: {keep_since: 2019-01-01}\nscope:\n  updated: {since: 2019-01-01}\n",
            "options.keep_since says the same already",
        ),
    ],
)
def test_a_scope_that_cannot_be_meant_is_a_mistake(tmp_path: Path, text: str, words: str) -> None:
    (problem,) = problems(write(tmp_path, GOOD + text))
    assert words in problem


OFFICE = GOOD.replace(
    "zammad:\n",
    '  office_hours:\n    from: "08:00"\n    to: 18:00\n    requests_per_minute: 100\nzammad:\n',
)


def test_office_hours_are_those_of_workdays_unless_said_otherwise(tmp_path: Path) -> None:
    assert load(write(tmp_path, GOOD)).kayako.office_hours is None
    hours = load(write(tmp_path, OFFICE)).kayako.office_hours
    assert hours == OfficeHours(time(8), time(18), 100)
    assert hours.days == ("monday", "tuesday", "wednesday", "thursday", "friday")
    more = "    days: [sunday]\n    timezone: Europe/Berlin\nzammad:\n"
    hours = load(write(tmp_path, OFFICE.replace("zammad:\n", more))).kayako.office_hours
    assert hours == OfficeHours(time(8), time(18), 100, ("sunday",), "Europe/Berlin")


@pytest.mark.parametrize(
    ("before", "after", "where", "words"),
    [
        ("18:00", "6pm", "7:", "no time of day"),
        ("18:00", "24:00", "7:", "no time of day"),
        ("18:00", "08:00", "7:", "the same"),
        ("minute: 100", "minute: 301", "8:", "not be more than the usual 300"),
        ("zammad:\n", "    timezone: Berlin\nzammad:\n", "9:", "no time zone Berlin"),
        ("zammad:\n", "    timezone: ../etc\nzammad:\n", "9:", "no time zone"),
        ("zammad:\n", "    days: [Monday]\nzammad:\n", "9:", "monday"),
        ("zammad:\n", "    days: []\nzammad:\n", "9:", "days"),
        ("    to: 18:00\n", "", "5:", "to"),
    ],
)
def test_office_hours_that_make_no_sense_are_mistakes(
    tmp_path: Path, before: str, after: str, where: str, words: str
) -> None:
    (problem,) = problems(write(tmp_path, OFFICE.replace(before, after, 1)))
    assert problem.startswith(where)
    assert words in problem
