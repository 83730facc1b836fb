"""The agencies' worker dies at any call of a port: done again, it ends in the same state (R10.5)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.core.errors import UnavailableError
from chalicelib.core.facts import Payment
from chalicelib.flows.agency_work import AgencyWork
from tests.api.placing import AGENCY
from tests.flows.agency_desk import AtAgency
from tests.flows.machine import TODAY


@dataclass
class Dies:
    """Lets the n-th call of a port die, before or after it did its work."""

    at: int
    late: bool
    calls: list[str] = field(default_factory=list)

    def now(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self.calls.append(name)
            number = len(self.calls)
            if number == self.at and not self.late:
                raise UnavailableError("the store does not answer")
            done = real(*args, **named)
            if number == self.at:
                raise UnavailableError("the store does not answer")
            return done

        return call


class Mortal:
    """A port whose calls may die."""

    def __init__(self, port: Any, dies: Dies) -> None:
        self.port, self.dies = port, dies

    def __getattr__(self, name: str) -> Any:
        if name == "shelf":
            return lambda agency_id: Mortal(self.port.shelf(agency_id), self.dies)
        return self.dies.now(name, getattr(self.port, name))


def _story() -> AtAgency:
    """Everything waits at once: an acceptance, money by the agency, an activity, direct money."""
    at = AtAgency()
    at.report("accept", "A1", agency_reference="NG-1")
    at.pays(50_000, "P1")
    at.report("activity", "N1", code="note", on=TODAY.isoformat(), channel="", contact_id="")
    at.book(Payment(TODAY, "D1", TODAY, "USD", 40_000))
    return at


def _mortal(at: AtAgency, dies: Dies) -> AgencyWork:
    desk = replace(at.desk, accounts=Mortal(at.machine.accounts, dies))
    return replace(at.worker, agencies=Mortal(at.machine.agencies, dies), desk=desk)


def _ends(at: AtAgency) -> tuple[Any, ...]:
    """Return all that there is in the end, with the feed's events whatever their order."""
    account = at.machine.account("A1")
    lines = sorted(event.line.id for event in at.shelf.events)
    states = {key: one.state for key, one in at.shelf.reports.items()}
    rows = {name: replace(row, account_version=0) for name, row in at.shelf.kept.items()}
    return account, rows, dict(at.shelf.money), lines, states


def test_a_crash_at_any_call_changes_nothing_of_how_it_ends() -> None:
    whole, alive = _story(), Dies(0, late=False)
    _mortal(whole, alive).work(AGENCY)
    expected = _ends(whole)
    assert len(alive.calls) > 20

    for number in range(1, len(alive.calls) + 1):
        for late in (False, True):
            at = _story()
            with suppress(UnavailableError):
                _mortal(at, Dies(number, late)).work(AGENCY)
            at.work()
            assert _ends(at) == expected, (number, late, alive.calls[number - 1])
