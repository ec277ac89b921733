"""Figures with their bars: printed as they come, and written as JSON in the end."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    ``value`` is the median of ``runs``; ``unit`` is ``%``, ``ms``, ``s``, ``MB``, ``x`` (a ratio)
    or empty (a count). A figure misses its bar when it is above ``at_most`` or below ``at_least``.
    """

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    runs: tuple[float, ...] = field(default=())

    @property
    def kept(self) -> bool:
        """Whether the figure keeps its bar; one without a bar does."""
        if self.at_most is not None and self.value > self.at_most:
            return False
        return self.at_least is None or self.value >= self.at_least

    def told(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**asdict(self), "kept": self.kept}


def figure(name: str, *runs: float, unit: str = "", **bar: float) -> Figure:
    """Print and return the median of ``runs``; ``bar`` is ``at_most`` or ``at_least``."""
    made = Figure(name, median(runs), unit, runs=runs, **bar)
    signs = {"at_most": "<=", "at_least": ">="}
    bars = " ".join(f"{signs[key]} {each:,g}{unit}" for key, each in bar.items())
    value = f"{made.value:,.2f}".rstrip("0").rstrip(".") + f" {unit}"
    print(f"{name:<64}{value:>14}   {bars:<14}{'' if made.kept else 'MISSED'}".rstrip(), flush=True)
    return made
