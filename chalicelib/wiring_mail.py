"""The delivery of letters over one deployment's adapters."""

from __future__ import annotations

import time
from functools import cache, partial

from chalicelib.alarms import tell_own_text_failed
from chalicelib.flows.counts import Counts
from chalicelib.flows.credit_news import account_of_news
from chalicelib.flows.deliver import Deliver
from chalicelib.flows.departures import Departures
from chalicelib.flows.kept_letters import KeptLetters
from chalicelib.flows.letter_text_shelf import TextShelf
from chalicelib.flows.letterhead import letterhead, with_people
from chalicelib.flows.notice_endings import Endings
from chalicelib.flows.pace import Pace, Pacing, Unpaced
from chalicelib.flows.ports_mail import Mailer
from chalicelib.flows.restored import fence_before
from chalicelib.flows.tell_news import TellNews
from chalicelib.mail.own_letters import OwnLetters
from chalicelib.mail.sandbox import MailStage, select_mailer, verified_account_id
from chalicelib.mail.ses import SesMailer, message_host, ses_client
from chalicelib.settings import NO_PACING, PRODUCTION_STAGE, Settings
from chalicelib.store.clients import aws_client
from chalicelib.wiring_ports import Ports


def send(ports: Ports, account_id: str, mail_id: str) -> Counts:
    """Deliver what a message names: a notice to a customer, or news to customer service (R8.6)."""
    if account_of_news(mail_id) is not None:
        return tell_news(ports).tell(account_id, mail_id)
    return deliver(ports).deliver(account_id, mail_id)


@cache
def deliver(ports: Ports) -> Deliver:
    """Return what delivers notices: one per process, the letterhead read for each letter."""
    values = ports.settings
    return Deliver(
        endings=Endings(ports.bookings, KeptLetters(ports.archive), ports),
        departures=Departures(
            ports.bookings, ports.recent, ports.queues, ports, ports.sending_times, pace(ports)
        ),
        queues=ports.queues,
        mailer=mailer(values),
        renderer=OwnLetters(TextShelf(ports.records, ports.monotonic), tell_own_text_failed),
        letterhead=lambda: with_people(
            letterhead(ports.archive, values.sender_address), ports.recent.people()
        ),
        sender=values.sender_address,
        message_host=message_host(),
        fence=partial(fence_before, ports.records),
    )


@cache
def pace(ports: Ports) -> Pacing:
    """Return this worker's pace: one per process, so that each letter knows of the one before."""
    values = ports.settings
    if values.mail_pacing == NO_PACING and not values.is_production:
        return Unpaced()
    return Pace(ports.quota, ports.monotonic, time.sleep)


@cache
def tell_news(ports: Ports) -> TellNews:
    """Return what tells customer service: one per process, under the same sandbox rule (R13.4)."""
    values = ports.settings
    mail = mailer(values)
    return TellNews(ports.bookings, ports.recent, mail, ports, values.sender_address, pace(ports))


def mailer(values: Settings) -> Mailer:
    """Return SES itself where stage and AWS's own word say production, else the sandbox (R13.4)."""
    is_candidate = values.stage == PRODUCTION_STAGE and bool(values.production_account_id)
    stage = MailStage(
        stage=values.stage,
        account_id=verified_account_id(aws_client("sts")) if is_candidate else None,
        production_stage=PRODUCTION_STAGE,
        production_account_id=values.production_account_id,
        sandbox_address=values.sandbox_address,
    )
    return select_mailer(SesMailer(ses_client(), values.configuration_set), stage)
