"""A function's environment is read whole, and production is two things that agree (R13.4)."""

from zoneinfo import ZoneInfo

import pytest
from chalicelib.settings import SettingsError, read_settings

ENVIRONMENT = {
    "STAGE": "prod",
    "ACCOUNT_ID": "111111111111",
    "PRODUCTION_ACCOUNT_ID": "111111111111",
    "SELLER_ZONE": "Europe/Berlin",
    "SENDER_ADDRESS": "receivables@seller.example",
    "SANDBOX_ADDRESS": "sandbox@seller.example",
    "CONFIGURATION_SET": "pastdue-production",
    "TABLE_NAME": "pastdue-production",
    "BUCKET_NAME": "pastdue-production-bucket",
    "SWEEP_SHARD_QUEUE_URL": "https://queue.example/sweep-shard",
    "WORK_QUEUE_URL": "https://queue.example/work",
    "WORK_LARGE_QUEUE_URL": "https://queue.example/work-large",
    "MAIL_QUEUE_URL": "https://queue.example/mail",
    "JOBS_QUEUE_URL": "https://queue.example/jobs",
    "REPORT_PART_QUEUE_URL": "https://queue.example/report-part",
    "AGENCY_QUEUE_URL": "https://queue.example/agency.fifo",
    "WEBHOOK_QUEUE_URL": "https://queue.example/webhook",
    "WEBHOOK_KEY_ARN": "arn:aws:secretsmanager:eu-central-1:111111111111:secret:webhook",
    "SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:111111111111:secret:pastdue",
    "OIDC_ISSUERS": "[]",
}


def test_a_complete_environment_is_read() -> None:
    settings = read_settings(ENVIRONMENT)

    assert settings.seller_zone == ZoneInfo("Europe/Berlin")
    assert settings.table_name == "pastdue-production"


@pytest.mark.parametrize(
    ("stage", "account_id", "production_account_id", "is_production"),
    [
        ("prod", "111111111111", "111111111111", True),
        ("staging", "111111111111", "111111111111", False),
        ("prod", "222222222222", "111111111111", False),
        ("prod", "111111111111", "", False),
    ],
)
def test_letters_reach_customers_only_from_the_production_stage_in_its_account(
    stage: str, account_id: str, production_account_id: str, is_production: bool
) -> None:
    settings = read_settings(
        ENVIRONMENT
        | {
            "STAGE": stage,
            "ACCOUNT_ID": account_id,
            "PRODUCTION_ACCOUNT_ID": production_account_id,
        }
    )

    assert settings.is_production is is_production


@pytest.mark.parametrize(
    ("said", "pacing"), [("", "account"), ("account", "account"), ("none", "none")]
)
def test_letters_go_at_the_accounts_pace_unless_it_is_said_that_they_need_not(
    said: str, pacing: str
) -> None:
    assert read_settings(ENVIRONMENT | {"MAIL_PACING": said}).mail_pacing == pacing


def test_a_pace_that_is_not_known_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(ENVIRONMENT | {"MAIL_PACING": "fast"})

    assert [fault.where for fault in caught.value.faults] == ["MAIL_PACING"]


@pytest.mark.parametrize(("said", "kind"), [("", "own"), ("own", "own"), ("mirror", "mirror")])
def test_a_ledger_is_our_own_unless_it_is_said_to_be_a_mirror(said: str, kind: str) -> None:
    assert read_settings(ENVIRONMENT | {"LEDGER_KIND": said}).ledger_kind == kind


def test_another_kind_of_ledger_is_refused() -> None:
    with pytest.raises(SettingsError, match="'copy' is not one of own, mirror"):
        read_settings(ENVIRONMENT | {"LEDGER_KIND": "copy"})


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"SELLER_ZONE": "Mars/Olympus", "STAGE": "prod"})

    named = {fault.where for fault in refused.value.faults}
    assert named == set(ENVIRONMENT) - {"STAGE", "PRODUCTION_ACCOUNT_ID"}


def test_the_template_sets_what_is_read(template: dict[str, dict[str, dict[str, object]]]) -> None:
    given = template["Globals"]["Function"]["Environment"]

    assert isinstance(given, dict)
    assert set(given["Variables"]) >= set(ENVIRONMENT)


def test_webhooks_go_to_receivers_on_this_machine_in_the_local_stage_only() -> None:
    trials = {"WEBHOOK_TEST_RECEIVERS": "[]"}

    assert read_settings(ENVIRONMENT | trials | {"STAGE": "local"}).webhook_test_receivers == "[]"
    for stage in ("dev", "staging", "prod"):
        with pytest.raises(SettingsError, match="only, but in the stage `local`"):
            read_settings(ENVIRONMENT | trials | {"STAGE": stage})


def test_what_an_older_version_is_not_told_is_refused_when_it_is_used() -> None:
    older = {name: value for name, value in ENVIRONMENT.items() if name != "WEBHOOK_KEY_ARN"}

    settings = read_settings(older, is_older=True)

    assert (settings.table_name, settings.is_production) == ("pastdue-production", True)
    assert settings.event_bus_name == ""
    with pytest.raises(SettingsError, match="an older version") as caught:
        settings.webhook_key_arn  # noqa: B018 - reading it is the act
    assert [fault.where for fault in caught.value.faults] == ["WEBHOOK_KEY_ARN"]


def test_a_function_itself_is_never_started_with_an_older_versions_settings() -> None:
    older = {name: value for name, value in ENVIRONMENT.items() if name != "WEBHOOK_KEY_ARN"}

    with pytest.raises(SettingsError):
        read_settings(older)
