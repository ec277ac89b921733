"""A runbook as a page to print: the report's style, no script, no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

import runner.report.page as report_page

if TYPE_CHECKING:
    from runner.report.runbook.model import Runbook

_HERE = Path(__file__).parent
_STYLE = Path(report_page.__file__).parent / "style.css"


def page(made: Runbook) -> str:
    """Return the runbook as one HTML file."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["coded"] = _coded
    style = Markup(_STYLE.read_text(encoding="utf-8"))  # noqa: S704 - a file of ours
    return environment.get_template("page.html.jinja").render(made=made, style=style)


def _coded(text: str) -> Markup:
    """Return a text with what stands in backquotes as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )
