"""What people write (§17.5, §17.23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.sandbox.data import common
from runner.sandbox.data.hard.drafts import mail, note, said

if TYPE_CHECKING:
    from runner.sandbox.data.hard.drafting import Desk

AGENT = common.AGENTS[0]
MANY_POSTS = 230
"""Posts of the longest conversation: three pages of a hundred."""


def write(desk: Desk) -> None:
    """Add the conversations of this chapter."""
    desk.case(
        "Plain text only",
        mail("if a < b && b > c then <print> &amp; stop\n  indented\n\nlast", html=None),
        note("1 < 2 & 3 > 2 <not a tag>", html=None),
        said("case_message", "HELPCENTER", "<b>not bold</b>", html=None),
    )
    desk.case(
        "Empty bodies",
        mail("", html=None),
        mail("", html=""),
        mail(" \n ", AGENT, html="<div><br></div>"),
        note("", html=None),
        said("chat_message", "MESSENGER", ""),
    )
    desk.case("", mail("There is no subject."))
    desk.case(None, mail("There is a subject of nothing."))
    desk.case("  \t ", mail("The subject is blank."))
    desk.case(
        "Emoji 👩‍🚒🏳️‍🌈 and more", mail("🙂 \u2019\u201c\u201d… ﷽ e\u0301 \u200b\u202eabc", AGENT)
    )
    desk.case("Very long subject " + "again and " * 40, mail("See above."))
    desk.case("Subject\nin two lines <b>&amp;</b>", mail("See above."))
    desk.case("Dangerous HTML", mail("Click", html=_DANGEROUS), note("Also here", html=_DANGEROUS))
    long_text = "A long paragraph that says nothing. " * 6000
    desk.case("A long letter", mail(long_text), mail("Too long.", AGENT))
    desk.case(
        "Many posts",
        *(
            mail(f"Message {number}", AGENT if number % 2 == 0 else 11)
            for number in range(1, MANY_POSTS + 1)
        ),
        gap=60,
    )


_DANGEROUS = """<html><head><style>p { color: red }</style><script>alert(1)</script></head><body>
<p onclick="alert(2)" style="position:fixed;color:blue">Hello <a href="javascript:alert(3)">here</a>
<img src="x" onerror="alert(4)"><iframe src="https://evil.invalid"></iframe>
<table><tr><td>cell</td></tr></table><blockquote>quoted</blockquote></p><p>unclosed
</body></html>"""
