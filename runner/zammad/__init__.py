"""Zammad's REST API: client, preflight, import mode, one module a target object."""
