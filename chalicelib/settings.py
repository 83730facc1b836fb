"""What the environment says, read once: the only module that reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.core.errors import Fault, InvalidInputError

PRODUCTION_STAGE = "prod"
OWN = "own"
LEDGER_KINDS = (OWN, "mirror")
ACCOUNT_PACING, NO_PACING = "account", "none"
PACINGS = (ACCOUNT_PACING, NO_PACING)
LOCAL_STAGE = "local"  # on a developer's own machine
MAY_BE_EMPTY = frozenset(
    {
        "production_account_id",
        "ledger_kind",
        "mail_pacing",
        "event_bus_name",
        "webhook_test_receivers",
    }
)


class SettingsError(InvalidInputError):
    """A function was deployed without something it needs, or with something impossible."""

    code = "invalid_settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One deployment: one seller, one time zone, one stage.

    Addresses are mail addresses, `*_queue_url` are SQS URLs, account ids have 12 digits.
    `webhook_key_arn` names the key that webhooks' secrets are made from; `webhook_test_receivers` is
    read by `chalicelib.wiring_webhooks`. `secret_arn` names the secret of the stage; `oidc_issuers`
    is read by `chalicelib.identity`.
    `mail_pacing`: letters leave at the pace that SES allows the account (`account`) or as fast as
    they can (`none`, which production does not take).
    `event_bus_name`: the EventBridge bus that events are put on; empty: nobody is told of changes.
    `ledger_kind`: whether payments are sent here (`own`) or the ERP allocates (`mirror`, R7.6).
    """

    stage: str
    account_id: str
    production_account_id: str
    seller_zone: ZoneInfo
    sender_address: str
    sandbox_address: str
    configuration_set: str
    table_name: str
    bucket_name: str
    sweep_shard_queue_url: str
    work_queue_url: str
    work_large_queue_url: str
    mail_queue_url: str
    jobs_queue_url: str
    report_part_queue_url: str
    agency_queue_url: str
    webhook_queue_url: str
    webhook_key_arn: str
    secret_arn: str
    oidc_issuers: str
    ledger_kind: str = OWN
    mail_pacing: str = ACCOUNT_PACING
    webhook_test_receivers: str = ""
    event_bus_name: str = ""

    @property
    def is_production(self) -> bool:
        """Return whether letters may go to customers: stage and account id both say so (R13.4)."""
        return self.stage == PRODUCTION_STAGE and self.account_id == self.production_account_id


class OlderSettings(Settings):
    """What a stage of an older version is told: what it lacks is an error when it is used."""

    __slots__ = ()

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse a setting that is missing; called for what has no value.

        Raises:
            SettingsError: the setting is named, and that the stage runs an older version.
        """
        if name not in Settings.__slots__:
            raise AttributeError(name)
        fault = Fault(name.upper(), "missing", "this environment variable is not set")
        raise SettingsError("the stage runs an older version, which cannot do this", [fault])


def read_settings(environment: Mapping[str, str], *, is_older: bool = False) -> Settings:
    """Return the settings that a function's environment variables spell.

    `is_older`: they may be those of an older version; what it lacks is refused when it is used.

    Raises:
        SettingsError: variables are missing or empty, or the zone is unknown; all are named.
    """
    # Without a production account this deployment is never production, whatever its stage.
    values = {name: environment.get(name.upper(), "") for name in Settings.__slots__}
    missing = {name for name, value in values.items() if not value} - MAY_BE_EMPTY
    faults = [
        Fault(name.upper(), "missing", "this environment variable is not set")
        for name in values
        if name in missing and not is_older
    ]
    zone = ZoneInfo("UTC")
    try:
        zone = ZoneInfo(values["seller_zone"] or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        detail = f"{values['seller_zone']!r} is not an IANA time zone"
        faults.append(Fault("SELLER_ZONE", "unknown_zone", detail))
    values["ledger_kind"] = values["ledger_kind"] or OWN
    if values["ledger_kind"] not in LEDGER_KINDS:
        detail = f"{values['ledger_kind']!r} is not one of {', '.join(LEDGER_KINDS)}"
        faults.append(Fault("LEDGER_KIND", "unknown_ledger_kind", detail))
    values["mail_pacing"] = values["mail_pacing"] or ACCOUNT_PACING
    if values["mail_pacing"] not in PACINGS:
        detail = f"{values['mail_pacing']!r} is not one of {', '.join(PACINGS)}"
        faults.append(Fault("MAIL_PACING", "unknown_pacing", detail))
    if values["webhook_test_receivers"] and values["stage"] != LOCAL_STAGE:
        detail = f"webhooks go to public addresses only, but in the stage `{LOCAL_STAGE}`"
        faults.append(Fault("WEBHOOK_TEST_RECEIVERS", "not_in_this_stage", detail))
    if faults:
        raise SettingsError("this function's environment is not complete", faults)
    del values["seller_zone"]
    if missing:
        return _older(values | {"seller_zone": zone}, missing)
    return Settings(seller_zone=zone, **values)


def _older(values: Mapping[str, Any], missing: Set[str]) -> OlderSettings:
    """Return settings of which some have no value; a frozen dataclass is made by its own parts."""
    made = object.__new__(OlderSettings)
    for name, value in values.items():
        if name not in missing:
            object.__setattr__(made, name, value)
    return made


@cache
def settings() -> Settings:
    """Return this process's settings, read on first use.

    Raises:
        SettingsError: see `read_settings`.
    """
    return read_settings(os.environ)


def service_name() -> str:
    """Return the name that lines and metrics carry: a stage's own, `pastdue` outside a function."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME", "pastdue")
