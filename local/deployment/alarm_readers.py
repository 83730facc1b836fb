"""Who hears of a stage's alarms: an alarm that nobody reads is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

_UNCONFIRMED = "PendingConfirmation"  # in place of the subscription's ARN


def reader_lines(sns: Any, topic_arn: str) -> Iterator[str]:
    """Yield in words who is subscribed to the topic of alarms, and who has not confirmed it yet.

    AWS's refusal to say is told too, and is no failure: what was deployed is.
    """
    pages = sns.get_paginator("list_subscriptions_by_topic")
    try:
        found = [
            one for page in pages.paginate(TopicArn=topic_arn) for one in page["Subscriptions"]
        ]
    except ClientError as error:
        yield f"Who hears of alarms could not be asked: {error.response['Error']['Code']}"
        return
    waiting = [one for one in found if one["SubscriptionArn"] == _UNCONFIRMED]
    for one in waiting:
        yield f"{_named(one)} has not confirmed yet: open the link in AWS's mail"
    if reached := [one for one in found if one not in waiting]:
        named = ", ".join(sorted(_named(one) for one in reached))
        yield f"Alarms reach {len(reached)} subscriptions: {named}"
        return
    why = "nobody has confirmed" if waiting else "nothing is subscribed to"
    yield f"Nobody hears of alarms: {why} {topic_arn.rpartition(':')[2]}"


def _named(subscription: dict[str, str]) -> str:
    return f"{subscription['Protocol']} {subscription['Endpoint']}"
