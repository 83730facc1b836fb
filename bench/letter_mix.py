"""The letters that rendering is measured with: what accounts of many sizes are sent.

Accounts of 1 to 60 invoices walk through the days of the shipped policies; every notice that the
core makes on the way becomes a letter, as just before sending. Among them are letters about payment
plans. The same dice give the same letters.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.apply import apply_all
from chalicelib.core.calendar import ONE_DAY
from chalicelib.core.decide import decide, next_look
from chalicelib.core.facts import InvoiceIssued, NoticeCounted
from chalicelib.flows.letter_parts import Collector, PaymentInstruction, Seller
from chalicelib.flows.letter_plan import CoveredLine, InstalmentLine, PlanLetter, PlanLetterKind
from chalicelib.flows.letterhead import Letterhead
from chalicelib.flows.letters import NothingToAsk, write_letter
from chalicelib.flows.policies import load
from chalicelib.flows.ports_letters import AnyLetter

# Of the letters: followed by one about a plan, bringing all of the money. Of the invoices: disputed.
PLAN_PERCENT, PAY_PERCENT, DISPUTED_PERCENT = 8, 25, 5
FIRST_DUE, LAST_DAY = date(2025, 1, 6), date(2025, 9, 30)
# Invoices of an account: share of the accounts, fewest, most.
SIZES = ((30, 1, 1), (30, 2, 5), (22, 6, 15), (12, 16, 30), (6, 31, 60))
# Share of the accounts, policy, currency, locales.
SELLERS = (
    (45, "standard", "USD", ("en", "en_US", "es_US")),
    (15, "uk-statutory", "GBP", ("en_GB",)),
    (40, "eu-statutory", "EUR", ("de_DE", "de_AT", "es_ES", "fr_FR", "fr_BE", "en_IE")),
)
HEAD = Letterhead(
    seller=Seller(
        name="Harbor & Pine Supply Co.", address_lines=("1200 Wharf Street", "Portland, OR 97209")
    ),
    address="ar@harborpine.example",
    payment=(
        PaymentInstruction(label="Bank", value="First Harbor Bank, Portland"),
        PaymentInstruction(label="IBAN", value="DE89 3704 0044 0532 0130 00"),
        PaymentInstruction(label="BIC", value="COBADEFFXXX"),
    ),
)
MARIA = Collector(name="Maria Lopez", email="maria@harborpine.example", phone="+1 503 555 0178")
POLICIES = {name: load(name) for _, name, _, _ in SELLERS}


def made(dice: random.Random) -> Iterator[AnyLetter]:
    """Yield letters without end: account by account, each through its days."""
    shares = [share for share, *_ in SELLERS]
    number = 0
    while True:
        number += 1
        _, policy_id, currency, locales = dice.choices(SELLERS, shares)[0]
        details = AccountDetails(
            name=f"Customer {number} & Sons",
            email="ap@customer.example",
            locale=dice.choice(locales),
        )
        account = Account(f"A{number:05d}", details)
        for letter in stage_letters(account, policy_id, currency, dice):
            yield letter
            if dice.random() * 100 < PLAN_PERCENT:
                yield plan_letter(account, currency, dice)


def stage_letters(
    account: Account, policy_id: str, currency: str, dice: random.Random
) -> Iterator[AnyLetter]:
    """Yield what an account is sent until it pays, its notices counting as sent at once."""
    policy = POLICIES[policy_id]
    facts = invoices(account.id, currency, dice)
    day: date | None = min(fact.seen_on for fact in facts)
    account = apply_all(account, facts, policy).account
    while day is not None and day <= LAST_DAY:
        decision = decide(account, policy, day)
        account = decision.account
        for notice in decision.notices:
            letter = write_letter(account, notice, policy, HEAD, day)
            if not isinstance(letter, NothingToAsk):
                yield letter
        if decision.notices and dice.random() * 100 < PAY_PERCENT:
            return
        sent = [NoticeCounted(day, notice.id) for notice in decision.notices]
        account = apply_all(account, sent, policy).account
        wake_on = next_look(account, policy, day) if sent else decision.wake_on
        day = None if wake_on is None else max(wake_on, day + ONE_DAY)


def invoices(account_id: str, currency: str, dice: random.Random) -> list[InvoiceIssued]:
    """Return an account's invoices, due within some two months."""
    _, least, most = dice.choices(SIZES, [share for share, *_ in SIZES])[0]
    facts = []
    for index in range(dice.randint(least, most)):
        due_on = FIRST_DUE + timedelta(days=dice.randint(0, 60))
        issued_on = due_on - timedelta(days=30)
        amount = dice.randint(5_000, 2_500_000)
        facts.append(
            InvoiceIssued(
                issued_on, f"{account_id}-{index:03d}", currency, amount, amount, issued_on, due_on,
                issued_on, issued_on, po_number=dice.choice(("", f"PO {amount % 9973}")),
                disputed_minor=amount // 3 if dice.random() * 100 < DISPUTED_PERCENT else 0,
            )
        )  # fmt: skip
    return facts


def plan_letter(account: Account, currency: str, dice: random.Random) -> PlanLetter:
    """Return a letter about a payment plan of some instalments over some invoices."""
    kind = dice.choice((PlanLetterKind.AGREED, PlanLetterKind.MISSED, PlanLetterKind.BROKEN))
    count, each = dice.randint(2, 12), dice.randint(10_000, 90_000)
    missed = 0 if kind is PlanLetterKind.AGREED else 1
    first_part_on = FIRST_DUE + timedelta(days=80 if missed else 100)
    total = count * each
    covered = dice.randint(1, 20)
    shares = [total // covered] * covered
    shares[0] += total - sum(shares)
    return PlanLetter(
        kind=kind, reference=f"{account.id}-C1", account_id=account.id,
        account_name=account.details.name, seller=HEAD.seller, collector=MARIA,
        notice_on=FIRST_DUE + timedelta(days=90), currency=currency, digits=2,
        asked_minor=(0, total, each)[("plan_agreed", "plan_broken", "plan_missed").index(kind)],
        made_on=FIRST_DUE + timedelta(days=50), locale=account.details.locale, missed_max=2,
        payment=HEAD.payment,
        instalments=tuple(
            InstalmentLine(number=1 + n, due_on=first_part_on + timedelta(days=30 * n),
                           amount_minor=each, open_minor=each, is_missed=n < missed)
            for n in range(count)
        ),
        covers=tuple(
            CoveredLine(invoice_id=f"{account.id}-{n:03d}", due_on=FIRST_DUE + timedelta(days=n),
                        open_minor=minor, charges_minor=0, is_past_due=True)
            for n, minor in enumerate(shares)
        ),
    )  # fmt: skip
