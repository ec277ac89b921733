from __future__ import annotations

from runner.zammad import users
from runner.zammad.directory import Directory


def test_users_are_found_by_login_or_email_whatever_their_case() -> None:
    directory = Directory(users.KIND)
    directory.add({"id": 4, "login": "kayako-17", "email": "Ann@Acme.example", "phone": ""})
    assert directory.find({"login": "ANN@acme.example"}) == directory.named("kayako-17")
    assert directory.find({"login": "x", "email": "ann@acme.example"}) == {
        "id": 4,
        "login": "kayako-17",
        "email": "Ann@Acme.example",
    }
    assert directory.find({"login": "nobody", "email": None}) is None


def test_the_first_record_of_a_key_stays_and_a_created_one_replaces_its_plan() -> None:
    directory = Directory(users.KIND)
    directory.add({"login": "a", "email": "a@x.example"})
    directory.add({"id": 9, "login": "a"})
    assert "id" not in (directory.named("a") or {})
    directory.found({"id": 5, "login": "a", "email": "a@x.example"})
    assert (directory.named("a@x.example") or {})["id"] == 5
    directory.forget({"login": "a", "email": "a@x.example"})
    assert directory.named("a") is None
