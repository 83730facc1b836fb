"""What is sent to the API's desks about one account, in any order, with a run's decisions between."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from chalicelib.core.account import Account, AccountDetails
from chalicelib.core.decide import decide
from chalicelib.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from chalicelib.core.facts import (
    ChargeReinstated,
    ChargeWaived,
    DisputeOpened,
    Extension,
    ExternalOpen,
    Fact,
    InvoiceIssued,
    InvoiceVoided,
    InvoiceWrittenOff,
    Payment,
    PaymentReversed,
)
from chalicelib.core.facts_placements import PlacementAct
from chalicelib.core.placement_moves import Move
from chalicelib.core.placements import Placement, PlacementTerms
from chalicelib.core.policy import Policy
from chalicelib.flows.cash_desk import CashDesk, CashSaid
from chalicelib.flows.credit_desk import CreditDesk, CreditNoteSaid
from chalicelib.flows.desk import Caller, Desk, Reply, Ruling
from chalicelib.flows.payment_desk import PaymentDesk, PaymentSaid
from chalicelib.flows.policy_shelf import PolicyShelf
from chalicelib.flows.ports import Change, Loaded
from chalicelib.flows.principal import Principal
from hypothesis import strategies as st
from tests.fakes_store import MemoryAccounts, MemoryRegistry

FIRST = date(2024, 1, 2)
NAMES = {"I0": "USD", "I1": "USD", "I2": "JPY", "I3": "USD"}  # I3 comes in later, if ever
STAGES = ("s5", "s15", "s30")
FEE = '{ kind = "percent", rate = "0.05" }'


def document(charges: str, tables: str = "") -> bytes:
    """A policy with the same charges on each of its stages."""
    stages = "".join(
        f"""
[[stages]]
id = "{stage}"
days = {stage[1:]}
notice = "late_fee"
charges = [ {charges} ]
"""
        for stage in STAGES
    )
    return (HEAD + tables + stages).encode()


HEAD = """
id = "standard"
currencies = ["USD", "JPY"]
[dunning]
min_days_between_notices = 0
[cash]
reverse_on_value_date = true
short_payment_tolerance = { USD = "0.20" }
write_off_short_payments = true
[escalation]
agencies = [ { agency = "acme" } ]
collection_fee = { percent = "0.15" }
"""
FEES = document(FEE)
INTEREST = document(
    '{ kind = "interest" }, ' + FEE, '[interest]\nannual_rate = "0.90"\npost_final = true\n'
)
DOCUMENTS = st.sampled_from((FEES, INTEREST))
REFUSALS = (ConflictError, InvalidInputError, NotFoundError, RefusedError)


@dataclass
class World:
    """One account behind the desks. `today` moves on; refused acts change nothing."""

    document: bytes = FEES
    today: date = FIRST
    accounts: MemoryAccounts = field(default_factory=lambda: MemoryAccounts(4))

    def __post_init__(self) -> None:
        registry = MemoryRegistry()
        registry.put_policy("standard", self.document)
        self.policies = PolicyShelf(registry)
        self.desk = Desk(self.accounts, self.policies, lambda at: at.date())
        self.payments = PaymentDesk(self.desk, "own")
        self.credits = CreditDesk(self.desk, "own")
        self.cash = CashDesk(self.desk, "own")
        self.book(*(issued(name) for name in NAMES if name != "I3"))

    @property
    def account(self) -> Account:
        return self.accounts.kept["A"].account

    @property
    def caller(self) -> Caller:
        at = datetime.combine(self.today, time(9), UTC)
        return Caller(Principal("anna", frozenset({"admin"})), at)

    def book(self, *facts: Fact) -> None:
        """Book facts as the desk of any other noun does."""

        def act(_: Account, __: Policy, ___: date) -> Ruling:
            return Ruling(facts, lambda _: Reply(200, {}))

        self.desk.book("A", self.caller, act, needs=facts, create=True)

    def decide(self) -> None:
        """Decide the account for today, as a run does; its notices count as sent at once."""
        loaded: Loaded = self.accounts.load("A")
        policy = self.policies.of(AccountDetails(), self.today)
        made = decide(loaded.account, policy, self.today)
        self.accounts.commit(Change(loaded, made.account, made.wake_on, made.entries, made.effects))

    def charge(self, number: int) -> str:
        """Return the id of one of the charges there are, "" when there is none."""
        invoices = (*self.account.invoices.values(), *self.account.closed.values())
        ids = sorted(charge.id for invoice in invoices for charge in invoice.charges)
        return ids[number % len(ids)] if ids else ""

    def invoice_of(self, charge: str) -> str:
        """Return the invoice on which a charge hangs, else the one that its id begins with."""
        for invoice in (*self.account.invoices.values(), *self.account.closed.values()):
            if any(one.id == charge for one in invoice.charges):
                return invoice.id
        return charge.partition(":")[0]

    def do(self, act: Act) -> None:
        """Do one thing; what the rules refuse is refused."""
        with suppress(*REFUSALS):
            act(self)


Act = Callable[[World], object]


def issued(name: str, on: date = FIRST) -> InvoiceIssued:
    """An invoice of 600 minor units, due on its day."""
    return InvoiceIssued(on, name, NAMES[name], 600, 600, on, on, on, delivered_on=on)


@dataclass(frozen=True)
class Pass:
    """Days pass, and a run decides the account."""

    days: int

    def __call__(self, world: World) -> None:
        world.today += timedelta(days=self.days)
        world.decide()


@dataclass(frozen=True)
class Pay:
    number: int
    minor: int
    currency: str
    names: tuple[str, ...]
    days_ago: int

    def __call__(self, world: World) -> None:
        received = max(world.today - timedelta(days=self.days_ago), FIRST)
        said = PaymentSaid(f"P{self.number}", received, self.minor, self.currency, self.names)
        world.payments.book("A", world.caller, said)


@dataclass(frozen=True)
class Bounce:
    number: int

    def __call__(self, world: World) -> None:
        world.payments.reverse("A", world.caller, f"P{self.number}", "bounced", "No cover.")


@dataclass(frozen=True)
class Credit:
    number: int
    minor: int
    currency: str
    name: str | None
    days_ago: int

    def __call__(self, world: World) -> None:
        on = world.today - timedelta(days=self.days_ago)
        said = CreditNoteSaid(f"C{self.number}", self.minor, self.currency, self.name, "x", on)
        world.credits.book("A", world.caller, said)


@dataclass(frozen=True)
class Apply:
    said: CashSaid

    def __call__(self, world: World) -> None:
        world.cash.apply("A", world.caller, self.said)


@dataclass(frozen=True)
class Tell:
    """What another desk books of an invoice or one of its charges."""

    kind: str
    name: str
    stage: str
    minor: int

    def __call__(self, world: World) -> None:
        on, name = world.today, self.name
        charge = world.charge(self.minor) or f"{name}:{self.stage}:percent"
        of_it = world.invoice_of(charge)
        facts: dict[str, Fact] = {
            "issue": issued(name, on),
            "void": InvoiceVoided(on, name),
            "write_off": InvoiceWrittenOff(on, name, "bad_debt"),
            "waive": ChargeWaived(on, of_it, charge, "goodwill"),
            "reinstate": ChargeReinstated(on, of_it, charge, "mistake"),
            "extend": Extension(on, name, on + timedelta(days=self.minor % 20)),
            "dispute": DisputeOpened(on, name, self.minor),
            "external": ExternalOpen(on, name, self.minor),
            "external_charge": ExternalOpen(on, of_it, self.minor % 30, charge),
        }
        # Who states charges books the money too (R7.6): no fee that was paid here first is stated
        # there. It would have more open than it was, once that payment bounced.
        if self.kind == "external_charge" and ":collection_fee:" in charge:
            return
        world.book(facts[self.kind])


@dataclass(frozen=True)
class Place:
    """An agency accepts what is open in dollars: offered by hand, for no checklist holds here."""

    def __call__(self, world: World) -> None:
        kept, on = world.accounts.kept["A"], world.today
        usd = [one for one in kept.account.invoices.values() if one.currency == "USD"]
        there = kept.account.placements
        if not usd or any(one.is_with_agency for one in there.values()):
            return
        balance = sum(one.open_minor + one.open_charges_minor for one in usd)
        offer = Placement(
            f"plc_{len(there) + 1}", "USD", "offered", on, "anna",
            frozenset(one.id for one in usd), agency="acme", offered_on=on, offered_until=on,
            placed_minor=balance, balance_minor=balance,
            terms=PlacementTerms(Decimal("0.20"), commission_on_direct=True),
        )  # fmt: skip
        kept.account = replace(kept.account, placements={**there, offer.id: offer})
        world.book(PlacementAct(on, offer.id, "accept"))


@dataclass(frozen=True)
class Collect:
    """The agency that had the placement of a number received money for it, or it bounced."""

    placement: int
    number: int
    minor: int
    names: tuple[str, ...]
    bounces: bool

    def __call__(self, world: World) -> None:
        on, name = world.today, f"A{self.number}"
        placed = f"plc_{self.placement}"
        money = Payment(on, name, on, "USD", self.minor, self.names, placement_id=placed)
        world.book(money, *([PaymentReversed(on, name)] if self.bounces else []))


@dataclass(frozen=True)
class End:
    """A placement ends, or is recalled because it was an error."""

    placement: int
    move: Move

    def __call__(self, world: World) -> None:
        said = PlacementAct(
            world.today, f"plc_{self.placement}", self.move, reason="creditor_error"
        )
        world.book(said)


KINDS = (
    "issue", "void", "write_off", "waive", "waive", "reinstate", "extend", "dispute", "external",
    "external_charge",
)  # fmt: skip
MINOR = st.sampled_from([600, 600, 590, 630, 1_300, 251, 7, 1])
CURRENCY = st.sampled_from(["USD", "USD", "USD", "JPY", "EUR"])
NAMED = st.lists(st.sampled_from([*NAMES, "GHOST"]), max_size=3, unique=True).map(tuple)
NUMBER = st.integers(0, 5)
MONEY_ID = st.one_of(st.none(), NUMBER.map(lambda number: f"P{number}"))
PAY = st.builds(Pay, NUMBER, MINOR, CURRENCY, NAMED, st.integers(0, 30))
APPLY = st.one_of(
    st.just(CashSaid()),
    st.builds(CashSaid, st.none(), st.none(), st.none(), NAMED),
    st.builds(CashSaid, st.one_of(st.none(), CURRENCY), MONEY_ID, st.none(), NAMED),
).map(Apply)
TELL = st.builds(
    Tell, st.sampled_from(KINDS), st.sampled_from(list(NAMES)), st.sampled_from(STAGES), MINOR
)
CREDIT = st.builds(
    Credit, NUMBER, MINOR, CURRENCY, st.sampled_from([None, *NAMES]), st.integers(0, 10)
)
PASS = st.builds(Pass, st.integers(0, 12))
COLLECT = st.builds(Collect, st.integers(1, 2), NUMBER, MINOR, NAMED, st.booleans())
END = st.builds(End, st.integers(1, 2), st.sampled_from(["recall", "return", "close"]))
MIX: list[st.SearchStrategy[Act]] = [
    PASS, PASS, PAY, PAY, PAY, st.builds(Bounce, NUMBER), CREDIT, APPLY, APPLY, TELL, TELL, TELL,
    st.just(Place()), COLLECT, END,
]  # fmt: skip


@st.composite
def acts(draw: st.DrawFn) -> list[Act]:
    """A history of ten to forty acts."""
    return [draw(draw(st.sampled_from(MIX))) for _ in range(draw(st.integers(10, 40)))]


__all__ = [
    "NAMED", "Act", "Apply", "Bounce", "CashSaid", "Pass", "Pay", "Tell", "World", "acts",
]  # fmt: skip
