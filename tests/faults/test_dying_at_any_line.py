"""The worker dies at every line of the protocol: no second letter, and none lost (R11.3)."""

from __future__ import annotations

from itertools import count

import pytest
from botocore.exceptions import ReadTimeoutError
from chalicelib.flows.ports_mail import Refused, SendOutcome, Unknown

from tests.faults.line import STORIES, Line, broken_laws, told_in_timeline
from tests.faults.memory import Place, Template, at_new_line, die, stage_of, two_people
from tests.flows.machine import NOTICE

pytestmark = pytest.mark.no_cover  # it looks at each line itself
ANSWERS: dict[str, SendOutcome] = {
    "no answer": Unknown("read_timeout"),
    "refused for now": Refused("AccessDenied", retryable=True),
    "refused for good": Refused("MessageRejected", retryable=False),
    "throttled": Refused("TooManyRequestsException", retryable=True, is_throttled=True),
}
SOME = ("it says nothing", "it says delivered before it answers", "it says bounced")


@pytest.fixture(scope="module")
def template() -> Template:
    return Template(two_people())


def at_every_line(template: Template, story: str, *answers: SendOutcome) -> int:
    """Live one letter's way once for each line of it, dying there; return how many there are."""
    seen: set[Place] = set()
    for number in count():
        machine, post = template.fresh(*answers)
        line = Line(machine, post, STORIES[story])
        with at_new_line(seen, stage_of(machine, post), die) as where:
            line.live_on("A1")
        found = list(broken_laws(line, "A1", NOTICE))
        assert not found, f"dead at {where}: {found}; {line.failures}"
        # A death can take one count with it; unless an event settles it, there is another one.
        told = line.counts["mail_unknown"] + line.counts["unknown_for_good"]
        if not line.says or ANSWERS["no answer"] not in answers:
            assert told or not told_in_timeline(line, "A1", "notice_unknown"), f"dead at {where}"
        if not where:
            return number
    raise AssertionError("a way has an end")


@pytest.mark.parametrize("story", SOME)
def test_a_death_at_any_line_sends_no_second_letter_and_loses_none(
    template: Template, story: str
) -> None:
    assert at_every_line(template, story) > 300


@pytest.mark.parametrize("answer", ["no answer", "refused for good"])
def test_nor_does_one_after_the_mail_service_gave_another_answer(
    template: Template, answer: str
) -> None:
    assert at_every_line(template, "it says nothing", ANSWERS[answer]) > 200


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["accepted", *ANSWERS])
@pytest.mark.parametrize("story", STORIES)
def test_nor_whatever_the_mail_service_says(template: Template, story: str, answer: str) -> None:
    answers = [ANSWERS[answer]] if answer in ANSWERS else []
    assert at_every_line(template, story, *answers) > 200


@pytest.mark.parametrize("answer", ["accepted", "no answer"])
def test_nor_does_one_in_the_adapter_of_the_mail_service(template: Template, answer: str) -> None:
    lost = [ReadTimeoutError(endpoint_url="ses")] if answer == "no answer" else []
    seen: set[Place] = set()
    while True:
        machine, post = template.fresh(*lost, through_ses=True)
        line = Line(machine, post)
        with at_new_line(seen, stage_of(machine, post), die, only="ses.py") as where:
            line.live_on("A1")
        found = list(broken_laws(line, "A1", NOTICE))
        assert not found, f"dead at {where}: {found}"
        assert len(post.taken) <= 1
        if not where:
            break
        assert line.counts["mail_unknown"] == 1  # whether it left or not: nobody can say
    assert len(seen) > 25
