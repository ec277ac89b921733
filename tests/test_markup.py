from __future__ import annotations

from runner.markup import Markup


class Pieces(Markup):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.turns = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.turns += 1
        self.text += data


def test_a_tag_that_is_never_closed_is_text() -> None:
    pieces = Pieces("one <b>two</b> <a href='three")
    assert pieces.tags == ["b"]
    assert pieces.text == "one two <a href='three"


def test_many_tags_that_are_never_closed_are_one_text() -> None:
    for piece in ("<a href='", "<!-- ", "<a ", "</", "<![CDATA[", "<?"):
        pieces = Pieces("before <b>" + piece * 40_000)
        assert pieces.tags == ["b"]
        assert pieces.text == "before " + piece * 40_000
        assert pieces.turns <= 3
