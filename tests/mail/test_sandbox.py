"""Outside production no letter reaches a customer (R13.4)."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from chalicelib.flows.ports_mail import Accepted, InvalidMailError, Refused
from chalicelib.mail.sandbox import (
    MailStage,
    SandboxMailer,
    select_mailer,
    verified_account_id,
)
from chalicelib.mail.ses import SesMailer
from tests.fakes_mail import FakeMailer, RecordingMailer
from tests.mail.build_mail import mail

SANDBOX = "sandbox@harborpine.example"


def stage(**changes: Any) -> MailStage:
    values: dict[str, Any] = {
        "stage": "prod",
        "account_id": "111122223333",
        "production_stage": "prod",
        "production_account_id": "111122223333",
        "sandbox_address": SANDBOX,
    }
    return MailStage(**(values | changes))


def test_in_production_a_letter_goes_to_its_recipients() -> None:
    mailer = RecordingMailer()

    select_mailer(mailer, stage()).send(mail())

    assert mailer.sent == [mail()]


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "staging"},
        {"stage": ""},
        {"stage": "", "production_stage": ""},
        {"account_id": "999900001111"},
        {"account_id": None},
        {"account_id": "", "production_account_id": ""},
        {"stage": "staging", "account_id": "999900001111"},
    ],
)
def test_unless_both_stage_and_account_match_every_letter_goes_to_the_sandbox(
    changes: dict[str, Any],
) -> None:
    mailer = RecordingMailer()

    select_mailer(mailer, stage(**changes)).send(mail())

    assert [letter.to for letter in mailer.sent] == [(SANDBOX,)]


def test_a_sandboxed_letter_is_marked_and_names_its_recipients_in_a_header_only() -> None:
    mailer = RecordingMailer()
    original = mail(to=("ap@brightline.example", "cfo@brightline.example"))

    outcome = SandboxMailer(mailer, sandbox_address=SANDBOX, stage="staging").send(original)

    (sent,) = mailer.sent
    assert outcome == Accepted("message-1")
    assert sent.subject == "[Sandbox staging] Reminder: USD 1,240.50 past due [ACC-4711]"
    assert sent.extra_headers == (
        ("X-Pastdue-Original-To", "ap@brightline.example, cfo@brightline.example"),
    )
    assert "brightline" not in sent.text + sent.html + " ".join(sent.to)
    assert sent.is_sandbox


def test_no_copy_of_a_sandboxed_letter_leaves() -> None:
    mailer = RecordingMailer()
    copied = mail(cc=("owner@harborpine.example",))

    SandboxMailer(mailer, sandbox_address=SANDBOX, stage="staging").send(copied)

    (sent,) = mailer.sent
    assert (sent.to, sent.cc) == ((SANDBOX,), ())
    assert ("X-Pastdue-Original-Cc", "owner@harborpine.example") in sent.extra_headers


def test_a_sandboxed_letter_keeps_its_id_so_that_its_events_find_it() -> None:
    mailer = RecordingMailer()

    SandboxMailer(mailer, sandbox_address=SANDBOX, stage="staging").send(mail(attempt=3))

    assert (mailer.sent[0].notice_id, mailer.sent[0].attempt) == (mail().notice_id, 3)


def test_a_marked_subject_stays_within_its_limit() -> None:
    mailer = RecordingMailer()

    SandboxMailer(mailer, sandbox_address=SANDBOX, stage="staging").send(mail(subject="S" * 200))

    assert len(mailer.sent[0].subject) == 200


def test_what_the_service_says_of_a_sandboxed_letter_is_passed_on() -> None:
    refused = Refused("MessageRejected", retryable=False)

    outcome = SandboxMailer(FakeMailer([refused]), sandbox_address=SANDBOX, stage="staging").send(
        mail()
    )

    assert outcome == refused


@pytest.mark.parametrize("address", ["", "nobody", "a@b.example, c@d.example"])
def test_without_a_sandbox_address_no_letter_leaves_outside_production(address: str) -> None:
    with pytest.raises(InvalidMailError, match="outside production"):
        select_mailer(RecordingMailer(), stage(stage="staging", sandbox_address=address))


def test_a_sandboxed_letter_says_so_in_its_tags() -> None:
    requests: list[dict[str, Any]] = []

    class Client:
        def send_email(self, **request: Any) -> dict[str, Any]:
            requests.append(request)
            return {"MessageId": "0100-1"}

    SandboxMailer(SesMailer(Client()), sandbox_address=SANDBOX, stage="staging").send(mail())

    assert {"Name": "pastdue_sandbox", "Value": "yes"} in requests[0]["EmailTags"]
    assert b"X-Pastdue-Original-To: ap@brightline.example" in requests[0]["Content"]["Raw"]["Data"]
    assert requests[0]["Destination"] == {"ToAddresses": [SANDBOX]}


def test_the_account_is_the_one_that_aws_reports() -> None:
    client = boto3.client("sts")
    with Stubber(client) as stub:
        stub.add_response("get_caller_identity", {"Account": "111122223333"})

        account_id = verified_account_id(client)

    assert account_id == "111122223333"
