"""What stands in the redirect files, and that nginx would take it."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runner.report import redirects

ZAMMAD = "https://zammad.example"
PAGES = [
    redirects.conversation("1", "ticket/zoom/number/1"),
    redirects.conversation("2", "ticket/zoom/number/772"),
    redirects.conversation("3", "ticket/zoom/9"),
    redirects.Page("/article/85", "a85", "knowledge_base/1/locale/en-us/answer/4"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hosts = ["https://acme.kayako.com", "https://help.acme.example"]
    assert redirects.write(tmp_path / "out", iter(PAGES), hosts=hosts, zammad_url=ZAMMAD) == 4
    return tmp_path / "out"


def tokens(text: str) -> list[str]:
    """Nginx's tokens: quoted strings, bare words, and the three signs."""
    bare = re.sub(r"(?m)^\s*#.*$", "", text)
    return re.findall(r'"(?:[^"\\]|\\.)*"|[{};]|[^\s{};"]+', bare)


def rules(folder: Path) -> dict[str, list[list[str]]]:
    """The lines of each map; every statement has to end, and every brace to close."""
    found: dict[str, list[list[str]]] = {}
    name, line = "", list[str]()
    for token in tokens((folder / redirects.MAPS).read_text()):
        if token == "{":
            assert not name
            assert line[0] == "map"
            assert len(line) == 3
            name, line = line[2], []
            found[name] = []
        elif token == "}":
            assert name
            assert line == []
            name = ""
        elif token == ";":
            assert len(line) == 2, line
            found[name].append([part.strip('"') for part in line])
            line = []
        else:
            line.append(token)
    assert name == ""
    assert line == []
    return found


def led(folder: Path, path: str) -> str:
    """Where nginx would lead a path: exact words first, then patterns in their order."""
    maps = rules(folder)
    return _mapped(maps["$zammad_page"], _mapped(maps["$kayako_page"], path))


def _mapped(lines: list[list[str]], value: str) -> str:
    for key, result in lines:
        if key == value:
            return result
    for key, result in lines:
        if not key.startswith("~"):
            continue
        match = re.search(key[1:].replace("(?<", "(?P<"), value)
        if match:
            (group,) = match.groups()
            return re.sub(r"\$\w+", group, result)
    return ""


def test_the_table_has_each_page_at_each_host(folder: Path) -> None:
    rows = list(csv.DictReader((folder / redirects.CSV).open()))
    assert len(rows) == 8
    assert rows[0] == {
        "kayako_url": "https://acme.kayako.com/conversation/1",
        "zammad_url": f"{ZAMMAD}/#ticket/zoom/number/1",
    }
    assert rows[7]["kayako_url"] == "https://help.acme.example/article/85"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/agent/conversations/1", "ticket/zoom/number/1"),
        ("/en-us/conversation/2", "ticket/zoom/number/772"),
        ("/conversations/3/", "ticket/zoom/9"),
        ("/de/article/85-some-words", "knowledge_base/1/locale/en-us/answer/4"),
        ("/article/86-other-words", ""),
        ("/agent/conversations/view/1", ""),
        ("/conversation/new/11", ""),
        ("/conversation/1x", ""),
        ("/", ""),
    ],
)
def test_the_rules_lead_every_form_of_an_address(folder: Path, path: str, page: str) -> None:
    assert led(folder, path) == page


def test_the_server_rule_is_one_that_leads_to_zammad(folder: Path) -> None:
    text = (folder / redirects.SERVER).read_text()
    assert "acme.kayako.com, help.acme.example" in text
    assert tokens(text) == [
        *("if", "($zammad_page", "!=", '""', ")", "{"),
        *("return", "302", f"{ZAMMAD}/#$zammad_page", ";", "}"),
    ]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_takes_the_rules(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{"
        f" include {folder / redirects.MAPS}; server {{ listen 127.0.0.1:1;"
        f" include {folder / redirects.SERVER}; }} }}"
    )
    line = ["nginx", "-t", "-p", str(tmp_path), "-c", str(config)]
    done = subprocess.run(line, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
