"""The deployed mail path behind a proxy, once for each process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from local.cloud.emulator import run_emulator

from tests.faults.proxy import run_proxy
from tests.faults.real import Real


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """Table, archive and mail service of an emulator of these tests alone, through a proxy."""
    folder = tmp_path_factory.mktemp("faults")
    with run_emulator(folder) as emulator, run_proxy(folder, emulator.url) as proxy:
        yield Real(emulator, proxy)
