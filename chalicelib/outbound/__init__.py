"""The way out to addresses that others chose: checked, pinned, and with a limit on every wait."""
