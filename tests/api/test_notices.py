"""The notices of an account over the API: what was told, what became of it, and the kept files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from chalicelib.core.facts import NoticeCancelled, NoticeCounted
from chalicelib.flows.notice_reads import NoticeReads
from chalicelib.flows.policies import shipped_document
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.sending_times import SendingTimes
from tests.api.client import Api
from tests.fakes_notices import MemoryFileLinks, MemoryPastNotices
from tests.flows.machine import NOTICE, NOW, TODAY, Machine, invoice, with_notice

WHERE = "/v1/accounts/A1/notices"
ONE = f"{WHERE}/{quote(NOTICE, safe='')}"


def test_a_notice_under_way_says_what_it_asks_and_why_it_waits() -> None:
    api = Api(with_notice())

    [row] = api.get(WHERE).body["data"]

    assert row == {
        "notice_id": NOTICE, "account_id": "A1", "state": "pending", "state_at": None,
        "created_on": "2024-03-18", "kind": "reminder", "stage": "reminder", "about": None,
        "total": {"amount_minor": 1_000_00, "currency": "USD"}, "respond_by": None,
        "invoice_ids": ["I1"], "invoice_count": 1, "attempt": 0, "to": [],
        "waits": {"code": "to_be_sent", "until": None}, "task_ids": [],
    }  # fmt: skip


def test_the_kill_switch_is_why_a_notice_waits() -> None:
    machine = with_notice()
    machine.registry.pause_sending(paused=True)

    [row] = Api(machine).get(WHERE).body["data"]

    assert row["waits"] == {"code": "sending_paused", "until": None}


def test_outside_the_sending_window_a_notice_waits_for_its_place_in_the_next() -> None:
    machine = with_notice()
    document = shipped_document("standard") + b'\n[sending]\nfrom = "09:00"\nuntil = "17:00"\n'
    machine.registry.put_policy("standard", document)
    reads = NoticeReads(
        machine.accounts, MemoryPastNotices(machine.accounts), machine.registry, machine.archive,
        MemoryFileLinks(), PolicyShelf(machine.registry), SendingTimes(ZoneInfo("Europe/Berlin")),
    )  # fmt: skip

    [row], _ = reads.page("A1", "", 10, NOW)  # six in the morning there

    assert row["waits"]["code"] == "sending_window"
    assert "2024-03-18T08:00:00Z" <= row["waits"]["until"] < "2024-03-18T16:00:00Z"


def test_a_sent_notice_waits_for_news_of_its_delivery_for_72_hours() -> None:
    machine = with_notice()
    machine.deliver.deliver("A1", NOTICE)

    [row] = Api(machine).get(WHERE).body["data"]

    assert (row["state"], row["attempt"]) == ("sent", 1)
    assert row["waits"] == {"code": "delivery_not_reported", "until": "2024-03-21T05:00:00Z"}


def test_what_nobody_could_be_written_to_about_names_its_task() -> None:
    machine = with_notice(email="")
    machine.deliver.deliver("A1", NOTICE)

    [row] = Api(machine).get(WHERE).body["data"]

    assert (row["state"], row["waits"]["code"]) == ("failed", "a_person_decides")
    assert row["task_ids"] == [f"A1:send_letter:{NOTICE}"]


def test_notices_that_are_done_are_told_with_how_they_ended() -> None:
    machine = with_notice()
    machine.deliver.deliver("A1", NOTICE)
    machine.take_in("A1", NoticeCounted(TODAY, NOTICE))
    later = TODAY + timedelta(days=15)
    machine.decide("A1", later)
    second = f"A1:USD:{later}"
    machine.take_in("A1", NoticeCancelled(later, second))

    rows = Api(machine).get(WHERE).body["data"]

    told = {row["notice_id"]: (row["state"], row["waits"]) for row in rows}
    assert told[second] == ("cancelled", None)
    assert told[NOTICE] == ("counted", None)
    assert rows[-1]["notice_id"] == NOTICE


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_pages_of_any_size_tell_the_same_newest_first(limit: int) -> None:
    machine = Machine()
    long_ago = TODAY - timedelta(days=90)
    machine.take_in("A1", invoice("I1", 65, seen_on=long_ago), wake_on=long_ago)
    for day in (TODAY - timedelta(days=days) for days in (49, 35, 18, 4)):
        machine.decide("A1", day)
        for name in machine.account("A1").notices:
            machine.take_in("A1", NoticeCounted(day, name), wake_on=day)
    api = Api(machine)

    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        body = api.get(f"{WHERE}?limit={limit}" + (f"&cursor={cursor}" if cursor else "")).body
        found, cursor = found + body["data"], body["next_cursor"]
        if cursor is None:
            break

    created = [row["created_on"] for row in found]
    assert len(created) > 2
    assert created == sorted(created, reverse=True)
    assert found == api.get(WHERE).body["data"]


def test_one_notice_has_its_words_as_they_were_sent_and_the_proof() -> None:
    machine = with_notice()
    machine.deliver.deliver("A1", NOTICE)
    [sent] = machine.mailer.tried

    answer = Api(machine).get(ONE)

    assert answer.status == 200
    assert (answer.body["subject"], answer.body["text"]) == (sent.subject, sent.text)
    assert (answer.body["html"], answer.body["way"]) == (sent.html, "mail")
    assert len(answer.body["sha256"]) == 64
    assert answer.body["proof"]["message_id"]
    assert answer.body["proof"]["state_at"] == "2024-03-18T05:00:00Z"
    assert [one["attempt"] for one in answer.body["proof"]["addressees"]] == [1]
    again = Api(machine).get(ONE, If_None_Match=answer.headers["ETag"])
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_a_notice_that_was_not_written_yet_has_no_words_and_no_files() -> None:
    api = Api(with_notice())

    body = api.get(ONE).body

    assert (body["subject"], body["text"], body["html"], body["sha256"]) == (None,) * 4
    assert api.get(f"{ONE}/files").body == {"data": [], "next_cursor": None}


def test_a_notices_files_come_with_links_of_five_minutes() -> None:
    machine = with_notice()
    machine.deliver.deliver("A1", NOTICE)

    files = Api(machine).get(f"{ONE}/files").body["data"]

    assert [file["name"] for file in files][:2] == ["letter.html", "letter.txt"]
    assert files[0]["media_type"] == "text/html; charset=utf-8"
    assert files[0]["expires_at"] == "2024-03-18T05:05:00Z"
    assert "seconds=300" in files[0]["url"]
    [sent] = machine.mailer.tried
    assert files[0]["size_bytes"] == len(sent.html.encode())


def test_what_is_left_to_post_comes_as_pages_to_print() -> None:
    machine = with_notice(email="")
    machine.deliver.deliver("A1", NOTICE)

    files = Api(machine).get(f"{ONE}/files").body["data"]

    found = {file["name"]: file["media_type"] for file in files}
    assert found["letter.pdf"] == "application/pdf"
    assert Api(machine).get(ONE).body["way"] == "post"


def test_a_list_of_files_goes_on_by_its_cursor() -> None:
    machine = with_notice()
    machine.deliver.deliver("A1", NOTICE)
    api = Api(machine)

    first = api.get(f"{ONE}/files?limit=1").body
    second = api.get(f"{ONE}/files?limit=1&cursor={first['next_cursor']}").body

    names = [row["name"] for part in (first, second) for row in part["data"]]
    assert names == ["letter.html", "letter.txt"]


@pytest.mark.parametrize(
    "path", ["/v1/accounts/none/notices", f"{WHERE}/A1:USD:2020-01-01",
             f"{WHERE}/A1:USD:2020-01-01/files"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(path: str) -> None:
    answer = Api(with_notice()).get(path)

    assert (answer.status, answer.code) == (404, "not_found")


def test_a_viewer_may_read_notices_and_an_agency_may_not() -> None:
    api = Api(with_notice())

    assert api.as_("viewer").get(WHERE).status == 200
    assert api.as_("agency").get(WHERE).status == 403
