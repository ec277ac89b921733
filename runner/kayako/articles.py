"""Files of Help Center articles: attachments, and the images in each language's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.kayako.bodies import BodyReport, Pool, count_files
from runner.kayako.files import fetch_missing
from runner.snapshot.beside import ARTICLE_FILES
from runner.snapshot.help_center import texts
from runner.snapshot.posts import images_in
from runner.snapshot.writing import Writer

if TYPE_CHECKING:
    import threading

    from runner.kayako.bodies import Progress
    from runner.kayako.client import Kayako
    from runner.snapshot import Snapshot


def pull_articles(
    kayako: Kayako,
    snapshot: Snapshot,
    *,
    workers: int = 8,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
) -> BodyReport:
    """Fetch the files of all articles that are new or changed since theirs were fetched.

    Args:
        kayako: Whom to ask.
        snapshot: Where they go.
        workers: How many threads.
        stop: When set, what is in flight is finished or dropped as a whole.
        progress: Called with ``articles``, articles done, and their number if known.

    Returns:
        The same counts as for posts; ``read`` are articles.

    Raises:
        PreflightError, Unreachable, Interrupted: As ``pull_bodies``.
    """
    writer = Writer(snapshot)
    wanted = dict(snapshot.beside.pending(ARTICLE_FILES))

    def read(article_id: int) -> BodyReport:
        stored = snapshot.stored("articles", article_id) or {}
        shown = [url for text in texts(stored.get("contents")).values() for url in images_in(text)]
        files = fetch_missing(kayako, snapshot, stored.get("attachments") or [], shown)
        stamp = wanted[article_id]
        writer.beside(ARTICLE_FILES, article_id, None, stamp=stamp, files=files)
        return count_files(files, BodyReport(read=1))

    pool = Pool(read, name="articles", workers=workers, on_case=None, stop=stop, progress=progress)
    pool.run(wanted, len(wanted))
    return pool.report
