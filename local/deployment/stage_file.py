"""A stage's file, `infra/stages/<stage>.toml`: where it is deployed, and what is set for it.

Nothing in it is secret: the stack makes its own secret, and who issues tokens is no secret.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from chalicelib.core.errors import Fault
from local.deployment.errors import StageFileError
from local.deployment.stage_rules import parameter_faults, stage_faults

STAGES = ("dev", "staging", "prod")
FOLDER = Path("infra") / "stages"
_KEYS = ("region", "account_id", "parameters", "tags")
_ACCOUNT = re.compile(r"[0-9]{12}")
_TAG_KEY = re.compile(r"(?!aws:)[A-Za-z0-9 _.:/=+@-]{1,128}")
_TAG_CHARACTERS_MAX = 256
_SET_BY_US = "Stage"  # the file's name says it


@dataclass(frozen=True, slots=True)
class StageFile:
    """A stage that can be deployed: into which account and region, with what parameters and tags.

    `parameters` are the stack's, by the names of the template.
    """

    stage: str
    region: str
    account_id: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def stack_name(self) -> str:
        """The name of the stage's stack."""
        return f"pastdue-{self.stage}"

    @property
    def artifacts_bucket(self) -> str:
        """The name of the bucket that holds what is deployed, of all stages of account and region."""
        return f"pastdue-artifacts-{self.account_id}-{self.region}"


def read_stage_file(project: Path, stage: str, declared: Mapping[str, Any]) -> StageFile:
    """Return what the file of a stage says, checked against the template's parameters.

    Raises:
        StageFileError: there is no such stage or file, or every fault of the file at once.
    """
    if stage not in STAGES:
        raise StageFileError(f"{stage!r} is no stage; say STAGE=dev, STAGE=staging or STAGE=prod")
    file = FOLDER / f"{stage}.toml"
    try:
        values = tomllib.loads((project / file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StageFileError(f"{file} cannot be read: {error}") from error
    faults = list(_faults(stage, values, declared))
    if faults:
        raise StageFileError(f"{file} is not complete; nothing was packaged or deployed", faults)
    parameters = {_SET_BY_US: stage}
    parameters |= {_camel(key): _text(value) for key, value in values["parameters"].items()}
    return StageFile(
        stage, values["region"], values["account_id"], parameters, values.get("tags", {})
    )


def _faults(stage: str, values: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[Fault]:
    for key in values:
        if key not in _KEYS:
            yield Fault(key, "unknown_key", f"is none of {', '.join(_KEYS)}")
    yield from _place_faults(values)
    yield from _tag_faults(values.get("tags", {}))
    given = values.get("parameters", {})
    if not isinstance(given, dict):
        yield Fault("parameters", "not_a_table", "must be a table: [parameters]")
        return
    allowed = {_snake(name): one for name, one in declared.items() if name != _SET_BY_US}
    texts = {key: _text(value) for key, value in given.items()}
    yield from parameter_faults(texts, allowed)
    yield from stage_faults(stage, str(values.get("account_id", "")), texts)


def _place_faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    region, account_id = values.get("region", ""), values.get("account_id", "")
    if not region:
        yield Fault("region", "to_fill_in", "fill in the AWS region, such as eu-central-1")
    elif region not in boto3.Session().get_available_regions("sesv2"):
        yield Fault("region", "unknown_region", f"{region!r} is no region with SES")
    if not account_id:
        yield Fault("account_id", "to_fill_in", "fill in the 12 digits of the AWS account")
    elif not (isinstance(account_id, str) and _ACCOUNT.fullmatch(account_id)):
        yield Fault("account_id", "invalid", 'must be 12 digits in quotes: "111122223333"')


def _tag_faults(tags: Any) -> Iterator[Fault]:
    if not isinstance(tags, dict):
        yield Fault("tags", "not_a_table", "must be a table: [tags]")
        return
    for key, value in tags.items():
        if not _TAG_KEY.fullmatch(key):
            yield Fault(f"tags.{key}", "invalid", "is no name of a tag that AWS takes")
        if not isinstance(value, str) or len(value) > _TAG_CHARACTERS_MAX:
            most = _TAG_CHARACTERS_MAX
            yield Fault(f"tags.{key}", "invalid", f"must be a text of at most {most} characters")


def _text(value: Any) -> str:
    """Return a value as CloudFormation takes it; lists and tables are JSON there."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
