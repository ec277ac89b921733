"""Kinds of requests to Kayako that take differently long, for estimates."""

from __future__ import annotations

import re

LISTS, POSTS, FILES, BESIDE = "lists", "posts", "files", "beside"
"""Pages of the lists; pages of a conversation's posts; files; what is asked record by record."""

_POSTS = re.compile(r"cases/\d+/posts")
_FILES = re.compile(r"/attachments/|/media/|/avatar")
_BESIDE = re.compile(r"(cases|users|organizations|side-conversations)/\d+|cases/posts/\d+/")


def kind_of(_method: str, path: str) -> str:
    """Return the kind of a request by its path."""
    if _FILES.search(path):
        return FILES
    if _POSTS.search(path):
        return POSTS
    return BESIDE if _BESIDE.search(path) else LISTS
