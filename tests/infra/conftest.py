"""The packaged app, made once for every test here, and its template."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from chalicelib.flows.policies import shipped_document
from local.cloud import archive
from local.cloud.machine import LocalCloud, local_cloud
from local.cloud.package import Package, package
from local.cloud_machine import address_of
from local.stage import open_stage
from local.token_signer import Signer, open_signer

Template = dict[str, Any]


@pytest.fixture(scope="session")
def packaged() -> Package:
    """The app as it is deployed; packaged in seconds, or found from an earlier time."""
    return package()


@pytest.fixture(scope="session")
def template(packaged: Package) -> Template:
    """The template that CloudFormation gets, as values."""
    loaded: Template = json.loads(packaged.template.read_text())
    return loaded


@pytest.fixture(scope="session")
def unpacked(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive as Lambda unpacks it."""
    folder = tmp_path_factory.mktemp("unpacked")
    archive.unpack(packaged.archive, folder)
    return folder


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Who signs the tokens that the deployed app takes."""
    return open_signer(tmp_path_factory.mktemp("signer") / "key.pem")


@pytest.fixture(scope="session")
def cloud(
    packaged: Package, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalCloud]:
    """The app deployed into an emulator that every test here shares."""
    with deployed(packaged, signer, tmp_path_factory.mktemp("cloud")) as running:
        yield running


@contextmanager
def deployed(packaged: Package, signer: Signer, folder: Path) -> Iterator[LocalCloud]:
    """Deploy the app, with a policy and a ledger that is fresh for its days."""
    parameters = {"OidcIssuers": signer.issuers()}
    with local_cloud(packaged, folder, None, parameters) as running:
        registry = open_stage(address_of(running)).registry
        registry.put_policy("standard", shipped_document("standard"))
        registry.set_default_policy_id("standard")
        registry.beat(date(2030, 1, 1))
        yield running
