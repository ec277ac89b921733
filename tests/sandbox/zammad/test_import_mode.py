from __future__ import annotations

import time

from tests.sandbox.zammad.support import PAST, PAST_SHOWN, Client, running


def test_dates_are_kept_in_import_mode_only(zammad: Client) -> None:
    before = zammad.call("POST", "/organizations", {"name": "A", "created_at": PAST})
    zammad.set(import_mode=True)
    after = zammad.call("POST", "/organizations", {"name": "B", "created_at": PAST})
    assert before["created_at"] != PAST_SHOWN
    assert after["created_at"] == PAST_SHOWN


def test_every_second_process_keeps_the_old_setting_for_a_while() -> None:
    with running(workers=2, settle_seconds=0.15) as zammad:
        zammad.set(import_mode=True)
        kept = [
            zammad.call("POST", "/organizations", {"name": f"O{n}", "created_at": PAST})
            for n in range(4)
        ]
        time.sleep(0.16)
        later = [
            zammad.call("POST", "/organizations", {"name": f"P{n}", "created_at": PAST})
            for n in range(4)
        ]
    assert sorted(row["created_at"] == PAST_SHOWN for row in kept) == [False, False, True, True]
    assert all(row["created_at"] == PAST_SHOWN for row in later)


def test_one_process_knows_a_change_at_once() -> None:
    with running(workers=1, settle_seconds=60) as zammad:
        zammad.set(import_mode=True)
        row = zammad.call("POST", "/organizations", {"name": "O", "created_at": PAST})
    assert row["created_at"] == PAST_SHOWN


def test_nobody_is_mailed_in_import_mode(importing: Client) -> None:
    article = {"type": "email", "sender": "Customer", "body": "x", "from": "c@example.org"}
    ticket = importing.ticket(article=article)
    reply = {**article, "sender": "Agent", "to": "c@example.org", "ticket_id": ticket["id"]}
    importing.call("POST", "/ticket_articles", reply)
    assert importing.fake.mails_sent == []
    assert importing.fake.triggers_fired == []


def test_outside_import_mode_people_are_mailed(zammad: Client) -> None:
    article = {"type": "email", "sender": "Customer", "body": "x", "from": "c@example.org"}
    ticket = zammad.ticket(article=article)
    assert [mail["kind"] for mail in zammad.fake.mails_sent] == ["trigger"]
    assert zammad.fake.triggers_fired[0]["ticket_id"] == ticket["id"]


def test_an_agents_mail_goes_out_from_a_group_with_an_address(zammad: Client) -> None:
    address = zammad.call("POST", "/email_addresses", {"name": "S", "email": "s@example.org"})
    zammad.call("PUT", "/groups/1", {"email_address_id": address["id"]})
    ticket = zammad.ticket()
    mail = {"type": "email", "sender": "Agent", "to": "c@example.org", "body": "x"}
    zammad.call("POST", "/ticket_articles", {**mail, "ticket_id": ticket["id"]})
    assert [(sent["kind"], sent["to"]) for sent in zammad.fake.mails_sent] == [
        ("article", "c@example.org")
    ]


def test_the_first_article_moves_the_ticket_and_a_final_put_sticks(importing: Client) -> None:
    ticket = importing.ticket(created_at=PAST, updated_at=PAST)
    assert ticket["created_at"] == PAST_SHOWN
    assert ticket["updated_at"] != PAST_SHOWN
    path = f"/tickets/{ticket['id']}"
    assert importing.call("PUT", path, {"updated_at": PAST})["updated_at"] == PAST_SHOWN
    importing.call("POST", "/tags/add", {"object": "Ticket", "o_id": ticket["id"], "item": "t"})
    assert importing.call("GET", path)["updated_at"] != PAST_SHOWN


def test_an_unchanged_put_outside_import_mode_does_not_move_the_ticket(zammad: Client) -> None:
    ticket = zammad.ticket()
    again = zammad.call("PUT", f"/tickets/{ticket['id']}", {"title": "T"})
    assert again["updated_at"] == ticket["updated_at"]


def test_a_long_body_is_cut_in_import_mode(importing: Client) -> None:
    ticket = importing.ticket(article={"body": "x" * 1_500_100})
    (article,) = importing.call("GET", f"/ticket_articles/by_ticket/{ticket['id']}")
    assert len(article["body"]) == 1_500_000
