"""What a transcript of the knowledge base needs beside the rest: digests, forms, pictures."""

from __future__ import annotations

import re
from typing import Any

import requests

CONTENT_ID = re.compile(r'cid="[^"]+"')
UPLOADED = b"eleven byte"
"""The recorder kept the size of the file, not its bytes."""

ASSET_KINDS = {
    "KnowledgeBase": "bases",
    "KnowledgeBaseLocale": "kb_locales",
    "KnowledgeBaseTranslation": "kb_translations",
    "KnowledgeBaseCategory": "categories",
    "KnowledgeBaseCategoryTranslation": "category_translations",
    "KnowledgeBaseAnswer": "answers",
    "KnowledgeBaseAnswerTranslation": "answer_translations",
    "KnowledgeBaseAnswerTranslationContent": "contents",
}
DIGESTS = {
    "answer": "KnowledgeBaseAnswer",
    "content": "KnowledgeBaseAnswerTranslationContent",
    "translation": "KnowledgeBaseAnswerTranslation",
}
"""Keys that the recorder made of assets."""


def with_digests(recorded: dict[str, Any], actual: dict[str, Any]) -> dict[str, Any]:
    """Add what the recorder kept of an answer's assets, and the part of long lists."""
    derived = dict(actual)
    assets = actual.get("assets", actual)
    for key, model in DIGESTS.items():
        if key in recorded and model in assets:
            rows = assets[model]
            derived[key] = next(iter(rows.values())) if key == "answer" else rows
    if "collections" in recorded:
        wanted = len(recorded["collections"]["Locale"])
        derived["collections"] = {"Locale": actual["collections"]["Locale"][:wanted]}
    return derived


def form(session: requests.Session, url: str, body: dict[str, Any], token: str) -> Any:
    """Send the recorded form with a file of the recorded size."""
    file = body["file"]
    return session.post(
        url,
        headers={"Accept": "application/json", "Authorization": token},
        files={"file": (file["filename"], UPLOADED, file["mime-type"])},
        timeout=10,
    )
