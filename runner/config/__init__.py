"""The user's config file, ``.env`` and secrets."""
