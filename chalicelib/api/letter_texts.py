"""Finance's own texts for letters: published without code, tried before, shown as letters (R11.5)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import ADMINS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.api.shapes.letter_texts import (
    BODY_BYTES_MAX,
    PreviewAnswer,
    PreviewBody,
    TextAnswer,
    TextBody,
    TextPublished,
    TextRemoved,
    TextRow,
    TextWordsAnswer,
)
from chalicelib.core.errors import NotFoundError
from chalicelib.flows.desk import Reply
from chalicelib.flows.letter_samples import SampleFor
from chalicelib.flows.letter_text_trials import TextName, TextTrials
from chalicelib.flows.letter_texts import LetterTexts
from chalicelib.flows.letter_today import letter_today
from chalicelib.flows.letterhead import Letterhead, letterhead, with_people
from chalicelib.flows.locales import is_locale
from chalicelib.flows.ports_letters import AnyLetter
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.wiring_ports import Ports

blueprint = Blueprint(__name__)
_AT = "/v1/policies/{policy_id}/letter_texts"
_ONE = f"{_AT}/{{language}}/{{text}}"


@operation(
    blueprint,
    "GET",
    _AT,
    summary="A policy's own texts for letters",
    roles=READERS,
    answers={200: Listed[TextRow]},
    query=ListQuery,
    problems=(404,),
)
def list_letter_texts(call: Call) -> Reply:
    """Answers the texts of a policy by language and name, without their words. Two reads."""
    policy_id = call.path("policy_id")
    call.ports.policies.get(policy_id, call.ports.today())  # 404 for a policy that is not there
    rows, mark = _texts(call.ports).list(policy_id, call.mark(), call.query(ListQuery).limit)
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    _ONE,
    summary="An own text",
    roles=READERS,
    answers={200: TextAnswer},
    etag=True,
    problems=(404,),
)
def get_letter_text(call: Call) -> Reply:
    """Answers a text with its words, its version, and who changed it when. One read."""
    return Reply(200, _texts(call.ports).get(*_path(call)))


@operation(
    blueprint,
    "GET",
    f"{_ONE}/versions/{{version}}",
    summary="A version of an own text",
    roles=READERS,
    answers={200: TextWordsAnswer},
    etag=True,
    problems=(404,),
)
def get_letter_text_version(call: Call) -> Reply:
    """Answers the words of one of a text's last 20 versions, also after it was removed. One read."""
    return Reply(200, _texts(call.ports).version(*_path(call), call.path("version")))


@operation(
    blueprint,
    "PUT",
    _ONE,
    summary="Publish an own text",
    roles=ADMINS,
    answers={200: TextPublished, 201: TextPublished},
    body=TextBody,
    needs_key=True,
    problems=(404,),
    body_bytes_max=BODY_BYTES_MAX,
)
def put_letter_text(call: Call) -> Reply:
    """Checks a text by writing sample letters with it, and publishes it.

    Letters that are written from now on use it, at the latest after a minute. `language` is a
    language such as `de`, or one with a territory such as `de_AT`; `text` is the letter's name, or
    that which a stage's `text` names.
    """
    body = call.body(TextBody)
    return _texts(call.ports).put(call.caller, _name(call), body.blocks.given(), body.letter or "")


@operation(
    blueprint,
    "DELETE",
    _ONE,
    summary="Remove an own text",
    roles=ADMINS,
    answers={200: TextRemoved},
    needs_key=True,
    problems=(404,),
)
def delete_letter_text(call: Call) -> Reply:
    """Removes a text: letters written from then on say the shipped words again."""
    return _texts(call.ports).remove(call.caller, *_path(call))


@operation(
    blueprint,
    "POST",
    f"{_ONE}/preview",
    summary="Show what a letter comes to",
    roles=READERS,
    answers={200: PreviewAnswer},
    body=PreviewBody,
    problems=(404,),
    body_bytes_max=BODY_BYTES_MAX,
)
def preview_letter_text(call: Call) -> Reply:
    """Answers a letter with a text, for a sample account or one as it is today; changes nothing.

    The HTML is the letter's own: what a text says is escaped in it, and it has no scripts.
    """
    body, name = call.body(PreviewBody), _name(call)
    blocks = None if body.blocks is None else body.blocks.given()
    account_id = body.account_id

    def letter_of(wanted: SampleFor) -> AnyLetter:
        assert account_id is not None
        loaded = call.ports.accounts.load(account_id)
        if loaded.version == 0:
            raise NotFoundError(f"there is no account {account_id!r}")
        today = call.ports.today()
        return letter_today(loaded.account, name.policy, wanted, _head(call.ports), today)

    letters = letter_of if account_id is not None else None
    return Reply(200, _texts(call.ports).preview(name, blocks, body.letter or "", letters))


def _path(call: Call) -> tuple[str, str, str]:
    return call.path("policy_id"), call.path("language"), call.path("text")


def _name(call: Call) -> TextName:
    policy_id, language, text = _path(call)
    return TextName(call.ports.policies.get(policy_id, call.ports.today()), language, text)


def _texts(ports: Ports) -> LetterTexts:
    from chalicelib.mail.text_checks import TextChecks  # noqa: PLC0415 - only letters need it

    trials = TextTrials(TextChecks(), is_locale, lambda: _head(ports))
    return LetterTexts(ports.records, RegistryDesk(ports.records), trials)


def _head(ports: Ports) -> Letterhead:
    head = letterhead(ports.archive, ports.settings.sender_address)
    return with_people(head, ports.recent.people())
