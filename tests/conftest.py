"""What every test may ask for, and what no test may reach: a real AWS account."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from local.cloud.emulator import SCRATCH_VARIABLE

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"

# Credentials that open nothing and a region where nothing of ours runs, whatever the caller has.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-central-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
)


# Emulated functions are unpacked in memory where there is room: a disk may take minutes for it.
MEMORY, ROOM_BYTES = Path("/dev/shm"), 6 * 2**30
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
    os.environ[SCRATCH_VARIABLE] = tempfile.mkdtemp(prefix="pastdue-tests-", dir=MEMORY)
    atexit.register(shutil.rmtree, os.environ[SCRATCH_VARIABLE], ignore_errors=True)


# Made-up stories: what one of them reaches by chance is not counted as covered, and counting would
# treble their time.
UNCOUNTED = {PROJECT / "tests" / name for name in ("property", "second_opinion", "fuzz")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave coverage off while made-up stories are told."""
    for item in items:
        if item.path.parent in UNCOUNTED:
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root folder."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the project; a test that needs it is skipped."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared, the reference data beside the project, which is not here")
    return SHARED
