"""The page's words, in English and German, and how each language writes numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "de")

_FILES = ("words.yaml", "words_sample.yaml")
_HOUR, _DAY = 3600, 86_400


@cache
def table() -> dict[str, dict[str, str]]:
    """Return all words: key → language → text with ``{placeholders}``."""
    words: dict[str, dict[str, str]] = {}
    for name in _FILES:
        words |= yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return words


class Words:
    """One language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: Any) -> str:
        """Return the words of a key; whole numbers among the values are written as people do."""
        told = {
            name: self.number(value) if isinstance(value, int) else value
            for name, value in values.items()
        }
        return table()[key][self.language].format(**told)

    def known(self, key: str, otherwise: str) -> str:
        """Return the words of a key that may be new to us, or the word itself."""
        return self(key) if key in table() else otherwise

    def entity(self, name: str) -> str:
        """Return what people call the records of an entity."""
        return self.known(f"entity.{name}", name.replace("_", " ").capitalize())

    def one(self, name: str) -> str:
        """Return what people call one record of an entity."""
        return self.known(f"one.{name}", self.entity(name))

    def number(self, value: float) -> str:
        """Return a number with its thousands apart; small fractions with one digit."""
        text = f"{value:,.1f}" if 0 < value < 10 and value != int(value) else f"{value:,.0f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "de" else text

    def moment(self, text: str) -> str:
        """Return a time like ``2026-12-05T08:00:00Z`` for people, in UTC."""
        at = datetime.fromisoformat(text).astimezone(UTC)
        if self.language == "de":
            return f"{at.day}.{at.month}.{at.year}, {at:%H:%M} Uhr (UTC)"
        return f"{at.day} {at:%b} {at.year}, {at:%H:%M} UTC"

    def span(self, seconds: float) -> str:
        """Return a duration in its two largest units."""
        whole = round(seconds)
        if whole < 60:
            return f"{self.number(seconds) if seconds < 10 else whole} s"
        if whole < _HOUR:
            return f"{whole // 60} min {whole % 60} s"
        if whole < _DAY:
            return f"{whole // _HOUR} h {whole % _HOUR // 60} min"
        return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"

    def month(self, word: str) -> str:
        """Return the word below a column: ``3/24`` of ``2024-03``, a year as it is."""
        year, _, month = word.partition("-")
        if not month:
            return year
        return f"{int(month)}/{year[2:]}"
