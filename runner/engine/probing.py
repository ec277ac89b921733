"""Probes are written down before they are made, so that an interrupted run leaves none behind."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runner.zammad import probes
from runner.zammad.import_mode import PROBE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad

_KEY = "probe_records"


@contextmanager
def probe(ledger: Ledger, zammad: Zammad, entity: str, **values: Any) -> Iterator[str]:
    """Make a record for a moment; give its path (``/tickets/17``).

    Raises:
        Refused: Zammad does not take it.
    """
    name = f"{PROBE_PREFIX}{secrets.token_hex(8)}"
    _save(ledger, [*_noted(ledger), [entity, name]])
    try:
        yield f"{probes.PATHS[entity]}/{probes.create(zammad, entity, name, **values)}"
    finally:
        probes.remove(zammad, entity, name)
        _save(ledger, [entry for entry in _noted(ledger) if entry != [entity, name]])


def remove_left_over(ledger: Ledger, zammad: Zammad) -> None:
    """Take away what an interrupted run left."""
    left = _noted(ledger)
    for entity, name in left:
        probes.remove(zammad, entity, name)
    if left:
        _save(ledger, [])


def _noted(ledger: Ledger) -> list[list[str]]:
    return list(ledger.target.get(_KEY, []))


def _save(ledger: Ledger, entries: list[list[str]]) -> None:
    ledger.save_target({**ledger.target, _KEY: entries})
