"""Kayako's REST API v1: session, paging, pull into the snapshot."""
