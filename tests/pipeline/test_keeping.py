from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runner import pipeline, workdir
from runner.config.model import Config
from runner.engine.verified import Kind, Verified
from runner.errors import MigrateError, StoreUnreadable
from runner.pipeline.keeping import any_verification, verification_file


def test_what_verify_found_is_kept_for_its_owner_only_until_the_next(config: Config) -> None:
    assert pipeline.kept_verification(config) is None
    for wanted in (1, 2):
        verified = Verified("https://zammad.example")
        verified.differs("tickets", "7", 9, "title", Kind.CHANGED, wanted="\ud83d", there=wanted)
        pipeline.keep_verification(config, verified)
    kept = pipeline.kept_verification(config) or {}
    assert kept["differences"][0]["there"] == 2
    assert (kept["ok"], kept["differences_total"]) == (False, 1)
    assert kept["started_at"] <= kept["finished_at"]
    file = verification_file(config)
    assert file.stat().st_mode & 0o777 == 0o600
    assert workdir.inventory(config.workdir).strangers == []


def test_a_rehearsal_s_verification_stands_in_until_there_is_one_of_this_zammad(
    config: Config,
) -> None:
    assert any_verification(config) is None
    pipeline.keep_verification(rehearsal(config), Verified("https://test.example"))
    assert (any_verification(config) or {})["target"] == "https://test.example"
    pipeline.keep_verification(config, Verified("https://zammad.example"))
    assert (any_verification(config) or {})["target"] == "https://zammad.example"


def rehearsal(config: Config) -> Config:
    return replace(config, zammad=replace(config.zammad, url="https://test.example"))


@pytest.mark.parametrize("text", ["", "[]", "{}", "{"])
def test_a_damaged_one_is_refused_with_the_way_out(config: Config, text: str) -> None:
    file = verification_file(config)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(StoreUnreadable) as caught:
        pipeline.kept_verification(config)
    assert "migrate verify" in caught.value.advice


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "reports" / "r.html"
    with pipeline.private_file(file) as target:
        target.write(b"old")
    with pytest.raises(MigrateError, match=r"r\.html cannot be written"):
        fill_the_disk(file)
    assert file.read_bytes() == b"old"
    assert [path.name for path in file.parent.iterdir()] == ["r.html"]


def fill_the_disk(file: Path) -> None:
    with pipeline.private_file(file) as target:
        target.write(b"new")
        raise OSError(28, "No space left on device")
