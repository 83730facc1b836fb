"""Which changes of an account are news for customer service, and how they are put (R8.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from chalicelib.core.account import Account, Hold
from chalicelib.core.releases import CreditNews, TemporaryRelease
from chalicelib.flows.credit_news import account_of_news, news_id, news_of
from chalicelib.flows.credit_news_words import write_news
from tests.flows.machine import TODAY


@pytest.mark.parametrize("account_id", ["A1", "a/b", "12/3", "x:USD:2024-03-18"])
def test_the_account_of_news_is_read_from_its_id(account_id: str) -> None:
    assert account_of_news(news_id(account_id, 7)) == account_id


@pytest.mark.parametrize("notice_id", ["A1:USD:2024-03-18", "credit_news:USD:2024-03-18", ""])
def test_a_notices_id_is_none_of_news(notice_id: str) -> None:
    assert account_of_news(notice_id) is None


ON_HOLD = Account("A1", holds={"past_due_total": Hold("past_due_total", TODAY)})
OPEN = Account("A1")
PREPAID = Account("A1", holds={"risky": Hold("risky", TODAY, "anna", held_as="prepaid")})
EASED = Account(
    "A1",
    holds={
        "past_due_total": replace(
            ON_HOLD.holds["past_due_total"],
            release=TemporaryRelease(date(2024, 3, 24), TODAY, "anna"),
        )
    },
)
TWO = Account("A1", holds=ON_HOLD.holds | {"fraud": Hold("fraud", TODAY, "anna")})


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (OPEN, OPEN, None),
        (OPEN, ON_HOLD, ("open", "on_hold", None, False)),
        (ON_HOLD, OPEN, ("on_hold", "open", None, True)),
        (ON_HOLD, PREPAID, ("on_hold", "prepaid", None, False)),
        (ON_HOLD, EASED, ("on_hold", "on_hold", date(2024, 3, 24), True)),
        (EASED, EASED, None),
        (EASED, OPEN, ("on_hold", "open", None, True)),
        (ON_HOLD, TWO, None),  # another reason, the same status
    ],
)
def test_what_is_news(before: Account, after: Account, told: Any) -> None:
    news = news_of(before, after, "n", TODAY)

    said = news and (news.status_before, news.status, news.until, news.may_ship)
    assert said == told


def test_a_temporary_release_says_until_when() -> None:
    news = CreditNews(
        "n", TODAY, "on_hold", "on_hold", (("past_due_total", TODAY),), ("past_due_total",),
        date(2024, 3, 24),
    )  # fmt: skip

    mail = write_news("A1", "Böhm & <Söhne>\r\nBcc: x", news)

    assert mail.subject == "Credit released until 2024-03-24: A1 Böhm & <Söhne> Bcc: x"
    assert "until 2024-03-24, that day included; then held again." in mail.text
    assert "&lt;Söhne&gt;" in mail.html
