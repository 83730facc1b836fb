"""Evidence archives over the API: who may have one, and where it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from chalicelib import wiring
from tests.api.client import WHY, Answered, Api
from tests.flows.evidence_bench import with_a_letter
from tests.flows.machine import Machine
from tests.workers.deployment import FakeDeployment

WHERE = "/v1/accounts/A1/evidence"


def work(machine: Machine) -> None:
    deployment = FakeDeployment(machine)
    with wiring.using(deployment):
        while machine.job_queue.sent:
            deployment.job(*machine.job_queue.sent.pop(0))


def ask(api: Api) -> Answered:
    return api.post(WHERE, WHY | {"recipient": "Lindholm & Partners"}, Idempotency_Key="once")


def test_an_export_is_asked_for_and_its_link_found_where_the_answer_says() -> None:
    api = Api(with_a_letter())
    asked = ask(api)
    before = api.get(asked.headers["Location"]).body

    work(api.machine)

    done = api.get(asked.headers["Location"]).body
    assert (asked.status, asked.body["state"], before["state"]) == (202, "queued", "queued")
    assert (before["archive"], before["result"]) == (None, None)
    assert (done["state"], done["recipient"]) == ("done", "Lindholm & Partners")
    assert done["result"]["is_sound"]
    assert done["archive"]["name"] == "evidence-A1-2024-03-18.zip"
    assert f"evidence/{asked.body['evidence_id']}.zip?" in done["archive"]["url"]
    assert done["archive"]["url"].endswith("&seconds=900")
    assert done["archive"]["kept_until"] == "2024-04-17T05:00:00Z"


def test_the_same_key_asks_for_one_export() -> None:
    api = Api(with_a_letter())

    first, second = ask(api), ask(api)

    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.body == second.body
    assert len(api.machine.job_queue.sent) == 1


def test_after_thirty_days_there_is_no_link_any_more() -> None:
    api = Api(with_a_letter())
    asked = ask(api)
    work(api.machine)
    api.machine.clock.at += timedelta(days=30)

    found = api.get(asked.headers["Location"]).body

    assert (found["state"], found["archive"]) == ("done", None)


def test_an_export_that_failed_says_why() -> None:
    api = Api(with_a_letter())
    asked = ask(api)
    del api.machine.accounts.kept["A1"]
    work(api.machine)

    found = api.get(asked.headers["Location"]).body

    assert (found["state"], found["fault"]["code"]) == ("failed", "not_found")


@pytest.mark.parametrize("role", ["viewer", "collector", "service"])
def test_who_may_not_override_may_not_have_it(role: str) -> None:
    api = Api(with_a_letter())
    asked = ask(api)

    assert ask(api.as_(role, "cleo")).status == 403
    assert api.as_(role, "cleo").get(asked.headers["Location"]).status == 403


@pytest.mark.parametrize(
    "path",
    ["/v1/accounts/A2/evidence/{id}", "/v1/accounts/A1/evidence/job_1"],
)
def test_an_export_is_found_under_its_own_account_alone(path: str) -> None:
    api = Api(with_a_letter())
    asked = ask(api)

    assert api.get(path.format(id=asked.body["evidence_id"])).status == 404


def test_an_account_that_is_not_there_has_no_evidence() -> None:
    assert Api(with_a_letter()).post("/v1/accounts/A9/evidence", WHY).status == 404


def test_the_job_itself_tells_no_link() -> None:
    api = Api(with_a_letter())
    asked = ask(api)
    work(api.machine)

    answer = api.as_("viewer", "vic").get(f"/v1/jobs/{asked.body['evidence_id']}")

    assert answer.status == 200
    assert "evidence/" not in answer.text
    assert "files.example" not in answer.text
