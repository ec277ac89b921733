"""What is certified: one statement a line, each true or not, each with its figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.pipeline import Sample
    from runner.report.figures.model import Checked, Figures


_MOST_REMARKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One statement: ``key`` names its words; ``holds`` is None where nothing is claimed."""

    key: str
    holds: bool | None
    values: Mapping[str, int | str] = field(default_factory=dict)


def lines(figures: Figures) -> tuple[Line, ...]:
    """Return the statements on conversations, in the order in which they are asked for."""
    row = figures.row("tickets")
    return (
        Line(
            "adds_up_in_part" if row.outside else "adds_up",
            row.open == 0,
            {
                "in_kayako": row.in_kayako,
                "moved": row.moved,
                "left_out": row.left_out,
                "open": row.open,
                **({"outside": row.outside} if row.outside else {}),
            },
        ),
        *_read_back(figures.checked),
        *_looked_at(figures.sample),
        Line("mails", True if figures.proven else None),
        _delta(figures),
        *_backup(figures.backup),
        Line(
            "live" if figures.finished_at else "not_live",
            None,
            {"at": figures.finished_at or ""},
        ),
    )


def _read_back(checked: Checked | None) -> tuple[Line, ...]:
    if checked is None:
        return (Line("not_verified", holds=False),)
    words = checked.result["counts"].get("tickets", {})
    wanted, there = words.get("wanted", 0), words.get("there", 0)
    kinds = checked.result.get("kinds", {})
    differences = checked.result.get("differences_total", 0)
    compared = checked.result.get("checked", {})
    found = [
        Line("read_back", wanted == there, {"wanted": wanted, "there": there}),
        Line("doubled", not kinds.get("doubled"), {"number": kinds.get("doubled", 0)}),
        Line(
            "compared" if checked.whole else "sampled",
            not differences and checked.whole,
            {
                "tickets": compared.get("tickets", 0),
                "articles": compared.get("articles", 0),
                "attachments": compared.get("attachments", 0),
                "differences": differences,
            },
        ),
    ]
    if checked.stale:
        found.append(Line("stale", holds=False, values={"at": checked.started_at}))
    return tuple(found)


def _backup(said: Mapping[str, str] | None) -> tuple[Line, ...]:
    if said is None:
        return ()
    return (Line("backup" if said["text"] else "no_backup", None, dict(said)),)


def _looked_at(sample: Sample | None) -> tuple[Line, ...]:
    """Return what people found who looked at a sample; nothing where nobody did."""
    if sample is None or not sample.counts()["looked_at"]:
        return ()
    wrong = sample.wrong()
    told = "; ".join(f"{one.case_id} {one.remark}".strip() for one in wrong[:_MOST_REMARKS])
    key = "looked_at_wrong" if wrong else "looked_at"
    return (Line(key, not wrong, {**sample.counts(), "remarks": told}),)


def _delta(figures: Figures) -> Line:
    """Return what came along after the first time: the last apply that changed something."""
    later = [run for run in figures.applies[1:] if run.wrote]
    if not later:
        return Line("no_delta", None)
    last = later[-1]
    created, updated = last.sum("created"), last.sum("updated")
    values = {"changed": created + updated, "created": created, "updated": updated}
    return Line("delta", None, {**values, "at": last.started_at})
