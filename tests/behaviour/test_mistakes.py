"""Whatever is wrong: one clear message, the documented exit code, no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.behaviour.conftest import Stage
from tests.behaviour.support import Place, run

Make = Callable[..., Stage]


def complaint(done: CompletedProcess[str], code: int) -> str:
    text = done.stdout + done.stderr
    assert done.returncode == code, text
    assert "Traceback" not in text
    return " ".join(text.split())


def test_a_wrong_kayako_password(stage: Make) -> None:
    s = stage()
    s.place.edit(".env", "KAYAKO_PASSWORD=sandbox", "KAYAKO_PASSWORD=hunter2")
    text = complaint(s.place.migrate("pull"), 4)
    assert "password" in text
    assert "hunter2" not in text
    assert "hunter2" not in complaint(s.place.migrate("check"), 4)


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"role": "AGENT"}, "Administrator"),
        ({"otp": True}, "two-factor"),
        ({"classic": True}, "Classic"),
        ({"missing_instance": True}, "no Kayako"),
    ],
)
def test_a_kayako_that_will_not_do(stage: Make, switches: dict[str, object], words: str) -> None:
    s = stage(**{f"kayako_{name}": value for name, value in switches.items()})
    text = complaint(s.place.migrate("pull"), 4)
    assert words.casefold() in text.casefold()
    complaint(s.place.migrate("check"), 4)


def test_a_host_that_does_not_exist(stage: Make) -> None:
    s = stage()
    s.place.edit("config.yaml", s.sandbox.kayako_url, "https://nobody.kayako.invalid")
    s.place.edit("config.yaml", "password: ${KAYAKO_PASSWORD}", "password: ${KAYAKO_PASSWORD}")
    text = complaint(s.place.migrate("pull"), 4)
    assert "nobody.kayako.invalid" in text


def test_a_wrong_zammad_token(stage: Make) -> None:
    s = stage()
    s.place.succeed("pull")
    s.place.edit(".env", "ZAMMAD_TOKEN=sandbox-token", "ZAMMAD_TOKEN=hunter2")
    text = complaint(s.place.migrate("apply", "--yes"), 4)
    assert "token" in text
    assert "hunter2" not in text


def test_an_address_where_no_zammad_answers(stage: Make) -> None:
    s = stage()
    s.place.succeed("pull")
    s.place.edit("config.yaml", s.sandbox.zammad_url, s.sandbox.kayako_url)
    complaint(s.place.migrate("apply", "--yes"), 4)


def test_a_missing_mapping_file_is_named(stage: Make) -> None:
    s = stage()
    (s.place.folder / "mappings" / "users.yaml").unlink()
    for verb in (("validate",), ("plan",), ("apply", "--yes")):
        assert "users.yaml" in complaint(s.place.migrate(*verb), 3)


def test_a_mapping_with_five_mistakes_reports_five(stage: Make) -> None:
    s = stage()
    file = s.place.folder / "mappings" / "tickets.yaml"
    text = file.read_text()
    for before, after in (
        ("from: subject", "fron: subject"),
        ("vocabulary: states", "vocabulary: statuses"),
        ("    from: priority\n", "    from: priorityy\n"),
        ("  close_at:", "  closed_at:"),
        ("as: tag", "as: tags"),
    ):
        assert before in text
        text = text.replace(before, after, 1)
    file.write_text(text)
    done = s.place.migrate("validate", "--json")
    assert done.returncode == 3
    problems = json.loads(done.stdout)["problems"]
    lines = text.splitlines()
    wrong = ("fron", "statuses", "priorityy", "closed_at", "tags")
    wanted = sorted(
        number
        for number, line in enumerate(lines, start=1)
        if any(line.strip().startswith((f"{w}:", f"vocabulary: {w}")) for w in wrong[:2])
        or line.strip() in {"from: priorityy", "closed_at:", "as: tags"}
    )
    assert sorted({problem["line"] for problem in problems}) == wanted
    assert len(problems) == 5
    assert all(problem["column"] > 0 for problem in problems)
    text = complaint(s.place.migrate("validate"), 3)
    assert "5 mistakes" in text
    assert "tickets.yaml:" in text


def test_an_inline_secret_is_refused(stage: Make) -> None:
    s = stage()
    s.place.edit("config.yaml", s.sandbox.kayako_url, "https://acme.kayako.com")
    s.place.edit("config.yaml", "${KAYAKO_PASSWORD}", "hunter2")
    text = complaint(s.place.migrate("validate"), 3)
    assert "config.yaml:" in text
    assert "hunter2" not in text


def test_no_config_file(tmp_path: Path) -> None:
    text = complaint(run("-c", str(tmp_path / "config.yaml"), "plan"), 3)
    assert "migrate init" in text


def test_wrong_options(stage: Make) -> None:
    s = stage()
    complaint(s.place.migrate("plan", "--only", "tiketts"), 2)
    complaint(s.place.migrate("plan", "--limit", "0"), 2)
    complaint(s.place.migrate("nope"), 2)
    complaint(s.place.migrate("apply"), 2)
    complaint(s.place.migrate("finish", "--accept"), 2)
    complaint(s.place.migrate("sandbox", "--zammad-version", "4"), 2)
    complaint(run("init"), 2)
    complaint(run("init", str(s.place.folder / "x"), "--kayako-url", "acme"), 2)


def test_a_snapshot_of_another_kayako_is_refused(stage: Make) -> None:
    s = stage()
    s.place.succeed("pull", "--headers")
    port = s.sandbox.kayako_url.rpartition(":")[2]
    s.place.edit("config.yaml", s.sandbox.kayako_url, f"http://localhost:{port}")
    complaint(s.place.migrate("plan"), 12)


@pytest.mark.fault(
    "another Zammad behind the same address",
    does="refused before any write, with the way out",
    side="Zammad",
)
def test_another_zammad_behind_the_same_address_is_refused(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--only", "groups")
    ledgers = s.place.folder / ".migrate" / "ledgers"
    (file,) = ledgers.glob("*.json")
    other = stage()
    port = other.sandbox.zammad_url.rpartition(":")[2]
    file.rename(ledgers / f"127.0.0.1-{port}.json")
    s.place.edit("config.yaml", s.sandbox.zammad_url, other.sandbox.zammad_url)
    text = complaint(s.place.migrate("apply", "--yes"), 9)
    assert "--state-only" in text


@pytest.mark.fault("a ledger that cannot be read", does="refused with the place and the way out")
def test_an_unreadable_ledger_is_refused_with_the_way_out(stage: Make) -> None:
    s = stage()
    s.place.succeed("apply", "--yes", "--only", "groups")
    (file,) = (s.place.folder / ".migrate" / "ledgers").glob("*.json")
    file.write_text(file.read_text()[:100])
    text = complaint(s.place.migrate("apply", "--yes"), 12)
    assert file.name in text


def test_init_leaves_what_exists(stage: Make) -> None:
    s = stage()
    place: Place = s.place
    place.edit("config.yaml", "workers: 8", "workers: 7")
    again = place.init()
    assert again.returncode == 0
    assert "kept" in again.stdout
    assert "workers: 7" in (place.folder / "config.yaml").read_text()
    assert (place.folder / ".env").stat().st_mode & 0o777 == 0o600
