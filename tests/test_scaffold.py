from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner import scaffold
from runner.config.environment import parse_dotenv
from runner.errors import UsageError
from runner.mapping.load import load_mappings
from tests.mapping.support import ROOT

KAYAKO, ZAMMAD = "https://acme.kayako.example", "https://zammad.example/help"


def written(folder: Path, **secrets: str | None) -> dict[str, bool]:
    found = scaffold.write(folder, scaffold.Plan(KAYAKO, ZAMMAD), secrets=secrets)
    return {one.path.name: one.action == "wrote" for one in found}


def test_a_new_folder_has_all_that_a_run_needs(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "place"
    made = written(folder, ZAMMAD_TOKEN="hunter2", KAYAKO_EMAIL=None)
    assert set(made) == {"config.yaml", ".env.example", ".env", ".gitignore", "schemas", "mappings"}
    assert all(made.values())
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert (config["kayako"]["url"], config["zammad"]["url"]) == (KAYAKO, ZAMMAD)
    sample = (ROOT / "sample-config.yaml").read_text().splitlines()
    changed = [
        (old, new)
        for old, new in zip(sample, (folder / "config.yaml").read_text().splitlines(), strict=True)
        if old != new
    ]
    assert len(changed) == 2
    assert set(load_mappings(folder / "mappings").entities) >= {"users", "tickets"}
    assert ".env" in (folder / ".gitignore").read_text().splitlines()


def test_secrets_are_for_the_user_alone_and_nowhere_else(tmp_path: Path) -> None:
    written(tmp_path, ZAMMAD_TOKEN="hunter2", KAYAKO_EMAIL=None)
    env = tmp_path / ".env"
    assert env.stat().st_mode & 0o777 == 0o600
    assert parse_dotenv(env) == {"ZAMMAD_TOKEN": "hunter2"}
    others = [file for file in tmp_path.rglob("*") if file.is_file() and file != env]
    assert not [file for file in others if "hunter2" in file.read_text()]


def test_without_secrets_there_is_only_the_example(tmp_path: Path) -> None:
    assert ".env" not in written(tmp_path)
    names = set(parse_dotenv(tmp_path / ".env.example"))
    assert names == {"KAYAKO_EMAIL", "KAYAKO_PASSWORD", "ZAMMAD_TOKEN", "REHEARSAL_ZAMMAD_TOKEN"}


def test_what_is_there_stays(tmp_path: Path) -> None:
    written(tmp_path, ZAMMAD_TOKEN="one")
    (tmp_path / "config.yaml").write_text("mine")
    (tmp_path / "mappings" / "users.yaml").unlink()
    (tmp_path / "mappings" / "tickets.yaml").write_text("mine, too")
    (tmp_path / ".gitignore").unlink()
    again = written(tmp_path, ZAMMAD_TOKEN="two")
    assert [name for name, new in again.items() if new] == [".gitignore", "users.yaml"]
    assert (tmp_path / "config.yaml").read_text() == "mine"
    assert (tmp_path / "mappings" / "users.yaml").exists()
    assert (tmp_path / "mappings" / "tickets.yaml").read_text() == "mine, too"
    assert parse_dotenv(tmp_path / ".env") == {"ZAMMAD_TOKEN": "one"}


@pytest.mark.parametrize(
    "url", ["acme", "ftp://acme.example", "https://", "https://a b", "https:///x"]
)
def test_what_is_no_address_is_refused_before_anything_is_written(tmp_path: Path, url: str) -> None:
    for pair in (
        {"kayako_url": url, "zammad_url": ZAMMAD},
        {"kayako_url": KAYAKO, "zammad_url": url},
    ):
        with pytest.raises(UsageError, match="is no address"):
            scaffold.write(tmp_path / "new", scaffold.Plan(**pair), secrets={})
    assert not (tmp_path / "new").exists()


def test_an_address_is_written_as_it_is(tmp_path: Path) -> None:
    url = "https://zammad.example/a\\1\\d"
    scaffold.write(tmp_path, scaffold.Plan(KAYAKO, url), secrets={})
    config = yaml.safe_load((tmp_path / "config.yaml").read_text())
    assert config["zammad"]["url"] == url


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=r"cannot be written: ."):
        written(tmp_path / "file" / "below")


@given(
    value=st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1)
)
@pytest.mark.parametrize("name", ["KAYAKO_PASSWORD"])
def test_every_password_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: str
) -> None:
    folder = tmp_path_factory.mktemp("env")
    scaffold._environment(folder / ".env", {name: value})
    assert parse_dotenv(folder / ".env") == {name: value}


def test_a_rehearsal_has_its_own_config_and_token_in_the_same_folder(tmp_path: Path) -> None:
    written(tmp_path, ZAMMAD_TOKEN="real")
    plan = scaffold.Plan(KAYAKO, "https://test.example", date(2026, 12, 5), rehearsal=True)
    assert plan.token == "REHEARSAL_ZAMMAD_TOKEN"
    new = [one.path.name for one in scaffold.write(tmp_path, plan, secrets={}) if one.copy is None]
    assert "rehearsal.yaml" in new
    config = yaml.safe_load((tmp_path / "rehearsal.yaml").read_text())
    assert config["zammad"]["token"] == "${REHEARSAL_ZAMMAD_TOKEN}"
    assert config["go_live"] == date(2026, 12, 5)
    assert yaml.safe_load((tmp_path / "config.yaml").read_text())["zammad"]["url"] == ZAMMAD


def test_by_force_everything_is_as_shipped_and_copies_stay(tmp_path: Path) -> None:
    written(tmp_path, ZAMMAD_TOKEN="one")
    mine = tmp_path / "mappings" / "tickets.yaml"
    for text in ("first", "second"):
        mine.write_text(text)
        done = scaffold.write(
            tmp_path, scaffold.Plan(KAYAKO, ZAMMAD), secrets={"ZAMMAD_TOKEN": text}, force=True
        )
        replaced = {one.path.name: one.copy for one in done if one.action == "replaced"}
        assert set(replaced) == {"tickets.yaml", ".env"}
        assert replaced["tickets.yaml"].read_text() == text
        assert replaced[".env"].stat().st_mode & 0o777 == 0o600
    assert mine.read_bytes() == (ROOT / "mappings" / "tickets.yaml").read_bytes()
    assert sorted(file.name for file in tmp_path.glob(".env.old*")) == [".env.old", ".env.old-2"]
    assert ".env.old*" in (tmp_path / ".gitignore").read_text().splitlines()
    assert set(load_mappings(tmp_path / "mappings").entities) >= {"users", "tickets"}


def test_what_is_kept_and_differs_is_told(tmp_path: Path) -> None:
    written(tmp_path)
    plan = scaffold.Plan("https://another.example", ZAMMAD)
    differs = {one.path.name: one.differs for one in scaffold.write(tmp_path, plan, secrets={})}
    assert differs["config.yaml"] is True
    assert differs["mappings"] is False
