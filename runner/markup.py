"""HTML that anybody may have written, read in time that grows with its length alone."""

from __future__ import annotations

from html.parser import HTMLParser

_MOST_OPEN = 50


class Markup(HTMLParser):
    """``HTMLParser`` for mails of strangers: whoever writes them cannot make it read for hours.

    The library's own ``close`` tries every ``<`` of what was never closed anew, up to the end of
    the text: 350 kB of ``<a href='`` take minutes. Here such a rest is text as a whole; only where
    few are open it is taken apart as the library does.
    """

    def close(self) -> None:
        """Handle what is left of the text after its last complete piece."""
        if self.rawdata.count("<") > _MOST_OPEN:
            rest, self.rawdata = self.rawdata, ""
            self.handle_data(rest)
            return
        super().close()
