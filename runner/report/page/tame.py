"""Text of unknown origin, made so that it can only be read.

Names and subjects come from anybody who ever wrote a mail. Jinja2 escapes markup; this takes out
what acts without any: terminal escapes, marks that turn the direction of writing, halves of
surrogate pairs, which no file can hold.
"""

from __future__ import annotations

import re

_LINES = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
ACTING = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

REPLACED = "\N{REPLACEMENT CHARACTER}"


def tame(text: object) -> str:
    """Return a text on one line, without anything that acts."""
    line = _LINES.sub(" ", str(text))
    return ACTING.sub(REPLACED, TURNING.sub("", line))


def short(text: object, most: int = 160) -> str:
    """Return a text tamed, at most ``most`` characters of it."""
    line = tame(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
