"""The sample as it is kept: its conversations, and what somebody found when looking at them.

A file beside the reports, one for each target, so that another apply takes the same ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from runner.engine.sampling import Chosen
from runner.engine.traits import Trait
from runner.errors import StoreUnreadable
from runner.ledger import reading
from runner.pipeline.keeping import REPORTS, private_file

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from pathlib import Path

    from runner.config.model import Config
    from runner.ledger import Readable


@dataclass(frozen=True, slots=True)
class Tick:
    """What somebody found; ``holds`` is False where the ticket was written anew since."""

    case_id: int
    right: bool
    remark: str
    by: str
    at: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """The set as it is kept.

    ``asked`` conversations were asked for; ``ticks`` are by case id, those that do not hold any
    more included. The other fields: see ``runner.engine.sampling.Choice``.
    """

    asked: int
    made_at: str
    cases: tuple[Chosen, ...]
    no_room: tuple[Trait, ...] = ()
    left_out: tuple[Trait, ...] = ()
    unread: int = 0
    ticks: Mapping[int, Tick] = field(default_factory=dict)
    marks: Mapping[int, list[Any]] = field(default_factory=dict)

    @property
    def case_ids(self) -> tuple[int, ...]:
        """The conversations, in the order in which they were chosen."""
        return tuple(one.case_id for one in self.cases)

    def counts(self) -> dict[str, int]:
        """Return how many there are, look right, are wrong, and were not looked at."""
        found = (self.ticks.get(case_id) for case_id in self.case_ids)
        held = [tick for tick in found if tick is not None and tick.holds]
        right = sum(tick.right for tick in held)
        return {
            "total": len(self.cases),
            "looked_at": len(held),
            "right": right,
            "wrong": len(held) - right,
            "open": len(self.cases) - len(held),
        }

    def wrong(self) -> list[Tick]:
        """Return what is wrong, in the order of the set."""
        found = (self.ticks.get(case_id) for case_id in self.case_ids)
        return [tick for tick in found if tick is not None and tick.holds and not tick.right]

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            **self.counts(),
            "conversations": [_case_json(one, self.ticks.get(one.case_id)) for one in self.cases],
            "not_covered": {
                "no_room": [list(trait) for trait in self.no_room],
                "left_out": [list(trait) for trait in self.left_out],
            },
            "messages_unread": self.unread,
        }


def _case_json(one: Chosen, tick: Tick | None) -> dict[str, Any]:
    shown = None
    if tick is not None:
        shown = {name: getattr(tick, name) for name in ("right", "remark", "by", "at", "holds")}
    return {"id": one.case_id, "why": [list(trait) for trait in one.why], "tick": shown}


def sample_file(config: Config) -> Path:
    """Return where the sample of the configured target is kept."""
    return config.workdir / REPORTS / f"sample-{config.zammad.key}.json"


def sample_page(config: Config) -> Path:
    """Return where its page is."""
    return sample_file(config).with_suffix(".html")


def kept_sample(config: Config, ledger: Readable | None = None) -> Sample | None:
    """Return the sample as it stands; None before the first.

    Args:
        config: names the workdir and the target.
        ledger: says which tickets were written anew since; opened where it is left out.

    Raises:
        StoreUnreadable: the file, or the ledger, is damaged.
    """
    sample = stored_sample(config)
    if sample is None or not sample.ticks:
        return sample
    if ledger is None:
        with reading(config.ledger_file) as opened:
            return kept_sample(config, opened)
    marks = marks_of(ledger, sample.ticks)
    ticks = {
        case_id: replace(tick, holds=marks.get(case_id) == sample.marks.get(case_id))
        for case_id, tick in sample.ticks.items()
    }
    return replace(sample, ticks=ticks)


def stored_sample(config: Config) -> Sample | None:
    """Return the sample without asking whether what was found still holds; None before the first.

    Raises:
        StoreUnreadable: the file is damaged.
    """
    path = sample_file(config)
    if not path.exists():
        return None
    try:
        return _read(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreUnreadable(
            f"{path}: this is no sample that can be read ({type(error).__name__})",
            advice="remove it and run migrate apply --sample 25 again",
        ) from error


def marks_of(ledger: Readable, case_ids: Container[int]) -> dict[int, list[Any]]:
    """Return what tells whether the tickets of conversations are still those of a former look."""
    return {
        int(known["source_id"]): [known.get("target_id"), known.get("fingerprint")]
        for known in ledger.documents("tickets")
        if known["source_id"].isdecimal() and int(known["source_id"]) in case_ids
    }


def keep_sample(config: Config, sample: Sample) -> None:
    """Keep a sample in place of the one before.

    Raises:
        MigrateError: it cannot be written.
    """
    document = {
        "asked": sample.asked,
        "made_at": sample.made_at,
        "cases": [{"id": one.case_id, "why": [list(t) for t in one.why]} for one in sample.cases],
        "no_room": [list(trait) for trait in sample.no_room],
        "left_out": [list(trait) for trait in sample.left_out],
        "unread": sample.unread,
        "ticks": [
            {
                "id": tick.case_id,
                "right": tick.right,
                "remark": tick.remark,
                "by": tick.by,
                "at": tick.at,
                "mark": sample.marks[case_id],
            }
            for case_id, tick in sample.ticks.items()
        ],
    }
    with private_file(sample_file(config)) as file:
        file.write(json.dumps(document, indent=1).encode("ascii"))


def _read(document: Mapping[str, Any]) -> Sample:
    ticks = document["ticks"]
    return Sample(
        asked=int(document["asked"]),
        made_at=str(document["made_at"]),
        cases=tuple(Chosen(int(one["id"]), _traits(one["why"])) for one in document["cases"]),
        no_room=_traits(document["no_room"]),
        left_out=_traits(document["left_out"]),
        unread=int(document["unread"]),
        ticks={
            int(one["id"]): Tick(
                int(one["id"]),
                right=one["right"] is True,
                remark=str(one["remark"]),
                by=str(one["by"]),
                at=str(one["at"]),
            )
            for one in ticks
        },
        marks={int(one["id"]): list(one["mark"]) for one in ticks},
    )


def _traits(rows: Iterable[Iterable[Any]]) -> tuple[Trait, ...]:
    return tuple(Trait(*map(str, row)) for row in rows)
