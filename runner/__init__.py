"""Move a whole helpdesk from Kayako to Zammad."""

__version__ = "0.1.0"
