"""The measurement of rendering still runs, over letters of every stage's kind."""

import json
import subprocess
import sys
from pathlib import Path


def test_rendering_is_measured_by_kind_and_locale(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "bench/letters.py", "--letters", "60"],
        cwd=project,
        capture_output=True,
        check=True,
        text=True,
    )

    figures = json.loads(done.stdout)
    assert sum(kind["letters"] for kind in figures["by_kind"].values()) == 60
    assert {"reminder", "late_fee", "plan_agreed"} <= figures["by_kind"].keys()
    assert sum(figures["by_locale"].values()) == 60
    assert figures["rendering_s"] > 0
    assert figures["peak_mib"] >= figures["peak_mib_after_60"] > 0
