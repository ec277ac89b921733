from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from runner.scrubbing import scrubbed

SECRET = 'pa ss/"wörd"&=%'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        json.dumps(SECRET)[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_secret_is_found_in_every_form_in_which_it_travels(form: str) -> None:
    assert scrubbed(f"before {form} after", (SECRET,)) == "before *** after"


def test_a_long_secret_is_found_inside_other_text_and_the_longest_first() -> None:
    secrets = ("token-12345", "token-12345-and-more", "")
    assert scrubbed("xtoken-12345-and-morex token-12345", secrets) == "x***x ***"


def test_a_short_secret_does_not_mutilate_words() -> None:
    assert scrubbed("the latest test: test=1, (test)", ("test",)) == "the latest ***: ***=1, (***)"


def test_a_login_inside_an_address_is_taken_out_whoever_knows_it() -> None:
    text = "ProxyError: http://user:word@proxy.example:3128/ and https://example.org:443/a@b"
    assert scrubbed(text, ()) == (
        "ProxyError: http://***@proxy.example:3128/ and https://example.org:443/a@b"
    )
