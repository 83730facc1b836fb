"""Finance's own texts through the API: tried, published, shown, sent, and never in a letter's way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chalicelib.flows.letter_text_shelf import (
    LetterText,
    TextVersion,
    TextWords,
    text_key,
    words_key,
)
from chalicelib.flows.ports_registry import Put
from tests.api.client import Answered, Api
from tests.flows.machine import NOTICE, NOW, Machine, with_notice

AT = "/v1/policies/standard/letter_texts"
REMINDER = f"{AT}/en/reminder"
BLOCKS = {
    "subject": "Open: {{ total }} [{{ reference }}]",
    "opening": "{{ phrases.greeting }}\n\nPlease look at {{ invoice_ids|join(', ') }}.",
}


@pytest.fixture
def api() -> Api:
    return Api(with_notice(name="Brightline {{ total }} <b>Ltd</b>"), "admin", "anna")


def put(api: Api, at: str = REMINDER, blocks: Any = None, **more: Any) -> Answered:
    headers = {"Idempotency_Key": f"put-{len(api.calls)}"}
    seen = api.get(at)
    if seen.status == 200:
        headers["If_Match"] = seen.headers["ETag"]
    return api.put(at, {"blocks": BLOCKS if blocks is None else blocks, **more}, **headers)


def delete(api: Api, at: str = REMINDER, **headers: str) -> Answered:
    return api.delete(at, Idempotency_Key=f"delete-{len(api.calls)}", **headers)


def preview(api: Api, at: str = REMINDER, **body: Any) -> Answered:
    return api.post(f"{at}/preview", body)


def sent(machine: Machine) -> tuple[str, str, dict[str, Any]]:
    """Send the waiting reminder; return its subject, text and kept record."""
    machine.deliver.deliver("A1", NOTICE)
    [mail] = machine.mailer.tried
    kept = json.loads(machine.archive.get(f"notices/{NOTICE}.json"))
    return mail.subject, " ".join(mail.text.split()), kept


def test_a_published_text_is_what_letters_say(api: Api) -> None:
    answer = put(api)

    subject, text, kept = sent(api.machine)
    assert (answer.status, answer.headers["Location"]) == (201, REMINDER)
    assert subject == "Open: USD 1,000.00 [A1-C1]"
    assert "Please look at I1." in text
    assert kept["own_text"] == f"standard/en/reminder@{answer.body['version']}"
    told = api.get(f"/v1/accounts/A1/notices/{NOTICE}").body
    assert (told["own_text"], told["own_text_failed"]) == (kept["own_text"], None)
    assert answer.body["changed_by"] == "anna"


def test_what_a_customer_is_called_is_said_as_it_is_and_escaped(api: Api) -> None:
    put(api, blocks={"opening": "To {{ account_name }} & <i>all</i>"})

    api.machine.deliver.deliver("A1", NOTICE)

    [mail] = api.machine.mailer.tried
    assert "To Brightline {{ total }} <b>Ltd</b> & <i>all</i>" in mail.text
    assert (
        "To Brightline {{ total }} &lt;b&gt;Ltd&lt;/b&gt; &amp; &lt;i&gt;all&lt;/i&gt;" in mail.html
    )
    assert "<i>all" not in mail.html


def test_every_fault_is_told_at_once_with_its_block_and_line(api: Api) -> None:
    answer = put(api, blocks={"subject": "{{ totel }}", "opening": "Hello,\n\n{{ ''.__class__ }}"})

    assert (answer.status, answer.body["code"]) == (422, "unfit_input")
    assert answer.pointers == ["/blocks/subject", "/blocks/opening"]
    assert answer.body["errors"][0]["detail"].endswith('did you mean "total"?')
    assert answer.body["errors"][1]["detail"].startswith("line 3: ")
    assert api.get(REMINDER).status == 404


@pytest.mark.parametrize(
    ("text", "blocks", "code"),
    [
        ("reminder", {"subject": "Please pay [{{ reference }}]"}, "amount_missing"),
        ("final_demand", {"subject": "Final demand: {{ total }}"}, "reference_missing"),
        ("reminder", {"next": "Pay soon."}, "announcement_missing"),
        ("final_demand", {"next": "Or else.\n\nBy {{ respond_by }}."}, "condition_missing"),
        ("final_demand", {"contact": "{% if days %}{% endif %}"}, "unknown_name"),
        ("final_demand", {"contact": "{# nobody #}"}, "blank"),
        ("reminder", {}, "missing"),
    ],
)
def test_what_a_letter_must_say_cannot_be_left_out(
    api: Api, text: str, blocks: dict[str, str], code: str
) -> None:
    answer = put(api, f"{AT}/en/{text}", blocks)

    assert answer.status == 422
    assert [fault["code"] for fault in answer.body["errors"]] == [code]


def test_a_language_that_is_not_shipped_needs_every_block(api: Api) -> None:
    answer = put(api, f"{AT}/nl/reminder", BLOCKS)

    assert answer.pointers == [f"/blocks/{one}" for one in ("title", "headline", "next", "contact")]


def test_a_locale_without_shipped_letters_is_written_to_in_its_own_text(api: Api) -> None:
    whole = {
        "subject": "Herinnering: {{ total }} [{{ reference }}]",
        "title": "Herinnering",
        "headline": "{{ total }} staat open",
        "opening": "Geachte heer of mevrouw,\n\nde factuur verviel op {{ oldest_due_on }}.",
        "next": "{{ phrases.announced }}",
        "contact": "Vragen? {{ collector.email }}",
    }
    answer = put(api, f"{AT}/nl/reminder", whole)
    assert [one["code"] for one in answer.body["remarks"]] == ["layout_language"]

    shown = preview(api, f"{AT}/nl/reminder")

    assert "verviel op 3 maart 2025" in " ".join(shown.body["plain_text"].split())


def test_threats_in_a_reminder_are_only_remarked(api: Api) -> None:
    answer = put(api, blocks={"opening": "Our lawyer will take you to court."})

    assert answer.status == 201
    [remark] = answer.body["remarks"]
    assert (remark["pointer"], remark["code"]) == ("/blocks/opening", "threat")


def test_a_text_with_a_territory_goes_before_that_of_its_language() -> None:
    api = Api(with_notice(locale="en_GB"), "admin", "anna")
    put(api)
    put(api, f"{AT}/en_GB/reminder", {"title": "Kind reminder"})

    _, text, kept = sent(api.machine)

    assert "KIND REMINDER" in text
    assert kept["own_text"].startswith("standard/en_GB/reminder@")


def test_a_faulty_text_never_stops_a_letter(api: Api) -> None:
    history = (TextVersion("f00d", "published", "anna", NOW),)
    bad = LetterText(
        "standard", "en", "reminder", "f00d", "reminder", {"title": "{{ gone }}"}, history
    )
    api.machine.records.write(Put(text_key("standard", "en", "reminder"), bad))

    subject, _, kept = sent(api.machine)

    assert subject.startswith("Reminder: ")
    assert kept["own_text_failed"] == "standard/en/reminder@f00d"
    assert "own_text" not in kept
    assert api.machine.failed_texts == [("standard/en/reminder@f00d", "unknown_name")]


def test_a_text_is_changed_only_by_who_has_seen_it(api: Api) -> None:
    put(api)

    unseen = api.put(REMINDER, {"blocks": {"title": "New"}}, Idempotency_Key="unseen")
    stale = api.put(REMINDER, {"blocks": {"title": "New"}}, Idempotency_Key="s", If_Match='"old"')

    assert (unseen.status, stale.status) == (428, 412)
    assert api.get(REMINDER).body["blocks"] == BLOCKS


def test_the_history_tells_who_changed_a_text_and_what_it_said(api: Api) -> None:
    first = put(api).body["version"]
    second = put(api.as_("admin", "bert"), blocks={"title": "Kind reminder"}).body["version"]
    delete(api)
    put(api)

    told = api.get(REMINDER).body
    changes = [(one["change"], one["version"], one["changed_by"]) for one in told["history"]]
    assert changes == [
        ("published", first, "anna"),
        ("removed", None, "anna"),
        ("published", second, "bert"),
        ("published", first, "anna"),
    ]
    words = api.get(f"{REMINDER}/versions/{second}").body
    assert words["blocks"] == {"title": "Kind reminder"}
    log = api.get("/v1/policies/standard").body["log"]
    assert log[0]["kind"] == "letter_text_published"


def test_only_the_last_twenty_versions_are_kept(api: Api) -> None:
    names = ("standard", "en", "reminder")
    versions = [f"{number:012x}" for number in range(20)]
    history = tuple(TextVersion(one, "published", "bert", NOW) for one in versions)
    words = {"title": "Kind reminder"}
    kept = LetterText(*names, versions[0], "reminder", words, history)
    api.machine.records.write(
        Put(text_key(*names), kept),
        *(Put(words_key(*names, one), TextWords("reminder", words)) for one in versions),
    )

    newest = put(api).body["version"]

    told = [one["version"] for one in api.get(REMINDER).body["history"]]
    assert told == [newest, *versions[:19]]
    assert api.get(f"{REMINDER}/versions/{versions[18]}").status == 200
    assert api.get(f"{REMINDER}/versions/{versions[19]}").status == 404


def test_the_same_text_again_changes_nothing(api: Api) -> None:
    put(api)

    again = put(api)

    assert (again.status, len(again.body["history"])) == (200, 1)


def test_a_removed_text_is_gone_from_letters_within_a_minute(api: Api) -> None:
    put(api)
    preview(api)

    assert delete(api).body["removed"] is True

    assert api.get(REMINDER).status == 404
    assert delete(api).status == 404
    assert api.get(AT).body["data"] == []
    assert sent(api.machine)[0].startswith("Reminder: ")


def test_texts_are_listed_page_by_page(api: Api) -> None:
    put(api)
    put(api, f"{AT}/en/late_fee_second", {"title": "Second notice"})

    first = api.as_("viewer").get(f"{AT}?limit=1").body
    second = api.as_("viewer").get(f"{AT}?limit=1&cursor={first['next_cursor']}").body

    rows = [*first["data"], *second["data"]]
    assert [(row["text"], row["letter"]) for row in rows] == [
        ("late_fee_second", "late_fee"),
        ("reminder", "reminder"),
    ]
    assert second["next_cursor"] is None


def test_a_preview_shows_a_sample_letter_and_changes_nothing(api: Api) -> None:
    before = dict(api.machine.records.kept)

    tried = preview(api.as_("viewer"), blocks={"title": "Kind reminder <script>"})

    assert tried.status == 200
    assert "Brightline Interiors" in tried.body["html"]
    assert "<script" not in tried.body["html"]
    assert tried.body["plain_text"].splitlines()[2] == "KIND REMINDER <SCRIPT>"
    assert tried.body["version"] is None
    assert len(tried.body["sha256"]) == 64
    assert dict(api.machine.records.kept) == before


def test_a_preview_without_blocks_shows_what_is_published_else_what_is_shipped(api: Api) -> None:
    shipped = preview(api)
    version = put(api).body["version"]

    published = preview(api)

    assert shipped.body["subject"].startswith("Reminder: ")
    assert published.body["subject"].startswith("Open: ")
    assert (shipped.body["version"], published.body["version"]) == (None, version)


def test_a_preview_for_an_account_shows_it_as_it_is_today(api: Api) -> None:
    for text, subject in (("reminder", "Open: "), ("final_demand", "Final demand: ")):
        blocks = BLOCKS if text == "reminder" else None
        more = {"blocks": blocks} if blocks else {}
        shown = preview(api, f"{AT}/en/{text}", account_id="A1", **more)

        assert shown.body["subject"].startswith(f"{subject}USD 1,000.00"), text
        assert "Brightline {{ total }}" in shown.body["plain_text"]


@pytest.mark.parametrize(
    ("at", "body", "status"),
    [
        (f"{AT}/en/reminder", {"account_id": "nobody"}, 404),
        (f"{AT}/en/plan_agreed", {"account_id": "A1"}, 422),
        (f"{AT}/xx/reminder", {}, 400),
        (f"{AT}/de-DE/reminder", {}, 400),
        (f"{AT}/en/what", {}, 422),
        ("/v1/policies/none/letter_texts/en/reminder", {}, 404),
        (f"{AT}/en/reminder", {"blocks": {"footer": "x"}}, 400),
        (f"{AT}/en/reminder", {"blocks": {"title": "\u0007"}}, 400),
        (f"{AT}/en/reminder", {"blocks": {"title": "x" * 8_001}}, 400),
    ],
)
def test_what_cannot_be_shown_is_refused(
    api: Api, at: str, body: dict[str, Any], status: int
) -> None:
    assert preview(api, at, **body).status == status


def test_an_account_with_nothing_past_due_has_no_letter_of_today(api: Api) -> None:
    api.machine.take_in("A2")

    answer = preview(api, account_id="A2")

    assert answer.status == 422


def test_a_name_of_ones_own_needs_its_kind_once(api: Api) -> None:
    answer = put(api, f"{AT}/en/friendly", {"title": "Hello"}, letter="reminder")

    assert (answer.status, answer.body["letter"]) == (201, "reminder")
    assert preview(api, f"{AT}/en/friendly").status == 200
    assert preview(api, f"{AT}/en/friendly", account_id="A1").status == 200


@pytest.mark.parametrize("role", ["viewer", "collector", "approver", "service"])
def test_only_an_admin_publishes(api: Api, role: str) -> None:
    assert put(api.as_(role)).status == 403
    assert delete(api.as_(role)).status == 403
