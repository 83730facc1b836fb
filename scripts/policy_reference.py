"""Writes docs/policy-reference.md anew from the loader's own model of policy keys (R2.3)."""

from pathlib import Path

from chalicelib.flows.policy_reference import reference

PAGE = Path(__file__).parent.parent / "docs" / "policy-reference.md"

if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
