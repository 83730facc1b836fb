"""The catalogue of events as a page (docs/events.md), examples made by the real code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.core.bus_events import AccountEvent, event_id
from chalicelib.core.bus_events_fields import FIELDS
from chalicelib.core.bus_events_types import (
    ACCOUNT_TYPES,
    AGREEMENT_TYPES,
    CATALOGUE,
    DUNNING_TYPES,
    HOLD_TYPES,
    INVOICE_TYPES,
    LEDGER_TYPES,
    PLACEMENT_TYPES,
    UNTOLD_EFFECTS,
    WORK_TYPES,
    EventType,
)
from chalicelib.flows.bus import bus_event

DAY, AT = date(2024, 3, 18), datetime(2024, 3, 18, 6, 0, 4, 123000, UTC)
ACCOUNT = "C-1042"
_AMOUNT = {"amount_minor": 4_000, "currency": "EUR"}
_IDS = {
    "agency_id": "north", "assignee": "kim", "case_id": "C-1042-1", "charge_id": "INV-7:s30:flat",
    "contact_id": "con_1", "credit_note_id": "CN-3", "dispute_id": "dsp_INV-7_2024-03-18",
    "hold_id": "hld_oldest_days_past_due_2024-03-18", "invoice_id": "INV-7",
    "notice_id": "C-1042:2024-03-18:EUR", "payment_id": "PAY-12", "plan_id": "pln_2024-03-18_01",
    "placement_id": "plc_51101aa13408725bfe37", "promise_id": "ptp_2024-03-18_01",
    "ref": "INV-7:s30:flat", "request_id": "rls_1", "settlement_id": "stl_1", "stage": "s30",
    "statement_id": "C-1042:2024-03-18:EUR:statement", "task_id": "C-1042:call",
}  # fmt: skip
_CODES = {
    "block": "legal_stop", "channel": "phone", "charge": "flat",
    "mark": "bounced", "notice": "reminder", "outcome": "reached",
    "state": "active", "status": "on_hold", "status_before": "open", "task": "call",
}  # fmt: skip

HEAD = """# Events

What happens to accounts is told on an EventBridge bus, `pastdue-<stage>`, for a CRM or anything else
that wants to follow. Webhooks carry the same events (docs/webhooks.md).

This page is made by `python scripts/event_reference.py` from the code's own catalogue. The JSON Schema
of every event is served at `GET /events.schema.json`, to anybody, as `/openapi.json` is: it tells of
no account.

## One event

On the bus it is the `detail` of an entry whose `source` is `pastdue.<stage>` and whose `detail-type` is
the event's type:

```json
{example}
```

| Field | Meaning |
|---|---|
| `id` | the same for ever: an event that comes twice has one id |
| `type` | one of those below |
| `timestamp` | when the change was committed, UTC |
| `account_id` | the account |
| `account_version` | the account's version after the change |
| `index` | the event's place among those of its change, from 0 |
| `on` | the business day that it is of |
| `data` | ids, codes, days and amounts, as below |

Amounts are whole minor units with their currency: `{{"amount_minor": 4000, "currency": "EUR"}}` is 40.00
euros. A list of ids has 100 at most; `invoice_count` says how many there are. A field that has nothing
to tell is left out.

**Never in an event:** names, addresses, phone numbers, anybody's words (notes, reasons in prose, the
payer's reference, the customer's order number), and the text of letters. Whoever may see them asks the
API by the ids.

## What may be relied on

- **Every change that is committed is told, at least once.** Its events are written in the same
  transaction, put on the bus right after, and taken away only when the bus has them. What a crash or an
  outage left is put there by the reconcile, a minute or two later. A change that was refused, a preview,
  a simulation and a dry run tell nothing.
- **Take each `id` once.** A retry, of ours or of AWS, has the same id. It follows from the account, the
  change and the event's place in it.
- **Order comes from the event, not from its arrival.** Events of one account are ordered by
  `account_version`, then `index`. Versions may leave gaps, after a restore
  from backup large ones, so that no id comes twice. Between accounts there is no order.
- **Late is possible.** A change of more than about 90 records, such as the first import of a large
  account, is told by the reconcile. `timestamp` says when it was.
- **Amounts are the ledger's.** Each ledger entry is one event with the entry's own amount, kind (`entry`)
  and reference (`ref`): summed, they are the ledger.
- **Nothing changes its meaning.** Types and optional fields are added; a consumer lets unknown ones pass.
- Sending being paused stops letters, not events. `events = "off"` in the file of a stage for
  trials stops them: what happens then is never told. Production is not deployed like that.

## Subscribe

A rule on the bus picks types and sends them on. This one gives a CRM's queue the events of holds and
payments; deploy it in the same account, beside the stack:

```yaml
Parameters:
  Stage: {{Type: String, Default: prod}}
Resources:
  CrmQueue:
    Type: AWS::SQS::Queue
    Properties:
      SqsManagedSseEnabled: true
      RedrivePolicy: {{deadLetterTargetArn: !GetAtt CrmDeadLetters.Arn, maxReceiveCount: 5}}
  CrmDeadLetters:
    Type: AWS::SQS::Queue
    Properties: {{SqsManagedSseEnabled: true, MessageRetentionPeriod: 1209600}}
  CrmRule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Sub pastdue-${{Stage}}
      EventPattern:
        source: [!Sub "pastdue.${{Stage}}"]
        detail-type: [{{prefix: hold.}}, {{prefix: payment.}}, credit_status.changed]
      Targets:
        - Id: crm
          Arn: !GetAtt CrmQueue.Arn
          InputPath: $.detail  # the event alone, as above
          DeadLetterConfig: {{Arn: !GetAtt CrmDeadLetters.Arn}}
  CrmQueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref CrmQueue, !Ref CrmDeadLetters]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: events.amazonaws.com}}
            Action: sqs:SendMessage
            Resource: [!GetAtt CrmQueue.Arn, !GetAtt CrmDeadLetters.Arn]
            Condition: {{ArnEquals: {{aws:SourceArn: !GetAtt CrmRule.Arn}}}}
```

What a listener missed is replayed from the archive, which keeps 30 days
(`event_archive_days` in the stage's file):

```
aws events start-replay --replay-name crm-again \\
  --event-source-arn <arn of the archive pastdue-prod> \\
  --event-start-time 2024-03-18T06:00:00Z --event-end-time 2024-03-18T09:00:00Z \\
  --destination '{{"Arn": "<arn of the bus>", "FilterArns": ["<arn of the rule>"]}}'
```

A replayed event has its old `id`. The bus has no policy of its own: nobody outside this AWS account can
put events on it or make rules. To follow from another account, let a rule here send to a bus there.
"""
SECTIONS = (
    ("Accounts and contacts", ACCOUNT_TYPES),
    ("The ledger", LEDGER_TYPES),
    ("Invoices", INVOICE_TYPES),
    ("Dunning and letters", DUNNING_TYPES),
    ("Credit holds", HOLD_TYPES),
    ("Promises, payment plans, disputes", AGREEMENT_TYPES),
    ("Tasks, cases, contacts made", WORK_TYPES),
    ("Placements", PLACEMENT_TYPES),
)


def reference() -> str:
    """Return the page: what an event is, what may be relied on, and every type with an example."""
    return "\n".join(_lines()) + "\n"


def example(one: EventType, *, whole: bool = False) -> dict[str, Any]:
    """Return an event of a type, as the bus would have it; `whole`: with what it may have, too."""
    names = (*one.has, *one.may_have) if whole else one.has
    data = {name: _sample(one, name) for name in names}
    told = AccountEvent(event_id(ACCOUNT, 17, 0, one.name), one.name, ACCOUNT, DAY, 17, 0, data)
    return bus_event(told, AT).values()


def _lines() -> Iterator[str]:
    shown = json.dumps(example(CATALOGUE["charge.posted"], whole=True), indent=2)
    yield HEAD.format(example=shown)
    yield "## Types"
    for title, types in SECTIONS:
        yield f"\n### {title}"
        for one in types:
            yield from _type(one)
    yield "\n## Told otherwise, or not at all"
    yield "\n| Effect | Why |\n|---|---|"
    for kind, why in UNTOLD_EFFECTS.items():
        yield f"| `{kind}` | {why} |"
    yield (
        "\nWhat people do is told by what it changes. Notes are never told, nor is what stays inside "
        "the house: whose turn it is to approve, news to customer service, the agency's own feed."
    )


def _type(one: EventType) -> Iterator[str]:
    yield f"\n#### `{one.name}`\n\n{one.when}\n"
    names = (*one.has, *one.may_have)
    if names:
        yield "| Data | | Meaning |\n|---|---|---|"
    for name in names:
        yield f"| `{name}` | {'' if name in one.has else 'optional'} | {FIELDS[name].meaning} |"
    data = json.dumps(example(one, whole=True)["data"])
    yield f"\n```json\n{data}\n```" if names else "It has no data.\n\n```json\n{}\n```"


def _sample(one: EventType, name: str) -> Any:
    """Return a value that a field may have in events of a type."""
    named = {
        "entry": _ENTRIES.get(one.name, "charge"),
        "reason_code": _REASONS.get(one.name, "goodwill"),
        "direction": "decrease" if one.name.endswith(".adjusted") else "out",
        "changed": ["locale", "collector"],
        "invoice_ids": [_IDS["invoice_id"]],
        "may_ship": False,
        **_IDS,
        **_CODES,
    }
    if name in named:
        return named[name]
    schema = FIELDS[name].schema
    if "$ref" in schema:
        return dict(_AMOUNT)
    return 1 if schema["type"] == "integer" else DAY.isoformat()


_ENTRIES = {
    "invoice.opened": "invoice", "invoice.adjusted": "external_decrease",
    "invoice.voided": "void", "invoice.written_off": "write_off",
    "invoice.write_off_reversed": "write_off_reversal", "charge.reversed": "charge_reversal",
    "charge.waived": "waiver", "charge.voided": "void", "charge.adjusted": "external_decrease",
    "payment.booked": "payment", "payment.reversed": "payment_reversal",
    "credit_note.booked": "credit_note",
}  # fmt: skip
_REASONS = {
    "charge.reversed": "value_date", "charge.stopped": "rate_unknown",
    "notice.bounced": "bounced", "promise.lapsed": "not_approved", "task.closed": "done",
    "dispute.opened": "pricing", "dispute.closed": "credited", "block.set": "insolvency",
    "block.ended": "insolvency", "hold.placed": "oldest_days_past_due",
    "hold.released": "oldest_days_past_due", "hold.released_until": "oldest_days_past_due",
    "placement.balance_changed": "payment_direct",
}  # fmt: skip
