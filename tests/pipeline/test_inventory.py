"""The end of a plan on the hard cases, derived a second time from the helpdesk's own tables."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.config.load import load as load_config
from runner.engine.plan import Plan
from runner.pipeline import Scope, make_plan
from runner.sandbox.both import EMAIL, PASSWORD, TOKEN, Sandbox, start
from runner.sandbox.data import hard_cases
from tests.mapping.support import ROOT


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(hard_cases()) as running:
        yield running


def planned(sandbox: Sandbox, folder: Path, mappings: Path = ROOT / "mappings") -> Plan:
    (folder / "config.yaml").write_text(
        f"kayako:\n  url: {sandbox.kayako_url}\n  email: {EMAIL}\n  password: {PASSWORD}\n"
        "  requests_per_minute: 100000\n"
        f"zammad:\n  url: {sandbox.zammad_url}\n  token: {TOKEN}\nmappings: {mappings}\n"
    )
    made, unreachable = make_plan(
        load_config(folder / "config.yaml"),
        Scope(),
        show=0,
        pull=False,
        progress=lambda *_: None,
        seen=lambda _: None,
        stop=threading.Event(),
    )
    assert unreachable is None
    return made


@pytest.fixture(scope="module")
def made(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return planned(sandbox, tmp_path_factory.mktemp("inventory"))


def conversations(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [dict(case) for case in sandbox.kayako.helpdesk.table("case").values()]


def test_everything_to_build_anew_is_listed_by_name(made: Plan, sandbox: Sandbox) -> None:
    tables = sandbox.kayako.helpdesk.tables
    expected = Counter(
        (f"{kind}s", row["title"], row["is_enabled"] is not False)
        for kind in ("sla", "trigger", "monitor", "view")
        for row in tables[kind].values()
        if not row.get("is_deleted") and not row.get("is_system")
    )
    listed = Counter((one.kind, one.title, one.enabled) for one in made.inventory.rebuild)
    assert listed == expected
    assert len(expected) >= 5
    texts = {one.title: one.text for one in made.inventory.rebuild}
    assert "goal_in_seconds 3600" in texts["Urgent"]
    assert "status" in texts["Close after a week"]


def test_every_mailbox_leads_from_team_to_group(made: Plan, sandbox: Sandbox) -> None:
    helpdesk = sandbox.kayako.helpdesk
    titles = {key: team["title"] for key, team in helpdesk.tables["team"].items()}
    boxes = helpdesk.tables["mailbox"]
    ways: Counter[tuple[str, str]] = Counter()
    for case in conversations(sandbox):
        account = (case["source_channel"] or {}).get("account") or {}
        if account.get("resource_type") != "mailbox" or case["state"] != "ACTIVE":
            continue
        team = titles.get((case["assigned_team"] or {}).get("id"), "")
        ways[boxes[account["id"]]["address"], team] += 1
    found = {
        (mailbox.address, team): number
        for mailbox in made.inventory.mailboxes
        for team, _group, _there, number in mailbox.routes
    }
    assert found == ways
    assert {mailbox.address for mailbox in made.inventory.mailboxes} == {
        box["address"] for box in boxes.values() if not box["is_deleted"]
    }
    for mailbox in made.inventory.mailboxes:
        for team, group, there, _number in mailbox.routes:
            assert group == (team or "Kayako unassigned")
            assert there == ""


def test_what_has_to_become_of_each_address_is_said(made: Plan) -> None:
    said = {mailbox.address: mailbox.forward for mailbox in made.inventory.mailboxes}
    assert "email channel" in said["support@acme.example"]
    assert "no conversation came in" in said["sales@acme.example"]
    assert "ends with the Kayako account" in said["support@acme.kayako.com"]
    assert not next(m for m in made.inventory.mailboxes if m.address == "old@acme.example").enabled


def test_every_skipped_record_is_counted_by_its_reason(made: Plan, sandbox: Sandbox) -> None:
    states = Counter(case["state"] for case in conversations(sandbox))
    assert made.skipped["tickets", "deleted in Kayako"] == states["TRASH"] > 0
    assert made.skipped["tickets", "suspended as spam in Kayako"] == states["SUSPENDED"] > 0


def test_every_label_that_is_dropped_is_counted(made: Plan, sandbox: Sandbox) -> None:
    tables = sandbox.kayako.helpdesk.tables
    own = {
        ("states", "status"): {
            key: row["label"]
            for key, row in tables["case_status"].items()
            if row["type"] == "CUSTOM"
        },
        ("types", "type"): {
            key: row["label"] for key, row in tables["case_type"].items() if row["type"] == "CUSTOM"
        },
        ("priorities", "priority"): {
            key: row["label"]
            for key, row in tables["case_priority"].items()
            if row["label"] not in {"Low", "Normal", "High", "Urgent"}
        },
    }
    expected: Counter[tuple[str, str]] = Counter()
    for case in conversations(sandbox):
        if case["state"] != "ACTIVE":
            continue
        for (vocabulary, field), labels in own.items():
            key = (case[field] or {}).get("id")
            if key in labels:
                expected[vocabulary, labels[key]] += 1
    dropped: Counter[tuple[str, str]] = Counter()
    for (vocabulary, label, _becomes, _remembered), number in made.dropped.items():
        if not label.isdigit():
            dropped[vocabulary, label] += number
    assert dropped == expected
    assert len(expected) >= 6


def test_a_field_that_nobody_decided_on_is_listed(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "mappings"
    for path in (ROOT / "mappings").rglob("*.yaml"):
        target = folder / path.relative_to(ROOT / "mappings")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("  portal: ")]
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert planned(sandbox, tmp_path, folder).inventory.undecided["tickets"] == ["portal"]


def test_as_shipped_every_field_is_decided_on(made: Plan) -> None:
    assert made.inventory.undecided == {}
