"""From a record and a mapping to a payload: pure, without clock or I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.mapping.model import DroppedLabel, Note, Outcome
from runner.mapping.running import FieldFailed, RecordSkipped, Run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from runner.mapping.compiling import Field
    from runner.mapping.model import Mappings

__all__ = ["DroppedLabel", "Note", "Outcome", "transform"]


def transform(
    mappings: Mappings,
    entity: str,
    record: Mapping[str, Any],
    *,
    parent: Mapping[str, Any] | None = None,
    go_live: date,
) -> Outcome:
    """Apply an entity's mapping to one expanded record.

    The same arguments always give an equal result; neither record nor mappings are changed. A
    value that cannot be carried over is a line in ``failures``, never an exception.

    Args:
        mappings: What ``load_mappings`` gave.
        entity: groups, organizations, users, tickets, articles or time_entries.
        record: The expanded record, as ``schemas/records`` describes it.
        parent: For articles and time entries the expanded case.
        go_live: The day of the switch: the only "now" there is.

    Raises:
        KeyError: There is no mapping for the entity.
    """
    program = mappings.programs[entity]
    run = Run(record=record, parent=parent, go_live=go_live.isoformat())
    try:
        for reason in program.skips:
            left_out = reason(run)
            if left_out:
                return Outcome({}, skip=left_out)
        fields = program.choose(run)
    except FieldFailed as error:
        return Outcome({}, failures=(str(error),))
    left_out = _fill(run, fields)
    if left_out:
        return Outcome({}, skip=left_out)
    _tag(run)
    return Outcome(
        payload=run.payload,
        notes=tuple(run.notes),
        dropped=tuple(run.dropped),
        failures=tuple(run.failures),
        remembered=tuple(run.remembered),
        creates=tuple(run.creates),
    )


def _fill(run: Run, fields: tuple[Field, ...]) -> str | None:
    """Fill the payload field by field; a reason says that the whole record is left out."""
    for name, fill in fields:
        run.filling = name
        try:
            value = fill(run)
        except FieldFailed as error:
            run.failures.append(f"{name}: {error}")
        except RecordSkipped as reason:
            return str(reason)
        else:
            if value is not None:
                run.payload[name] = value
    return None


def _tag(run: Run) -> None:
    """Add the tags that remember dropped labels."""
    if run.tags:
        tags = [*run.payload.get("tags", []), *run.tags]
        run.payload["tags"] = list(dict.fromkeys(tags))
