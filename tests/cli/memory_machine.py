"""A machine for days in memory: the flows over fakes, with queues that are emptied at once."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from chalicelib.core.effects import Effect
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.import_ledger import ImportLedger, ImportResult
from chalicelib.flows.ledger_read import Ledger
from chalicelib.flows.mail_events import LetterNews
from chalicelib.flows.simulate import effect_order
from local.day_runs import Counts

from tests.flows.machine import Machine


@dataclass
class MemoryMachine:
    """`local.day_runs.Machine` over the fakes of the flows' tests."""

    inner: Machine = field(default_factory=Machine)

    def begin_day(self, day: date) -> None:
        self.inner.clock.at = datetime.combine(day, time(9), UTC)
        self.inner.registry.beat(day - timedelta(days=1))

    def book(self, facts: Ledger, on: date) -> ImportResult:
        importer = ImportLedger(self.inner.accounts, self.inner.registry, self.inner.policies)
        return importer.import_ledger(facts, on)

    def sweep(self, day: date) -> Counts:
        return self.inner.sweep.start(day)

    def approve(self, day: date) -> Counts:
        state = self.inner.registry.run_state(day)
        assert state is not None
        return self.inner.sweep.approve(day, state.accounts_due)

    def settle(self) -> float:
        queues = self.inner.queues
        while queues.shards:
            self.inner.sweep.hand_out(*queues.shards.pop())
        while queues.work:
            self.inner.work.decide_account(*queues.work.pop())
        while queues.mail:
            account_id, notice_id = queues.mail.pop()
            if account_of_news(notice_id) is not None:
                self.inner.tell_news.tell(account_id, notice_id)
                continue
            self.inner.deliver.deliver(account_id, notice_id)
            attempt = len([m for m in self.inner.mailer.tried if m.notice_id == notice_id])
            if not attempt:
                continue  # left to a person to post
            news = LetterNews(
                notice_id=notice_id, attempt=attempt, kind="delivery", at=self.inner.clock.now()
            )
            self.inner.mail_events.book(news)
        return 0.0

    def effects(self, first_day: date, last_day: date) -> list[Effect]:
        found = [
            effect
            for kept in self.inner.accounts.kept.values()
            for effect in kept.effects
            if first_day <= effect.on <= last_day
        ]
        return sorted(found, key=effect_order)

    def letters_sent(self) -> int:
        tried = self.inner.mailer.tried
        return sum(account_of_news(mail.notice_id) is None for mail in tried)
