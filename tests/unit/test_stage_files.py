"""A stage's file says where it is deployed; whatever is wrong with it is told at once."""

from pathlib import Path
from typing import Any

import pytest
from local.cloud.templates import put_together, template_files
from local.deployment.errors import StageFileError
from local.deployment.stage_file import STAGES, StageFile, read_stage_file

ACCOUNT = "111122223333"
GOOD = """
region = "eu-central-1"
account_id = "111122223333"
[parameters]
seller_zone = "Europe/Berlin"
sender_address = "receivables@seller.example"
sandbox_address = "trial@seller.example"
"""
HEARD = 'alarm_email = "ar@seller.example"\n'
PRODUCTION = f'{GOOD}{HEARD}production_account_id = "{ACCOUNT}"\n'


@pytest.fixture(scope="module")
def declared(project: Path) -> dict[str, Any]:
    """The parameters that the template has, with what it allows of each."""
    parameters: dict[str, Any] = put_together(template_files(project))["Parameters"]
    return parameters


def read(folder: Path, text: str, declared: dict[str, Any], stage: str = "dev") -> StageFile:
    (folder / "infra/stages").mkdir(parents=True)
    (folder / f"infra/stages/{stage}.toml").write_text(text)
    return read_stage_file(folder, stage, declared)


def faults(
    folder: Path, text: str, declared: dict[str, Any], stage: str = "dev"
) -> list[tuple[str, str]]:
    with pytest.raises(StageFileError) as refused:
        read(folder, text, declared, stage)
    return [(fault.where, fault.code) for fault in refused.value.faults]


def test_a_files_parameters_get_the_templates_names(
    tmp_path: Path, declared: dict[str, Any]
) -> None:
    text = f'{GOOD}sweep_lag_hours = 12\n[tags]\ncost = "finance"\n'

    stage = read(tmp_path, text, declared)

    assert (stage.stack_name, stage.region, stage.account_id) == (
        "pastdue-dev",
        "eu-central-1",
        ACCOUNT,
    )
    assert stage.artifacts_bucket == "pastdue-artifacts-111122223333-eu-central-1"
    assert stage.tags == {"cost": "finance"}
    assert stage.parameters == {
        "Stage": "dev",
        "SellerZone": "Europe/Berlin",
        "SenderAddress": "receivables@seller.example",
        "SandboxAddress": "trial@seller.example",
        "SweepLagHours": "12",
    }


def test_issuers_are_written_as_blocks_and_given_as_json(
    tmp_path: Path, declared: dict[str, Any]
) -> None:
    text = f"""{GOOD}
[[parameters.oidc_issuers]]
issuer = "https://login.example.com"
audience = "api://pastdue"
algorithms = ["RS256"]
jwks_uri = "https://login.example.com/keys"
roles = {{ "AR.Viewer" = "viewer" }}
"""

    stage = read(tmp_path, text, declared)

    assert stage.parameters["OidcIssuers"].startswith('[{"algorithms": ["RS256"], "audience"')


@pytest.mark.parametrize("stage", STAGES)
def test_a_shipped_file_says_what_is_to_be_filled_in(
    project: Path, declared: dict[str, Any], stage: str
) -> None:
    with pytest.raises(StageFileError) as refused:
        read_stage_file(project, stage, declared)

    assert {fault.code for fault in refused.value.faults} == {"to_fill_in"}
    wanted = {"region", "account_id"}
    wanted |= {f"parameters.{name}_address" for name in ("sender", "sandbox")}
    wanted |= {"parameters.seller_zone"}
    if stage == "prod":
        wanted |= {"parameters.production_account_id", "parameters.alarm_email"}
    assert {fault.where for fault in refused.value.faults} == wanted


def test_every_fault_is_told_at_once(tmp_path: Path, declared: dict[str, Any]) -> None:
    text = """
region = "atlantis-1"
account_id = 111122223333
colour = "blue"
[parameters]
stage = "prod"
seller_zone = "Mars/Olympus"
sender_address = "nobody"
retry_after_seconds = -1
size = "huge"
secret = "x"
[tags]
"aws:own" = "x"
"""

    assert faults(tmp_path, text, declared) == [
        ("colour", "unknown_key"),
        ("region", "unknown_region"),
        ("account_id", "invalid"),
        ("tags.aws:own", "invalid"),
        ("parameters.secret", "unknown_key"),
        ("parameters.stage", "unknown_key"),
        ("parameters.retry_after_seconds", "invalid"),
        ("parameters.sandbox_address", "to_fill_in"),
        ("parameters.sender_address", "invalid"),
        ("parameters.size", "invalid"),
        ("parameters.seller_zone", "unknown_zone"),
    ]


def test_production_in_its_own_account_is_taken(tmp_path: Path, declared: dict[str, Any]) -> None:
    stage = read(tmp_path, PRODUCTION, declared, "prod")

    assert stage.parameters["ProductionAccountId"] == stage.account_id


@pytest.mark.parametrize(
    ("added", "where", "code"),
    [
        ('production_account_id = "444455556666"', "production_account_id", "other_account"),
        ("", "production_account_id", "to_fill_in"),
        ('schedules = "DISABLED"', "schedules", "not_in_production"),
        ('mail_pacing = "none"', "mail_pacing", "not_in_production"),
        ("retry_after_seconds = 5", "retry_after_seconds", "not_in_production"),
    ],
)
def test_production_is_not_deployed_as_a_trial(
    tmp_path: Path, declared: dict[str, Any], added: str, where: str, code: str
) -> None:
    """R13.4: letters reach customers from one account, and from nothing half set up."""
    is_about_the_account = where == "production_account_id"
    text = f"{GOOD + HEARD if is_about_the_account else PRODUCTION}{added}\n"

    assert faults(tmp_path, text, declared, "prod") == [(f"parameters.{where}", code)]


@pytest.mark.parametrize("said", ["", 'alarm_email = ""\n'])
def test_production_says_who_hears_of_alarms(
    tmp_path: Path, declared: dict[str, Any], said: str
) -> None:
    text = PRODUCTION.replace(HEARD, said)

    assert faults(tmp_path, text, declared, "prod") == [("parameters.alarm_email", "to_fill_in")]


def test_production_may_say_that_no_mail_tells_of_alarms(
    tmp_path: Path, declared: dict[str, Any]
) -> None:
    text = PRODUCTION.replace(HEARD, 'alarm_email = "none"\n')

    assert read(tmp_path, text, declared, "prod").parameters["AlarmEmail"] == "none"


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_in_aws_is_left_untidied(
    tmp_path: Path, declared: dict[str, Any], stage: str
) -> None:
    good = PRODUCTION if stage == "prod" else GOOD

    found = faults(tmp_path, good + 'schedules = "BY_HAND"\n', declared, stage)

    assert set(found) == {("parameters.schedules", "not_in_aws")}


def test_another_stage_does_not_claim_to_be_production(
    tmp_path: Path, declared: dict[str, Any]
) -> None:
    found = faults(tmp_path, PRODUCTION, declared, "staging")

    assert found == [("parameters.production_account_id", "not_production")]


@pytest.mark.parametrize("stage", ["production", "", "../prod"])
def test_only_the_three_stages_are_deployed(
    tmp_path: Path, declared: dict[str, Any], stage: str
) -> None:
    with pytest.raises(StageFileError, match="say STAGE=dev, STAGE=staging or STAGE=prod"):
        read_stage_file(tmp_path, stage, declared)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, declared: dict[str, Any]) -> None:
    with pytest.raises(StageFileError, match="cannot be read"):
        read(tmp_path, "region = eu", declared)
