"""Writes the golden runbooks anew, ``python -m tests.report.runbook.golden``; read the diff."""

from __future__ import annotations

from runner.report.page.words import LANGUAGES
from runner.report.runbook.filling import runbook
from runner.report.runbook.markdown import markdown
from tests.report.runbook.test_runbook import HERE, occasion

for language in LANGUAGES:
    made = markdown(runbook(occasion(language=language)))
    (HERE / f"runbook-{language}.md").write_text(made, encoding="utf-8")
