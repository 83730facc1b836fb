"""A contact is erased over the API; the books and the proof of its letters stay."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from chalicelib import wiring
from chalicelib.core.account import digest_of
from chalicelib.core.erasure import ACCOUNT_ADDRESS
from chalicelib.core.facts_letters import LetterReported
from tests.api.agency_calls import AgencyApi
from tests.api.client import Api
from tests.api.placing import active, placing
from tests.flows.machine import NOTICE, NOW, TODAY, Machine, invoice
from tests.workers.deployment import FakeDeployment

NAME, EMAIL, PHONE = "Jo Æon Park", "jo.park@customer.example", "+44 20 7946 0000"
JO: dict[str, Any] = {"name": NAME, "email": EMAIL, "phone": PHONE, "roles": ["accounts"]}
WHERE = "/v1/accounts/A1/contacts/con_1"
WHY = {"reason_code": "erasure_request", "note": "Asked by letter of 2 March."}
TOLD = f"Spoke to {NAME} ({PHONE}), who asks to write to {EMAIL.upper()}."


def with_contact(machine: Machine | None = None, **changes: Any) -> Api:
    """An account with one invoice that is late, and one contact."""
    machine = machine or Machine()
    if "A1" not in machine.accounts.kept:
        machine.take_in("A1", invoice("I1", 15))
    api = Api(machine)
    assert api.put(WHERE, JO | changes).status == 201
    return api


def written_to(**changes: Any) -> Api:
    """The contact got a letter that counts, and a person noted a call."""
    api = with_contact(**changes)
    machine = api.machine
    machine.decide("A1")
    machine.deliver.deliver("A1", NOTICE)
    arrived(api)
    assert api.post("/v1/accounts/A1/notes", {"text": TOLD}).status == 201
    return api


def arrived(api: Api, saying: Any = "delivered") -> None:
    """The mail service says so of the letter."""
    digests = (digest_of(EMAIL),)
    api.machine.take_in("A1", LetterReported(TODAY, NOTICE, 1, saying, NOW, digests))


def erase(api: Api, where: str = WHERE, **more: Any) -> dict[str, Any]:
    """Erase a contact and let the job do all of it; return what it came to."""
    answer = api.post(f"{where}/erase", WHY | more)
    assert answer.status == 202, answer.text
    work(api)
    job = api.get(answer.headers["Location"]).body
    assert job["state"] == "done", job
    result: dict[str, Any] = job["result"]
    return result


def work(api: Api) -> None:
    queue = api.machine.job_queue
    with wiring.using(FakeDeployment(api.machine)):
        while queue.sent:
            wiring.deps().job(*queue.sent.pop(0))


def everything(machine: Machine) -> str:
    """All that is kept anywhere, as one text, without answers that are given again for a week."""
    files = {
        name: content.decode("latin-1") for name, (content, _) in machine.archive.files.items()
    }
    utf8 = [content.decode(errors="replace") for content, _ in machine.archive.files.values()]
    shelves = [vars(shelf) for shelf in machine.agencies.shelves.values()]
    parts = (
        machine.accounts.kept, machine.accounts.outbox, machine.records.kept, files, utf8, shelves
    )  # fmt: skip
    return repr(parts)


def traces(machine: Machine) -> list[str]:
    """What of the contact is left anywhere."""
    text = everything(machine).lower()
    looked_for = (NAME, EMAIL, PHONE, digest_of(EMAIL))
    return [one for one in looked_for if one.lower() in text or ascii(one)[1:-1].lower() in text]


def test_nothing_of_an_erased_contact_is_left_anywhere() -> None:
    api = written_to()
    assert traces(api.machine) == [NAME, EMAIL, PHONE, digest_of(EMAIL)]

    result = erase(api)

    assert traces(api.machine) == []
    assert result["counts"]["values_of_history_changed"] == 2  # the notice, and the note
    assert result["counts"]["file_versions_removed"] == 2  # HTML and text
    assert result["ages_out_after_days"]["backups_of_the_table"] == 35
    assert (result["look_at"], result["keeps_objection"]) == ([], False)


def test_the_books_are_the_same_after_an_erasure() -> None:
    api = written_to()
    before = api.machine.accounts.kept["A1"]
    entries, was = list(before.entries), before.account

    erase(api)

    after = api.machine.accounts.kept["A1"]
    assert after.entries == entries
    assert (after.account.totals, after.account.invoices) == (was.totals, was.invoices)
    assert replace(after.account, contact_people={}, past_notices={}) == replace(
        was, contact_people={}, past_notices={}
    )


def test_a_letter_is_read_as_it_was_sent_until_its_contact_is_erased() -> None:
    api = written_to()
    [mail] = api.machine.mailer.tried
    where = f"/v1/accounts/A1/notices/{NOTICE}"
    before = api.get(where).body
    assert (before["text"], before["html"]) == (mail.text, mail.html)
    assert NAME in before["text"]
    assert before["is_as_sent"] is True

    erase(api)

    after = api.get(where).body
    assert after["text"] == mail.text.replace(NAME, "[contact con_1]")
    assert (after["sha256"], after["is_as_sent"]) == (before["sha256"], False)
    assert after["proof"] == before["proof"]
    files = api.get(f"{where}/files").body["data"]
    assert all("/notices/" in file["url"] for file in files)


def test_a_letter_shows_the_name_of_its_time_when_the_contact_is_called_otherwise_now() -> None:
    api = written_to()
    [mail] = api.machine.mailer.tried
    tag = api.get(WHERE).headers["ETag"]

    api.put(WHERE, JO | {"name": "Jo Park-Miller"}, If_Match=tag)

    assert api.get(f"/v1/accounts/A1/notices/{NOTICE}").body["text"] == mail.text


def test_a_letter_that_was_kept_with_the_name_in_it_loses_it_too() -> None:
    api = written_to()
    files = api.machine.archive.files
    for name in [one for one in files if one.startswith("people/")]:
        suffix = name.rpartition(".")[2]
        for kept in (f"notices/{NOTICE}.{suffix}", f"notices/{NOTICE}/1.{suffix}"):
            files[kept] = files[name]  # as an earlier version kept them
        del files[name]
    for name in (f"notices/{NOTICE}.json", f"notices/{NOTICE}/1.json"):
        record = json.loads(files[name][0])
        del record["as_sent"]
        files[name] = (json.dumps(record).encode(), files[name][1])
    assert NAME in api.get(f"/v1/accounts/A1/notices/{NOTICE}").body["text"]

    erase(api)

    assert traces(api.machine) == []
    after = api.get(f"/v1/accounts/A1/notices/{NOTICE}").body
    assert ("[erased]" in after["text"], after["is_as_sent"]) == (True, False)


def test_what_is_left_of_a_contact_is_its_id_which_nobody_gets_again() -> None:
    api = written_to()
    erase(api)

    left = api.get(WHERE)

    assert left.body == {
        "contact_id": "con_1", "name": "", "email": "", "phone": "", "roles": [], "locale": "",
        "opted_out": False, "mark": "erased", "marked_on": "2024-03-18",
    }  # fmt: skip
    again = api.put(WHERE, JO, If_Match=left.headers["ETag"])
    assert (again.status, again.code) == (409, "conflict")
    assert api.delete(WHERE).status == 404
    assert api.post(
        "/v1/accounts/A1/clear_mark", WHY | {"contact_id": "con_1"}
    ).status == 404  # fmt: skip


def test_the_timeline_tells_of_the_erasure_once_with_its_reason() -> None:
    api = written_to()
    erase(api)
    erase(api)

    log = api.machine.accounts.kept["A1"].log
    told = [one for lines in log for one in lines.events if one.kind == "contact_erased"]
    assert [(one.actor, one.subject, one.reason_code, one.note) for one in told] == [
        ("anna", "con_1", "erasure_request", "Asked by letter of 2 March.")
    ]


def test_a_pending_letter_goes_to_somebody_else() -> None:
    api = with_contact()
    api.machine.decide("A1")

    erase(api)

    api.machine.deliver.deliver("A1", NOTICE)
    assert [mail.to for mail in api.machine.mailer.tried] == [("ap@customer.example",)]
    assert traces(api.machine) == []


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_an_erasure_waits_while_a_letter_may_be_leaving(state: str) -> None:
    api = with_contact()
    api.machine.decide("A1")
    api.machine.deliver.deliver("A1", NOTICE)
    kept = api.machine.accounts.kept["A1"]
    notice = replace(kept.account.notices[NOTICE], state=state, state_at=NOW, lease_until=NOW)
    kept.account = replace(kept.account, notices={NOTICE: notice})

    answer = api.post(f"{WHERE}/erase", WHY)

    assert (answer.status, answer.code) == (409, "conflict")
    until = "2024-03-18 05:00" if state == "sending" else "2024-03-19 05:00"
    assert f"ask again after {until} UTC" in answer.body["detail"]


def test_what_the_mail_service_says_late_brings_no_digest_back() -> None:
    api = with_contact()
    api.machine.decide("A1")
    api.machine.deliver.deliver("A1", NOTICE)
    erase(api)

    arrived(api)

    [went_to] = api.machine.account("A1").past_notices[NOTICE].went_to
    assert (went_to.digest, went_to.said) == ("erased:con_1:1", (("delivered", TODAY),))
    assert traces(api.machine) == []


def test_who_had_opted_out_is_not_written_to_again_under_a_new_id() -> None:
    api = with_contact(opted_out=True)
    assert erase(api)["keeps_objection"] is True
    assert traces(api.machine) == []

    answer = api.put("/v1/accounts/A1/contacts/con_2", JO)

    assert (answer.status, answer.body["mark"]) == (201, "complained")
    other = api.put("/v1/accounts/A1/contacts/con_3", JO | {"email": "other@customer.example"})
    assert other.body["mark"] is None


def test_the_accounts_own_address_is_erased_under_its_reserved_id() -> None:
    machine = Machine()
    machine.take_in("A1", invoice("I1", 15), email=EMAIL)
    machine.decide("A1")
    machine.deliver.deliver("A1", NOTICE)
    api = Api(machine)
    arrived(api)

    erase(api, f"/v1/accounts/A1/contacts/{ACCOUNT_ADDRESS}")

    assert machine.account("A1").details.email == ""
    assert traces(machine) == []
    assert api.put(f"/v1/accounts/A1/contacts/{ACCOUNT_ADDRESS}", JO).status == 409


def test_the_reason_must_not_name_the_person() -> None:
    answer = with_contact().post(f"{WHERE}/erase", WHY | {"note": f"{NAME.upper()} asked."})

    assert (answer.status, answer.pointers) == (422, ["/note"])


def test_only_an_approver_erases() -> None:
    api = with_contact()

    assert api.as_("collector").post(f"{WHERE}/erase", WHY).status == 403
    assert api.as_("approver").post(f"{WHERE}/erase", WHY).status == 202


def test_nobody_is_erased_who_never_was_there() -> None:
    api = with_contact()

    assert api.post("/v1/accounts/A1/contacts/con_9/erase", WHY).status == 404
    assert api.post("/v1/accounts/A9/contacts/con_1/erase", WHY).status == 404


def test_a_contact_that_was_removed_before_is_erased_from_history() -> None:
    api = written_to()
    api.delete(WHERE)

    erase(api, also=[NAME, EMAIL, PHONE])

    assert traces(api.machine) == []


def test_a_contact_of_whom_nothing_is_known_is_not_erased_without_a_name() -> None:
    api = written_to()
    api.delete(WHERE)

    answer = api.post(f"{WHERE}/erase", WHY | {"note": f"{NAME} asked."})
    named = api.post(f"{WHERE}/erase", WHY | {"note": f"{NAME} asked.", "also": [NAME]})

    assert (answer.status, answer.pointers) == (422, ["/also"])
    assert (named.status, named.pointers) == (422, ["/note"])


def test_a_surname_that_is_left_in_a_note_is_shown_to_a_person() -> None:
    api = written_to()
    api.post("/v1/accounts/A1/notes", {"text": "Mr Park is on holiday."})

    result = erase(api)

    [place] = result["look_at"]
    [line] = [one for one in api.machine.accounts.kept["A1"].log if one.key == place]
    assert [event.note for event in line.events] == ["Mr Park is on holiday."]


def test_the_same_key_is_the_same_erasure() -> None:
    api = with_contact()

    first = api.post(f"{WHERE}/erase", WHY, Idempotency_Key="once")
    again = api.post(f"{WHERE}/erase", WHY, Idempotency_Key="once")

    assert (again.status, again.body) == (202, first.body)


def test_an_agency_sees_nothing_more_of_an_erased_contact() -> None:
    machine = placing()
    api = with_contact(machine)
    place = active(api)
    agency = AgencyApi(machine)
    agency.work()
    placement_id = place.rpartition("/")[2]
    sent = {"id": "a1", "code": "contacted", "channel": "call", "note": TOLD}
    answer = agency.post(f"/placements/{placement_id}/activities", sent)
    assert answer.status in (201, 202), answer.text
    agency.work()
    assert NAME in agency.get(f"/placements/{placement_id}").text
    told = len(agency.types())

    erase(api)
    agency.work()

    assert traces(machine) == []
    assert agency.types()[told:] == ["placement.dossier_changed"]
