"""Writes docs/events.md anew from the catalogue of events."""

from pathlib import Path

from chalicelib.flows.bus_reference import reference

PAGE = Path(__file__).parent.parent / "docs" / "events.md"

if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
