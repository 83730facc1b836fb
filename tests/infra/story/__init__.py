"""One story of a whole deployment: each chapter takes the seller and goes on where the last ended.

Whoever adds a flow adds it to a chapter, or a chapter to `CHAPTERS`: the permissions of every
function are checked against what the story made it ask for (`tests/infra/test_story.py`).
"""

from tests.infra.story import (
    agency,
    customer,
    events,
    evidence,
    jobs,
    left_behind,
    reads,
    report,
    webhooks,
)

# In this order: the days of the runs go forward.
CHAPTERS = (
    customer.tell,
    jobs.tell,
    agency.tell,
    left_behind.tell,
    events.tell,
    report.tell,
    evidence.tell,
    webhooks.tell,
    reads.tell,
)
