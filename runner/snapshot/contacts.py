"""An organization's phone numbers, addresses and websites as text.

The shape of their items was never recorded (kayako-api.md §10): the keys that its other identities
have are known; an item that has none of them stays as Kayako sent it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.snapshot.values import Json

_SINGLE = {
    "phone": ("number", "phone", "value"),
    "addresses": ("address", "value", "formatted"),
    "websites": ("url", "website", "value"),
}
_LINES = (
    "address1",
    "address2",
    "address_line_1",
    "address_line_2",
    "street",
    "postal_code",
    "zip",
    "city",
    "state",
    "country",
)


def contacts(stored: Json) -> Json:
    """Return ``phone``, ``addresses``, ``websites`` as lists of text, unknown items as they are."""
    found = {}
    for key, names in _SINGLE.items():
        items = stored.get(key) or []
        texts = [_text(item, names) for item in (items if isinstance(items, list) else [items])]
        found[key] = [text for text in texts if text]
    return found


def _text(item: Any, names: tuple[str, ...]) -> Any:
    if isinstance(item, str):
        return item.strip()
    if not isinstance(item, dict):
        return item
    for name in names:
        if isinstance(item.get(name), str) and item[name].strip():
            return item[name].strip()
    if "address" not in names:
        return item
    lines = [str(item[name]).strip() for name in _LINES if item.get(name)]
    return ", ".join(lines) or item
