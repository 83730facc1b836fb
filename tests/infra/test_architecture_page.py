"""What docs/architecture.md draws is what is deployed, and how the code lies."""

import importlib.util
from pathlib import Path
from typing import Any

Template = dict[str, Any]


def test_the_drawings_are_those_of_the_code_and_the_template(
    template: Template, project: Path
) -> None:
    script = project / "scripts" / "architecture_page.py"
    spec = importlib.util.spec_from_file_location("architecture_page", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (project / "docs" / "architecture.md").read_text()

    assert module.drawn(page, template) == page, "run `python scripts/architecture_page.py`"
