"""The port of finance's own texts for letters: what checks them and shows what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.core.errors import Fault
from chalicelib.flows.ports_letters import AnyLetter, RenderedLetter

BLOCKS = ("subject", "title", "headline", "opening", "next", "contact")
Blocks = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TextFault:
    """One thing that is wrong with a block, or worth a remark: where, a stable code, and words.

    `line` counts from 1 in the block; 0: the block as a whole.
    """

    block: str
    line: int
    code: str
    detail: str

    @property
    def fault(self) -> Fault:
        """It as answers tell it: a JSON pointer to the block, and the line in words."""
        pointer = f"/blocks/{self.block}" if self.block else "/blocks"
        where = f"line {self.line}: " if self.line else ""
        return Fault(pointer, self.code, f"{where}{self.detail}")


@dataclass(frozen=True, slots=True)
class TextReport:
    """What a check found: `faults` refuse a text, `remarks` are worth reading. By block and line."""

    faults: tuple[TextFault, ...] = ()
    remarks: tuple[TextFault, ...] = ()


class OwnTexts(Protocol):
    """Checks own texts and writes letters with them. Pure: it reads and keeps nothing."""

    def has_text(self, language: str, text: str) -> bool:
        """Whether a text of this name is shipped in a language such as `de`."""
        ...

    def check(self, blocks: Blocks, letters: Sequence[AnyLetter]) -> TextReport:
        """Return everything that is wrong with a text, tried on sample letters (R11.5)."""
        ...

    def written(self, blocks: Blocks, letter: AnyLetter) -> RenderedLetter:
        """Return a letter with these blocks in place of the shipped ones.

        Raises:
            InvalidInputError: a block does not hold together, or not for this letter.
        """
        ...
