"""SES's events become plain values, and what is none of them is a clear error."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from chalicelib.flows.ports_mail import InvalidMailError, MailLimitError
from chalicelib.mail.events import (
    ForeignMailEventError,
    MailEvent,
    MailEventError,
    MailEventKind,
    parse_event,
)
from chalicelib.mail.tags import decode_tag, encode_tag
from hypothesis import given
from hypothesis import strategies as st
from tests.mail.build_mail import NOTICE_ID, ses_event, sns_envelope

SENT_AT = datetime(2026, 3, 18, 7, 0, tzinfo=UTC)
LATER = "2026-03-18T07:00:05.500Z"
BOUNCED = [{"emailAddress": "old@brightline.example", "status": "5.1.1"}]


def test_a_delivery_says_which_notice_reached_whom_and_when() -> None:
    event = parse_event(
        ses_event("Delivery", {"timestamp": LATER, "recipients": ["ap@brightline.example"]})
    )

    assert event == MailEvent(
        notice_id=NOTICE_ID,
        attempt=1,
        kind=MailEventKind.DELIVERY,
        at=datetime(2026, 3, 18, 7, 0, 5, 500_000, tzinfo=UTC),
        message_id="0100-1",
        recipients=("ap@brightline.example",),
    )


@pytest.mark.parametrize(
    ("event_type", "part", "kind", "recipients", "detail"),
    [
        ("Send", {}, "send", ("ap@brightline.example",), ""),
        (
            "Bounce",
            {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": BOUNCED},
            "bounce_hard",
            ("old@brightline.example",),
            "Permanent/General",
        ),
        (
            "Bounce",
            {
                "bounceType": "Transient",
                "bounceSubType": "MailboxFull",
                "bouncedRecipients": BOUNCED,
            },
            "bounce_soft",
            ("old@brightline.example",),
            "Transient/MailboxFull",
        ),
        (
            "Bounce",
            {"bounceType": "Undetermined", "bouncedRecipients": BOUNCED},
            "bounce_soft",
            ("old@brightline.example",),
            "Undetermined",
        ),
        (
            "Bounce",
            {
                "bounceType": "Permanent",
                "bounceSubType": "OnAccountSuppressionList",
                "bouncedRecipients": BOUNCED,
            },
            "bounce_suppressed",
            ("old@brightline.example",),
            "Permanent/OnAccountSuppressionList",
        ),
        (
            "Bounce",
            {
                "bounceType": "Permanent",
                "bounceSubType": "Suppressed",
                "bouncedRecipients": [{"emailAddress": "Old <old@brightline.example>"}],
            },
            "bounce_suppressed",
            ("old@brightline.example",),
            "Permanent/Suppressed",
        ),
        ("Bounce", {"bounceType": "Permanent"}, "bounce_hard", (), "Permanent"),
        (
            "Complaint",
            {"complainedRecipients": BOUNCED, "complaintFeedbackType": "abuse"},
            "complaint",
            ("old@brightline.example",),
            "abuse",
        ),
        ("Reject", {"reason": "Bad content"}, "reject", ("ap@brightline.example",), "Bad content"),
        (
            "DeliveryDelay",
            {"delayType": "MailboxFull", "delayedRecipients": BOUNCED, "timestamp": LATER},
            "delivery_delay",
            ("old@brightline.example",),
            "MailboxFull",
        ),
        (
            "Rendering Failure",
            {"errorMessage": "Attribute 'x' is not present"},
            "rendering_failure",
            ("ap@brightline.example",),
            "Attribute 'x' is not present",
        ),
    ],
)
def test_every_type_of_event_is_read(
    event_type: str, part: dict[str, Any], kind: str, recipients: tuple[str, ...], detail: str
) -> None:
    event = parse_event(ses_event(event_type, part))

    assert (event.kind, event.recipients, event.detail) == (kind, recipients, detail)


def test_an_event_without_its_own_time_has_that_of_the_letter() -> None:
    assert parse_event(ses_event("Send")).at == SENT_AT


def test_an_event_is_read_the_same_inside_the_envelope_of_sns() -> None:
    bare = ses_event("Send")

    assert parse_event(sns_envelope(bare)) == parse_event(bare)


def test_an_event_about_a_trial_says_so() -> None:
    tags = {
        "pastdue_notice": [encode_tag(NOTICE_ID)],
        "pastdue_attempt": ["2"],
        "pastdue_sandbox": ["yes"],
    }

    event = parse_event(ses_event("Send", tags=tags))

    assert event.is_sandbox
    assert event.attempt == 2


@pytest.mark.parametrize(
    "body",
    [
        ses_event("Send", tags={"ses:configuration-set": ["other"]}),
        ses_event("Send", tags=None),
        sns_envelope("Successfully validated SNS topic for Amazon SES event publishing."),
    ],
)
def test_an_event_about_no_notice_of_ours_is_told_apart(body: str) -> None:
    with pytest.raises(ForeignMailEventError):
        parse_event(body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        "null",
        "[" * 100_000,
        "{}",
        json.dumps({"Type": "Notification", "Message": 5}),
        sns_envelope("not json"),
        sns_envelope("{}"),
        ses_event("Open"),
        json.dumps({"eventType": ["Send"], "mail": {}}),
        json.dumps({"eventType": "Send"}),
        json.dumps({"eventType": "Send", "mail": "x"}),
        ses_event("Send", timestamp="yesterday"),
        ses_event("Send", timestamp=None),
        ses_event("Send", timestamp="9999-12-31T23:59:59Z"),
        ses_event("Send", messageId=7),
        ses_event("Send", tags={"pastdue_notice": ["!!"], "pastdue_attempt": ["1"]}),
        ses_event("Send", tags={"pastdue_notice": [encode_tag("A1")]}),
        ses_event("Send", tags={"pastdue_notice": [encode_tag("A1")], "pastdue_attempt": ["x"]}),
        " " * 262_145,
    ],
    ids=lambda body: body[:30],
)
def test_what_is_no_event_is_refused_with_a_code(body: str) -> None:
    with pytest.raises(MailEventError) as refused:
        parse_event(body)

    assert refused.value.code == "malformed_mail_event"
    assert not refused.value.retryable


ODD_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, "", "x", [], [None], ["x"], [[]], [{}], [{"emailAddress": 1}], {}, {"x": 1},
     LATER, "2026-03-18", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
     {"pastdue_notice": []}, {"pastdue_notice": [1]}, {"pastdue_notice": "x"}]
)  # fmt: skip


@given(
    st.sampled_from(["Send", "Bounce", "Delivery", "Complaint"]),
    st.dictionaries(
        st.sampled_from(["timestamp", "bounceType", "bouncedRecipients", "recipients"]), ODD_VALUES
    ),
    st.dictionaries(st.sampled_from(["timestamp", "messageId", "destination", "tags"]), ODD_VALUES),
)
def test_no_event_however_odd_raises_anything_but_its_own_error(
    event_type: str, part: dict[str, Any], mail: dict[str, Any]
) -> None:
    try:
        event = parse_event(ses_event(event_type, part, **mail))
    except MailEventError:
        return

    assert event.notice_id == NOTICE_ID


@given(st.text(min_size=1, max_size=48))
def test_any_notices_id_survives_its_tag(notice_id: str) -> None:
    tag = encode_tag(notice_id)

    assert decode_tag(tag) == notice_id
    assert len(tag) <= 256
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in tag)


def test_an_id_of_192_bytes_fits_a_tag_and_one_of_193_is_refused() -> None:
    assert len(encode_tag("x" * 192)) == 256
    with pytest.raises(MailLimitError, match="192 bytes"):
        encode_tag("x" * 193)


@pytest.mark.parametrize("value", ["", "!!", "QQ==", "QTE6=", "____", "Q", "QR"])
def test_a_value_that_is_no_tag_is_refused(value: str) -> None:
    with pytest.raises(InvalidMailError):
        decode_tag(value)
