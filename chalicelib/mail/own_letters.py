"""Letters as they are sent: in finance's own words where a policy has them, else in the shipped ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chalicelib.flows.letter_text_shelf import LetterText, TextShelf
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.mail.own_texts import OwnTextError
from chalicelib.mail.own_words import own_rendered
from chalicelib.mail.render import Rendered, render
from chalicelib.mail.text_checks import TextChecks

ToldOfFault = Callable[[str, str], None]


class OwnLetters:
    """`Renderer` with the texts of a shelf.

    A text that does not hold for a letter never stops it: the shipped words go, the record of the
    letter says so, and `told` hears of it, with the text's label and the code of its first fault.
    """

    def __init__(self, shelf: TextShelf, told: ToldOfFault) -> None:
        self._shelf = shelf
        self._told = told
        self._is_shipped = TextChecks().has_text

    def __call__(self, letter: AnyLetter, policy_id: str = "") -> Rendered:
        """Return what is sent, in the words of the letter's policy.

        Raises:
            InvalidInputError: the letter cannot be set, for instance in its locale.
            UnavailableError: the store of texts does not answer now.
        """
        found = self._found(letter, policy_id)
        if found is None:
            return render(letter)
        try:
            return own_rendered(letter, found.blocks, found.label)
        except OwnTextError as error:
            self._told(found.label, error.found[0].code)
            return replace(render(letter), own_text_failed=found.label)

    def _found(self, letter: AnyLetter, policy_id: str) -> LetterText | None:
        if not policy_id:
            return None
        names = (letter.text, str(letter.kind)) if letter.text else (str(letter.kind),)
        return self._shelf.find(policy_id, letter.locale, names, self._is_shipped)
