"""The runbook of ``migrate checklist``: days and steps in two languages, as Markdown and a page."""
