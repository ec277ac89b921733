"""An organization's phone numbers, addresses and websites as text.

The shape of their items was never recorded (kayako-api.md §10): whatever text or number an item
holds arrives, what looks like the number, the address or the site first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.snapshot.values import Json

_MAIN = {
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
_BARE = frozenset({*_LINES, "type", "label", "name", "title"})
_KAYAKOS = frozenset({"id", "uuid", "resource_type", "resource_url", "created_at", "updated_at"})


def contacts(stored: Json) -> Json:
    """Return ``phone``, ``addresses`` and ``websites`` as lists of text, an item each."""
    found = {}
    for key, names in _MAIN.items():
        items = stored.get(key) or []
        texts = [_text(item, names) for item in (items if isinstance(items, list) else [items])]
        found[key] = [text for text in texts if text]
    return found


def _text(item: Any, names: tuple[str, ...]) -> str:
    """Write one item: ``+49 30 1 (WORK)``, ``Street 1, Town``."""
    if not isinstance(item, dict):
        return ", ".join(_texts(item))
    main = next((name for name in names if isinstance(item.get(name), str | int)), None)
    # Lines of an address in their order, whatever order they were sent in.
    keys = [*(name for name in _LINES if name in item), *(key for key in item if key not in _LINES)]
    rest = [text for key in keys if key not in {main, *_KAYAKOS} for text in _named(key, item[key])]
    if main is None:
        return ", ".join(rest)
    first = str(item[main]).strip()
    return f"{first} ({', '.join(rest)})" if rest and first else first or ", ".join(rest)


def _named(key: str, value: Any) -> Iterator[str]:
    """Yield what a key holds, with the key where it does not go without saying."""
    for text in _texts(value):
        yield text if key in _BARE else f"{key}: {text}"


def _texts(value: Any) -> Iterator[str]:
    """Yield every text and number in a value, however deep; yes and no say nothing alone."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _KAYAKOS:
                yield from _named(key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif (
        isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip()
    ):
        yield str(value).strip()
