"""The notices of an account, as they were sent and kept (R11, R13.3)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import READERS
from chalicelib.api.shapes.base import Listed, ListQuery
from chalicelib.api.shapes.notices import NoticeAnswer, NoticeFile, WholeNoticeAnswer
from chalicelib.flows.desk import Reply
from chalicelib.flows.notice_reads import NoticeReads

blueprint = Blueprint(__name__)
_AT = "/v1/accounts/{account_id}/notices"


@operation(
    blueprint,
    "GET",
    _AT,
    summary="An account's notices, newest first",
    roles=READERS,
    answers={200: Listed[NoticeAnswer]},
    query=ListQuery,
    problems=(404,),
)
def list_notices(call: Call) -> Reply:
    """Answers the notices of an account, those under way and those that are done, newest first.

    Reads the account, and one query for each megabyte of its past notices, about a thousand.
    """
    limit = call.query(ListQuery).limit
    rows, mark = _reads(call).page(call.path("account_id"), call.mark(), limit, call.caller.at)
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    f"{_AT}/{{notice_id}}",
    summary="One notice, with its words as they were sent",
    roles=READERS,
    answers={200: WholeNoticeAnswer},
    etag=True,
    problems=(404,),
)
def get_notice(call: Call) -> Reply:
    """Answers a notice with its words as they were sent and kept. Reads the account and 3 files."""
    values = _reads(call).get(call.path("account_id"), call.path("notice_id"), call.caller.at)
    return Reply(200, values)


@operation(
    blueprint,
    "GET",
    f"{_AT}/{{notice_id}}/files",
    summary="A notice's kept files, with links",
    roles=READERS,
    answers={200: Listed[NoticeFile]},
    query=ListQuery,
    problems=(404,),
)
def list_notice_files(call: Call) -> Reply:
    """Answers the kept files of a notice: its text and HTML, attachments, and pages to print.

    Each with a link that anyone who has it can follow for 5 minutes. Empty while it was not written.
    """
    limit, at = call.query(ListQuery).limit, call.caller.at
    files = _reads(call).files(call.path("account_id"), call.path("notice_id"), at)
    first = int(call.mark() or 0)
    rows = files[first : first + limit]
    more = str(first + limit) if len(files) > first + limit else None
    return Reply(200, call.listed(rows, more))


def _reads(call: Call) -> NoticeReads:
    ports = call.ports
    stores = ports.accounts, ports.past_notices, ports.registry, ports.archive, ports.file_links
    return NoticeReads(*stores, ports.policies, ports.sending_times)
