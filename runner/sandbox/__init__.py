"""A fake Kayako and a fake Zammad as real HTTP servers, for the demo, the tutorial and the tests.

Nothing outside this folder depends on it, and nothing here is used in a real migration.
"""
