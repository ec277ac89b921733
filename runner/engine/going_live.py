"""The switches of going live: import mode off and seen off, and what Zammad needs afterwards.

Each is written down in the ledger's table ``settings`` before it is sent, with the value that was
there: a run that was cut off goes on where it was, one that is done sends nothing again, and
``reset`` gives back what was there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import PreflightError, Refused
from runner.zammad import import_mode
from runner.zammad import settings as zammad_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from runner.ledger import Ledger
    from runner.zammad.client import Zammad
    from runner.zammad.settings import Setting

TABLE = "settings"
"""The ledger's table: ``{source_id: name, target_id, status, before, value}``."""

_IMPORT_MODE = "import_mode"
_BY_NUMBER = "ticket_number_ignore_system_id"
_BY_REFERENCES = "postmaster_follow_up_search_in"
_FOLLOW_UPS = (_BY_NUMBER, _BY_REFERENCES)
_SEARCH = "es_url"
_PATIENCE = 3
"""So often the settling time is waited for until a process that lags is somebody's business."""


def switch_off(
    ledger: Ledger, zammad: Zammad, *, settle_seconds: float, tell: Callable[[str], None]
) -> bool:
    """Switch import mode off and see it off on 20 new connections; say whether it was on.

    Where it was off already and was seen off by the run that switched it, nothing is written.

    Raises:
        PreflightError: one of Zammad's processes stays in import mode.
    """
    settings = zammad_settings.read(zammad)
    was_on = import_mode.is_on(settings)
    table = ledger.table(TABLE)
    known = table.get(_IMPORT_MODE)
    if not was_on and (known is None or known["status"] == "done"):
        return False
    note = {"source_id": _IMPORT_MODE, "target_id": settings[_IMPORT_MODE].id, "probes": []}
    if known is not None:
        import_mode.remove_probes(zammad, known.get("probes", []))
    table.put_durably([{**note, "status": "intended"}])
    if was_on:
        tell(f"switching import mode off and waiting {settle_seconds:g} s")
        import_mode.switch(zammad, on=False, settle_seconds=settle_seconds)
    _see_off(ledger, zammad, settle_seconds=settle_seconds, tell=tell)
    table.put_durably([{**note, "status": "done"}])
    return was_on


def _see_off(
    ledger: Ledger, zammad: Zammad, *, settle_seconds: float, tell: Callable[[str], None]
) -> None:
    table = ledger.table(TABLE)

    def journal(name: str) -> None:
        document = table.get(_IMPORT_MODE) or {}
        table.put_durably([{**document, "probes": [*document.get("probes", []), name]}])

    tell(f"looking on {import_mode.PROBES} new connections whether all of Zammad has seen it")
    for attempt in range(1, _PATIENCE + 1):
        try:
            import_mode.prove_off(zammad, journal=journal)
        except PreflightError:
            if attempt == _PATIENCE:
                raise
            tell(f"one of Zammad's processes has not seen it yet: waiting {settle_seconds:g} s")
            import_mode.settle(settle_seconds)
        else:
            return


def set_up(ledger: Ledger, zammad: Zammad, *, follow_ups: bool) -> tuple[list[str], list[str]]:
    """Write the settings that a moved helpdesk needs; return what was changed, and what to know.

    ``es_url`` gets back what it was when the move began, where somebody emptied it since.
    """
    settings = zammad_settings.read(zammad)
    changed, told = [], []
    for name, value in _wanted(ledger, settings, follow_ups=follow_ups):
        if name not in settings:
            told.append(f"{name}: this Zammad does not show it to the token, so it stays as it is")
            continue
        try:
            if _written(ledger, zammad, name, settings[name], value):
                changed.append(f"{name}: {_word(value)} (was {_word(settings[name].value)})")
        except Refused as refusal:
            told.append(f"{name}: cannot be set, do it yourself: {_word(value)} ({refusal})")
    return changed, told


def _wanted(
    ledger: Ledger, settings: Mapping[str, Setting], *, follow_ups: bool
) -> Iterator[tuple[str, Any]]:
    if follow_ups:
        # Moved tickets keep Kayako's numbers, which do not begin with Zammad's system id.
        yield _BY_NUMBER, True
        yield _BY_REFERENCES, _with_references(settings.get(_BY_REFERENCES))
    url = ledger.target.get("settings", {}).get(_SEARCH)
    if url and _SEARCH in settings and not settings[_SEARCH].value:
        yield _SEARCH, url


def _with_references(setting: Setting | None) -> list[str]:
    """Return where Zammad looks for the ticket of a mail, with the ids of earlier mails added."""
    value = setting.value if setting is not None else None
    places = [str(place) for place in value] if isinstance(value, list) else []
    if isinstance(value, str) and value:
        places = [value]
    return places if "references" in places else [*places, "references"]


def _written(ledger: Ledger, zammad: Zammad, name: str, setting: Setting, value: Any) -> bool:
    """Write one setting, once: what somebody sets otherwise later stays."""
    table = ledger.table(TABLE)
    known = table.get(name)
    if known is not None and known["status"] == "done":
        return False
    if known is None and setting.value == value:
        return False
    before = setting.value if known is None else known["before"]
    note = {"source_id": name, "target_id": setting.id, "before": before, "value": value}
    table.put_durably([{**note, "status": "intended"}])
    zammad_settings.write(zammad, setting, value)
    table.put_durably([{**note, "status": "done"}])
    return True


def give_back(ledger: Ledger, zammad: Zammad) -> int:
    """Give settings back what they were before ``finish``; return how many were.

    What somebody has changed since stays.
    """
    settings = zammad_settings.read(zammad)
    number = 0
    for name in (*_FOLLOW_UPS, _SEARCH):
        document = ledger.table(TABLE).get(name)
        setting = settings.get(name)
        if document is None or setting is None or setting.value != document["value"]:
            continue
        zammad_settings.write(zammad, setting, document["before"])
        ledger.table(TABLE).remove(name)
        number += 1
    return number


def remembered(settings: Mapping[str, Setting]) -> dict[str, Any]:
    """Return what the ledger keeps of the settings before the first write."""
    kept: dict[str, Any] = {_IMPORT_MODE: import_mode.is_on(dict(settings))}
    url = settings[_SEARCH].value if _SEARCH in settings else ""
    if url and "@" not in str(url):  # A password in it does not belong into the ledger.
        kept[_SEARCH] = url
    return kept


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "nothing"
    return str(value) if value else "nothing"
