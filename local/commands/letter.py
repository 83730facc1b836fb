"""`pastdue letter`: see letters of a policy for a sample account, and check texts of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chalicelib.core.errors import Fault
from local.cli_errors import DONE, WRONG_INPUT
from local.cli_files import staging
from local.cli_output import Output
from local.cli_policies import DEFAULT_POLICY
from local.letter_files import LetterFileError, read_letter_file
from local.letter_trials import checked_with, rendered_with, rows_of, wanted
from local.tables import table

if TYPE_CHECKING:
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
    texts, name, kind = wanted(policy_named, letter, locale, text)
    rendered, remarks = rendered_with(texts, name, kind, text)
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


@command.command("values")
@POLICY
@LETTER
@LOCALE
@JSON
@click.pass_obj
def values(
    output: Output, *, policy_named: str, letter: str | None, locale: str | None, as_json: bool
) -> int:
    """List what a text of your own can say of a letter, with the sample's values."""
    del as_json
    texts, name, kind = wanted(policy_named, letter, locale, None)
    rows = rows_of(texts.samples(name, kind)[0])
    output.show(table(f"Values of {kind}", ("Name", "What it is", "In the sample"), rows))
    found = [{"name": row[0], "is": row[1], "sample": row[2]} for row in rows]
    output.document({"letter": kind, "locale": name.language, "values": found})
    return DONE


def _checked(
    file: Path, policy_named: str, letter: str | None, locale: str | None
) -> tuple[list[Fault], list[Fault]]:
    try:
        text = read_letter_file(file)
        texts, name, kind = wanted(policy_named, letter, locale, text)
    except LetterFileError as error:
        return list(error.faults), []
    return checked_with(texts, name, kind, text)


def _files(stem: str, rendered: RenderedLetter) -> Iterator[tuple[str, bytes]]:
    yield f"{stem}.html", rendered.html.encode()
    yield f"{stem}.txt", rendered.text.encode()
    yield f"{stem}.subject.txt", f"{rendered.subject}\n".encode()
    yield f"{stem}.pdf", rendered.printed()
    for attachment in rendered.attachments:
        yield f"{stem}.{attachment.filename}", attachment.content


def _values(fault: Fault) -> dict[str, Any]:
    return {"where": fault.where, "code": fault.code, "detail": fault.detail}
