"""`pastdue ops`: the stage is named, opened, paused, run and looked at, over fakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest
from local.commands.ops_status import run_line
from local.ops.opened import OpenedStage, actor_of, aim, stage_name, using

from tests.cli.command_line import Done, pastdue
from tests.fakes_sqs import FakeSqs
from tests.flows.machine import TODAY, Machine, invoice, with_notice
from tests.workers.deployment import FakeDeployment

ACTOR = "operator:anna"


class FakeSecrets:
    """Secrets Manager, of which only putting is used."""

    def __init__(self) -> None:
        self.put: list[str] = []

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> dict[str, Any]:
        self.put.append(SecretString)
        return {"VersionId": "v2"}


@dataclass
class Operated:
    """A stage over fakes, which the command line works on."""

    machine: Machine = field(default_factory=with_notice)
    sqs: FakeSqs = field(default_factory=FakeSqs)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)

    def stage(self) -> OpenedStage:
        names = ("work", "work-dead", "mail", "mail-dead")
        urls = {name: self.sqs.url(f"pastdue-test-{name}") for name in names}
        clients = {"sqs": self.sqs, "secretsmanager": self.secrets}
        return OpenedStage(
            FakeDeployment(self.machine), ACTOR, "eu-central-1", {}, urls, {}, clients.__getitem__
        )

    def logged(self) -> list[str]:
        """Return what the log of operations has, the newest first."""
        from local.ops.acts import acts_of  # noqa: PLC0415 - loads AWS clients

        return [f"{act['kind']} {act['subject']}" for act in acts_of(self.stage(), 10)]


@dataclass
class AtOnce:
    """A jobs' queue whose worker does what it is told while it is told."""

    machine: Machine

    def send_job(self, job_id: str, step: int, delay_s: int = 0) -> None:
        FakeDeployment(self.machine).job(job_id, step)


@pytest.fixture
def operated() -> Iterator[Operated]:
    """A stage that the commands work on."""
    one = Operated()
    with using(one.stage()):
        yield one


def ops(*args: str) -> Done:
    return pastdue("ops", *args)


def test_without_a_stage_it_is_asked_for(tmp_path: Path) -> None:
    done = ops("--stage", "Prod!", "status", "--json")

    assert done.code == 2
    assert done.document["error"]["faults"][0]["where"] == "--stage"


def test_a_named_stage_is_that_stage() -> None:
    assert stage_name("prod") == "prod"


@pytest.mark.parametrize(
    ("arn", "actor"),
    [
        ("arn:aws:iam::123456789012:user/finance/anna", "operator:anna"),
        ("arn:aws:sts::123456789012:assumed-role/Ops/anna@seller.example",
         "operator:anna@seller.example"),
        ("arn:aws:iam::123456789012:root", "operator:root"),
    ],
)  # fmt: skip
def test_an_operator_is_who_aws_says_they_are(arn: str, actor: str) -> None:
    assert actor_of(arn) == actor


def test_a_local_stage_leaves_nothing_of_a_persons_aws_settings() -> None:
    mine = {"AWS_PROFILE": "prod", "AWS_ENDPOINT_URL_S3": "https://elsewhere", "LANG": "de_DE"}

    aim(mine, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    assert mine["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert mine["LANG"] == "de_DE"
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_S3"} & mine.keys()


def test_a_stage_in_aws_keeps_the_persons_own_credentials() -> None:
    mine = {"AWS_PROFILE": "finance"}

    aim(mine, {"AWS_REGION": "eu-west-1"})

    assert mine == {"AWS_PROFILE": "finance", "AWS_REGION": "eu-west-1"}


def test_status_says_what_waits_and_what_was_given_up_on(operated: Operated) -> None:
    operated.sqs.put("pastdue-test-mail-dead", "one", "two")

    done = ops("status", "--json")

    found = done.document
    assert (done.code, found["sending"]["sending"], found["sending"]["letters_waiting"]) == (
        0, "on", 1,
    )  # fmt: skip
    assert {queue["name"]: queue["dead"] for queue in found["queues"]} == {"mail": 2, "work": 0}
    assert found["last_run"]["run_id"] == TODAY.isoformat()


def test_pausing_is_logged_with_its_reason_and_its_operator(operated: Operated) -> None:
    done = ops("pause", "--reason", "wrong_figures", "--note", "The import was cut off.", "--json")

    assert (done.code, done.document["sending"]) == (0, "paused")
    turned = done.document["log"][0]
    assert (turned["actor"], turned["reason_code"]) == (ACTOR, "wrong_figures")
    assert "paused" in ops("status").out
    assert operated.machine.registry.sending_paused()


def test_a_pause_without_a_reason_code_changes_nothing(operated: Operated) -> None:
    done = ops("pause", "--reason", "Wrong figures!", "--note", "", "--json")

    assert (done.code, len(done.document["error"]["faults"])) == (2, 2)
    assert not operated.machine.registry.sending_paused()


def test_sending_is_resumed_when_that_is_confirmed(operated: Operated) -> None:
    operated.machine.registry.pause_sending(paused=True)

    unasked = ops("resume")  # nobody is there to say yes
    assert (unasked.code, "Nothing was done." in unasked.err, "--yes" in unasked.err) == (
        2, True, True,
    )  # fmt: skip
    assert operated.machine.registry.sending_paused()
    assert ops("resume", "--yes").code == 0
    assert not operated.machine.registry.sending_paused()


def test_a_run_that_a_gate_stops_says_which(operated: Operated) -> None:
    operated.machine.registry.pause_sending(paused=True)

    done = ops("run", "--on", "2024-03-19", "--yes")

    assert (done.code, "sending_paused" in done.err) == (2, True)


def test_a_run_is_followed_until_its_queues_are_empty(operated: Operated) -> None:
    operated.machine.registry.beat(TODAY)

    done = ops("run", "--on", TODAY.isoformat(), "--yes", "--json")

    assert done.code == 0
    assert (done.document["state"], done.document["is_quiet"]) == ("running", True)
    assert "not decided again" in done.err


def test_replaying_moves_the_dead_letters_and_is_logged(operated: Operated) -> None:
    operated.sqs.put("pastdue-test-mail-dead", "one", "two")

    done = ops("replay", "mail", "--most", "1", "--no-wait", "--yes", "--json")

    assert (done.code, done.document["moved"], done.document["dead"]) == (0, 1, 1)
    assert operated.logged() == ["dead_letters_replayed mail"]


def test_dead_letters_are_told_by_their_ids_alone(operated: Operated) -> None:
    operated.sqs.put("pastdue-test-mail-dead", "a body that names somebody")

    done = ops("dead-letters", "list", "mail", "--json")

    assert (done.document["count"], len(done.document["first"])) == (1, 1)
    assert "names somebody" not in done.out


def test_a_key_is_rotated_and_revoked_under_the_operators_name(operated: Operated) -> None:
    made = ops("keys", "create", "--role", "viewer", "--owner", "ben", "--json").document

    followed = ops("keys", "rotate", made["id"], "--overlap", "2d", "--json").document
    revoked = ops("keys", "revoke", made["id"], "--yes", "--json").document

    assert followed["token"].startswith("pdk_test_")
    assert (followed["owner"], revoked["revoked_by"]) == ("ben", ACTOR)
    acts = ("key_created", "key_rotated", "key_revoked")
    assert set(operated.logged()) == {f"{act} {made['id']}" for act in acts}
    assert len(ops("keys", "list", "--json").document["keys"]) == 2


@pytest.mark.parametrize("role", ["approver", "admin"])
def test_nobody_makes_themselves_a_second_person(operated: Operated, role: str) -> None:
    done = ops("keys", "create", "--role", role, "--owner", "ben", "--json")

    [fault] = done.document["error"]["faults"]
    assert (done.code, fault["where"]) == (2, "--role")
    assert "identity provider" in fault["detail"]
    assert operated.stage().ports.api_keys.all() == []


def test_an_agencys_key_is_made(operated: Operated) -> None:
    done = ops(
        "keys", "create", "--role", "agency", "--agency", "north", "--scope", "read",
        "--owner", "ben",
    )  # fmt: skip

    assert done.code == 0


def test_without_keys_it_says_so(operated: Operated) -> None:
    assert "There are no keys." in ops("keys", "list").out


def test_keys_that_end_within_two_weeks_are_named(operated: Operated) -> None:
    create = ("keys", "create", "--role", "viewer", "--owner", "ben")
    soon = ops(*create, "--label", "shop", "--expires-in", "13d", "--json").document
    ops(*create, "--expires-in", "30d")
    replaced = ops(*create, "--expires-in", "10d", "--json").document
    ops("keys", "rotate", replaced["id"], "--overlap", "2d")

    found = ops("status", "--json").document["keys_that_end"]
    said = ops("status").out

    assert soon["id"] in [key["id"] for key in found]
    assert replaced["id"] not in [key["id"] for key in found]
    assert f"{soon['id']} (shop, of ben)" in said


def test_the_log_of_operations_is_shown_newest_first(operated: Operated) -> None:
    operated.sqs.put("pastdue-test-mail-dead", "one")
    ops("replay", "mail", "--no-wait", "--yes")
    operated.machine.clock.pass_by(minutes=1)
    ops("rotate-secret", "--yes")

    shown = ops("log")
    found = ops("log", "--most", "1", "--json").document

    assert shown.out.index("rotated") < shown.out.index("replayed")
    assert [(act["kind"], act["actor"]) for act in found["log"]] == [("secret_rotated", ACTOR)]


def test_a_stage_on_which_nobody_did_anything_has_an_empty_log(operated: Operated) -> None:
    assert "Nobody did anything yet." in ops("log").out


def test_replaying_nothing_says_so(operated: Operated) -> None:
    done = ops("replay", "mail", "--yes")

    assert (done.code, "There are no dead letters in mail." in done.out) == (0, True)


@pytest.mark.parametrize(("left", "said"), [(0, "finished"), (2, "running")])
def test_a_run_with_nothing_left_is_finished(left: int, said: str) -> None:
    figures = {"done": 6, "failed": 0, "left": left}

    line = run_line({
        "run_id": "2024-03-18", "state": "running", "reason": "", "figures": figures,
        "accounts_due": 6,
    })  # fmt: skip

    assert line == f"2024-03-18 {said}: done 6, failed 0, left {left} of 6 due"


def test_the_secret_is_rotated_and_never_shown(operated: Operated) -> None:
    done = ops("rotate-secret", "--yes", "--json")

    [secret] = operated.secrets.put
    assert (done.code, len(secret)) == (0, 64)
    assert secret not in done.out + done.err


def test_every_command_says_what_it_does() -> None:
    from local.commands.ops import COMMANDS, command  # noqa: PLC0415 - one test's

    with click.Context(command) as ctx:
        found = {name: command.get_command(ctx, name) for name in COMMANDS}

    assert all(one is not None and one.help for one in found.values())


def test_a_day_that_is_tried_says_what_it_would_do_by_kind(operated: Operated) -> None:
    machine = operated.machine
    machine.take_in("A2", invoice("I2", 15))
    machine.job_queue = AtOnce(machine)  # type: ignore[assignment]  # a queue that works at once
    machine.registry.beat(TODAY)

    with using(operated.stage()):
        shown = ops("run", "--on", TODAY.isoformat(), "--dry-run")

    assert shown.code == 0
    rows = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert {"accounts decided 1", "notices 1", "stages 1"} <= set(rows)
    assert "--json lists each effect" in shown.out
