"""Keys that sign cursors and are nobody's secret."""

from chalicelib.store.secrets import SigningKeys


class FixedKeys(SigningKeys):
    """Keys that are told; `newer` are known after looking again. `looks` counts these."""

    def __init__(self, *keys: bytes, newer: tuple[bytes, ...] = ()) -> None:
        super().__init__(None, "", lambda: 0.0)
        self.keys = keys
        self.newer = newer
        self.looks = 0

    def accepted(self) -> tuple[bytes, ...]:
        """Return the keys as they are known."""
        return self.keys

    def renewed(self) -> tuple[bytes, ...]:
        """Return the newer keys, if there are."""
        self.looks += 1
        return self.newer or self.keys
