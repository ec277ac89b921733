"""One record, explained in the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from runner.documents import load
from runner.engine import failures
from runner.engine.change import plain
from runner.errors import InvalidFiles
from runner.report.failures import failure
from runner.report.terminal import clean
from runner.report.words import in_words

if TYPE_CHECKING:
    from rich.console import Console

    from runner.documents import Document
    from runner.engine.explain import Article, Explanation
    from runner.mapping.model import Mappings
    from runner.mapping.tracing import Step

_SHOWN = 300
_NOT_SHOWN = "Zammad does not show it now"
_NEVER_THERE = {
    "failed": "it is not in Zammad: no attempt made it there",
    "skipped": "it is not in Zammad: it was left out",
}
_UNSURE = "whether it is in Zammad is looked up before anything is sent"


def explanation(
    out: Console, found: Explanation, mappings: Mappings, *, post: str | None = None
) -> None:
    """Print everything about one record: source, rules, notes, ledger, Zammad, what comes next.

    Args:
        out: Where to.
        found: The explanation.
        mappings: To say in which line of which file each rule stands.
        post: Id of the one post whose rules are printed as well.
    """
    change = found.change
    out.print(f"[bold]{clean(found.entity)}/{clean(change.source_id)}[/] {clean(change.label)}")
    out.print("\n[bold]In Kayako[/]")
    out.print(clean(_as_yaml(found.record)))
    file = mappings.entities[found.entity].file
    out.print(f"[bold]Rules[/] ({clean(file)})")
    if not found.steps:
        out.print(f"  none was used: {clean(change.reason)}")
    _rules(out, file, found.steps)
    _articles(out, found, mappings, post)
    if change.notes:
        out.print("\n[bold]Notes[/] (what is not carried over as it was)")
    for note in change.notes:
        out.print(f"  {clean(note.field)} {note.kind}: {clean(note.text)}")
    _now(out, found)
    _next(out, found)


def _rules(out: Console, file: str, steps: list[Step]) -> None:
    try:
        document: Document | None = load(Path(file))
    except InvalidFiles:
        document = None
    for step in steps:
        line = document.position(step.place, key=True)[0] if document else 0
        where = f":{line}" if line else ""
        out.print(f"  [bold]{clean(step.field)}[/][dim]{where}[/]  {clean(step.rule)}")
        for path, value in step.inputs.items():
            out.print(f"      [dim]{clean(path)}:[/] {clean(_short(value))}")
        if step.failure is not None:
            out.print(f"      [red]✗ {clean(step.failure)}[/]")
        else:
            result = "left out" if step.output is None else _short(plain(step.output))
            out.print(f"      → {clean(result)}")
        for note in step.notes:
            out.print(f"      [yellow]{note.kind}[/]: {clean(note.text)}")


def _articles(out: Console, found: Explanation, mappings: Mappings, post: str | None) -> None:
    if found.articles:
        out.print(f"\n[bold]Messages[/] ({clean(mappings.entities['articles'].file)})")
    for article in found.articles:
        out.print(f"  post {article.post['id']}: {clean(_article(article))}")
        if str(article.post["id"]) == post:
            _rules(out, mappings.entities["articles"].file, article.steps)
    if found.articles and post is None:
        out.print("  [dim]--post ID shows the rules at work on one of them[/]")


def _article(article: Article) -> str:
    if article.skip is not None:
        return f"left out: {article.skip}"
    payload = article.payload
    kind = f"{payload.get('type')} by {payload.get('sender')}"
    internal = ", internal" if payload.get("internal") else ""
    body = " ".join(str(payload.get("body", "")).split())
    return f"{article.post['created_at']} {kind}{internal}: {body[:60]}"


def _now(out: Console, found: Explanation) -> None:
    out.print("\n[bold]Ledger[/]")
    known = found.ledger
    if known is None:
        out.print("  nothing: it was not moved yet")
        return
    where = f", Zammad id {known['target_id']}" if known.get("target_id") else ""
    out.print(f"  {known['status']}{where}, {known.get('action')} at {known.get('at')}")
    if failures.KEY in known:
        out.print("  [red]the last attempt failed[/]")
        failure(out, known[failures.KEY])
    if found.there is None:
        sent = known.get("target_id") is not None
        out.print(f"  {_NOT_SHOWN if sent else _NEVER_THERE.get(known['status'], _UNSURE)}")
        return
    out.print("\n[bold]In Zammad now[/] (fields that differ from what was written)")
    different = 0
    for name, written in (known.get("applied") or {}).items():
        there = found.there.get(name)
        if name in found.there and str(there)[:19] != str(written)[:19]:
            different += 1
            out.print(f"  {clean(name)}: {clean(_short(there))}, written: {clean(_short(written))}")
    if not different:
        out.print("  none")


def _next(out: Console, found: Explanation) -> None:
    change = found.change
    reason = f" ({change.reason})" if change.reason else ""
    out.print(f"\n[bold]Apply would[/]: {change.action.value}{clean(reason)}")
    for difference in change.differences:
        before, after = _short(difference.before), _short(difference.after)
        out.print(f"  {clean(difference.field)}: {clean(before)} → {clean(after)}")
    for difference in change.conflicts:
        out.print(f"  {clean(difference.field)}: stays, it was changed in Zammad too")
    if change.children:
        out.print(f"  write {len(change.children)} articles")
    due = sum(entry.is_due for entry in change.times)
    if due:
        out.print(f"  write {due} time entries")


def _as_yaml(record: dict[str, Any]) -> str:
    """Return a record as people read it: empty fields left out, in Kayako's order."""
    kept = {name: value for name, value in record.items() if value not in (None, "", [], {})}
    text = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=100)
    return "".join(f"  {line}\n" for line in text.splitlines())


def _short(value: object) -> str:
    if isinstance(value, dict) and "ref" not in value:
        value = json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(in_words(value).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
