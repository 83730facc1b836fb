"""What a lock names is in the package, or packaging stops."""

from pathlib import Path

import pytest
from local.cloud.dependencies import check_complete
from local.cloud.errors import PackageError

LOCK = """# a lock
jinja2==3.1.6 \\
    --hash=sha256:00
pillow==13.0.0 \\
    --hash=sha256:00
typing-extensions==4.16.0 ; python_version >= "3.0" \\
    --hash=sha256:00
colorama==0.4.6 ; python_version < "3.0" \\
    --hash=sha256:00
"""


def vendored(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / f"{name}.dist-info").mkdir()
    return folder


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.txt"
    file.write_text(LOCK)
    return file


def test_what_is_trimmed_or_for_another_python_may_be_missing(lock: Path, tmp_path: Path) -> None:
    target = vendored(tmp_path, "jinja2-3.1.6", "typing_extensions-4.16.0")

    check_complete(lock, target)


def test_whatever_else_is_missing_stops_the_packaging_and_is_named(
    lock: Path, tmp_path: Path
) -> None:
    with pytest.raises(PackageError, match=r"of: jinja2, typing-extensions$"):
        check_complete(lock, tmp_path)
