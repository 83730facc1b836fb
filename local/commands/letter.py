"""`pastdue letter`: see letters of a policy for a sample account, and check texts of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chalicelib.core.errors import Fault, InvalidInputError
from local.cli_errors import DONE, WRONG_INPUT
from local.cli_files import staging
from local.cli_output import Output
from local.cli_policies import DEFAULT_POLICY, load_policy
from local.letter_files import LetterFile, LetterFileError, read_letter_file

if TYPE_CHECKING:
    from chalicelib.flows.letter_text_trials import TextName, TextTrials
    from chalicelib.flows.ports_letters import RenderedLetter

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
POLICY = click.option(
    "--policy", "policy_named", default=DEFAULT_POLICY, show_default=True, metavar="FILE|ID",
    help="The policy whose letter it is; its own stages and charges make the sample.",
)  # fmt: skip
LETTER = click.option("--letter", metavar="NAME", help="Which letter, such as reminder.")
LOCALE = click.option("--locale", metavar="LOCALE", help="Whose reader, such as en or de_DE.")
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("letter")
def command() -> None:
    """See letters as they would be sent, and check texts of your own.

    A text is a TOML file with `letter`, `locale`, and any of the blocks `subject`, `title`,
    `headline`, `opening`, `next` and `contact`; what it leaves out is said as shipped.
    """


@command.command(
    "preview",
    epilog="Example: pastdue letter preview --policy standard --letter reminder --out letters",
)
@POLICY
@LETTER
@LOCALE
@click.option("--text", "file", type=FILE, metavar="FILE", help="A text of your own to write with.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("pastdue-out/letters"),
    show_default=True, metavar="DIR", help="Where the letter's files go.",
)  # fmt: skip
@JSON
@click.pass_obj
def preview(
    output: Output,
    *,
    policy_named: str,
    letter: str | None,
    locale: str | None,
    file: Path | None,
    out: Path,
    as_json: bool,
) -> int:
    """Write a letter for a sample account to files: HTML, text, subject, attachments.

    Nothing is sent, and no account is touched.
    """
    del as_json
    text = read_letter_file(file) if file is not None else None
    texts, name, kind = _wanted(policy_named, letter, locale, text)
    rendered, remarks = _rendered(texts, name, kind, text)
    stem = f"{name.text}.{name.language}"
    with staging(out) as staged:
        written = [staged.write(part, [content]) for part, content in _files(stem, rendered)]
        staged.publish()
    output.show(rendered.subject, "", *(f"  {path}" for path in written))
    for remark in remarks:
        output.say(f"Remark: {remark}")
    output.document(
        {
            "policy": name.policy.id,
            "letter": kind,
            "locale": name.language,
            "subject": rendered.subject,
            "sha256": rendered.sha256,
            "files": [str(path) for path in written],
            "remarks": [_values(one) for one in remarks],
        }
    )
    return DONE


@command.command("check")
@click.argument("file", type=FILE)
@POLICY
@LETTER
@LOCALE
@JSON
@click.pass_obj
def check(
    output: Output,
    *,
    file: Path,
    policy_named: str,
    letter: str | None,
    locale: str | None,
    as_json: bool,
) -> int:
    """List everything that is wrong with a text of your own, by line, tried on sample letters.

    Exit code 0 when nothing is, 2 when something is.
    """
    del as_json
    faults, remarks = _checked(file, policy_named, letter, locale)
    output.show(f"{file}: {len(faults)} fault(s)" if faults else f"{file}: sound")
    output.show(*(f"  {fault}" for fault in faults))
    output.show(*(f"  remark: {remark}" for remark in remarks))
    output.document(
        {
            "file": str(file),
            "faults": [_values(one) for one in faults],
            "remarks": [_values(one) for one in remarks],
        }
    )
    return WRONG_INPUT if faults else DONE


def _checked(
    file: Path, policy_named: str, letter: str | None, locale: str | None
) -> tuple[list[Fault], list[Fault]]:
    try:
        text = read_letter_file(file)
        texts, name, kind = _wanted(policy_named, letter, locale, text)
    except LetterFileError as error:
        return list(error.faults), []
    report = texts.check(name, kind, text.blocks)
    return text.placed(report.faults), text.placed(report.remarks)


def _wanted(
    policy_named: str, letter: str | None, locale: str | None, text: LetterFile | None
) -> tuple[TextTrials, TextName, str]:
    """Return which letter is meant: options win over the file.

    Raises:
        InvalidInputError: the letter or the locale is none, or neither says which letter it is.
    """
    from chalicelib.flows.letter_text_trials import TextName  # noqa: PLC0415 - help needs none of these

    kind = letter or (text.letter if text else "")
    named = (text.text if text else "") or kind
    if not named:
        detail = 'say which letter it is: --letter reminder, or letter = "reminder" in the file'
        raise InvalidInputError("no letter is named", [Fault("--letter", "missing", detail)])
    language = (locale or (text.locale if text else "") or "en").replace("-", "_")
    texts = _texts()
    name = TextName(load_policy(policy_named), language, named)
    try:
        return texts, name, texts.kind_of(name, kind if kind != named else "")
    except InvalidInputError as error:
        faults = [Fault(_OPTIONS.get(one.where, "--letter"), one.code, one.detail)
                  for one in error.faults]  # fmt: skip
        raise InvalidInputError(str(error.args[0]), faults) from None


_OPTIONS = {"language": "--locale"}


def _texts() -> TextTrials:
    from chalicelib.flows.letter_text_trials import TextTrials  # noqa: PLC0415 - as above
    from chalicelib.flows.locales import is_locale  # noqa: PLC0415
    from chalicelib.mail.text_checks import TextChecks  # noqa: PLC0415

    return TextTrials(TextChecks(), is_locale, lambda: None)


def _rendered(
    texts: TextTrials, name: TextName, kind: str, text: LetterFile | None
) -> tuple[RenderedLetter, list[Fault]]:
    """Return the sample letter as it would be sent, and remarks on its text.

    Raises:
        LetterFileError: the text does not hold together; every fault is named, with its line.
    """
    blocks = None
    if text is not None:
        faults = text.placed(texts.check(name, kind, text.blocks).faults)
        if faults:
            raise LetterFileError(f"{text.path} has {len(faults)} fault(s)", faults)
        blocks = text.blocks
    rendered, remarks = texts.written(name, kind, blocks)
    return rendered, text.placed(remarks) if text is not None else []


def _files(stem: str, rendered: RenderedLetter) -> Iterator[tuple[str, bytes]]:
    yield f"{stem}.html", rendered.html.encode()
    yield f"{stem}.txt", rendered.text.encode()
    yield f"{stem}.subject.txt", f"{rendered.subject}\n".encode()
    yield f"{stem}.pdf", rendered.printed()
    for attachment in rendered.attachments:
        yield f"{stem}.{attachment.filename}", attachment.content


def _values(fault: Fault) -> dict[str, Any]:
    return {"where": fault.where, "code": fault.code, "detail": fault.detail}
