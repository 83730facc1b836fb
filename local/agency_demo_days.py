"""On what `pastdue agency-demo` plays: the sample ledger, until the final demand's answer is overdue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from chalicelib.flows.policies import load, shipped_document
from chalicelib.flows.policy_terms import one_policys
from local.agency_demo import Finance
from local.http_json import Caller
from local.main_job import Job
from local.sample import DAYS as SAMPLE_DAYS
from local.sample import FIRST_DAY, sample_files

POLICY_ID = "standard"
LAST_DAY = date(
    2026, 3, 23
)  # a Monday: the answer to the sample's final demand was due on the 21st
# The sample's own days, then straight to the last: what falls between is caught up with there.
DAYS = (*(FIRST_DAY + timedelta(days=number) for number in range(SAMPLE_DAYS)), LAST_DAY)
_AGENCIES = b'agencies = [ { agency = "default" } ]\n'
_COMMISSION = b'commission = [ { percent = "0.20" } ]\n'


def demo_policy() -> bytes:
    """Return the shipped standard policy with a commission, which every seller sets for themselves."""
    document = shipped_document(POLICY_ID)
    assert document.count(_AGENCIES) == 1
    return document.replace(_AGENCIES, _AGENCIES + _COMMISSION)


def demo_job() -> Job:
    """Return the sample ledger with the days that are run before the story begins."""
    document = demo_policy()
    policy = load(document)
    ledger = sample_files().read(one_policys(policy.terms))
    return Job(ledger, policy, document, DAYS, is_sample=True)


def people(person: Callable[[str, str], Caller]) -> Finance:
    """Return the people of finance; `person` lets one call the API, by name and role."""
    return Finance(
        collector=person("dana", "collector"),
        approver=person("sam", "approver"),
        admin=person("kim", "admin"),
        erp=person("erp", "service"),
    )
