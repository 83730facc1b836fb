"""One guarded transaction: everything or nothing, once, under the head's version."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.core.errors import ConflictError, StaleVersionError, UnavailableError
from chalicelib.store import keys
from chalicelib.store.changes import Key, Op
from chalicelib.store.errors import THROTTLED, as_ours, code_of, is_passing
from chalicelib.store.tables import Item, Table

TRIES = 3  # of a transaction that met another one, or was throttled
FIRST_WAIT_S = 0.05

_FAILED = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one transaction may hold, below what DynamoDB takes: 100 actions, 4 MB, 400 KB an item.

    A larger change is stored in parts of `part_bytes`, at most `parts`, some in each transaction.
    """

    actions: int = 90
    transaction_bytes: int = 3_500_000
    part_bytes: int = 300_000
    parts: int = 60
    parts_per_write: int = 10


@dataclass(frozen=True, slots=True)
class HeadWrite:
    """How a transaction changes the head: `item` whole, or `actions` on what is there."""

    account_id: str
    condition: Condition
    item: Item | None = None
    actions: Sequence[Action] = ()


class Writer:
    """Writes transactions to one table and says what became of them.

    `tokens` makes a name for each transaction that no other process makes: two workers may write
    the very same values, and each must know whether it was its own write that won.
    """

    def __init__(
        self,
        table: Table,
        sleep: Callable[[float], None] = time.sleep,
        tokens: Callable[[], str] = lambda: secrets.token_hex(12),
        limits: Limits = Limits(),
    ) -> None:
        self.table = table
        self.limits = limits
        self._sleep = sleep
        self._tokens = tokens

    def token(self) -> str:
        """Return a name for one transaction, to be stored on the head by it."""
        return self._tokens()

    def head(self, account_id: str) -> Item | None:
        """Return the head as it is now, None when the account is not there.

        Raises:
            UnavailableError: the store does not answer now.
        """
        try:
            return self.table.get(keys.live(account_id), keys.HEAD, consistent_read=True)
        except DoesNotExist:
            return None
        except PynamoDBException as error:
            raise as_ours(error) from error

    def write(
        self, token: str, head: HeadWrite, ops: Sequence[Op], absent: Sequence[Key] = ()
    ) -> None:
        """Write head and items in one transaction, once, even if a reply is lost on the way.

        Raises:
            StaleVersionError: the head has moved on.
            ConflictError: something new is there already.
            UnavailableError: the store does not answer now; nothing may be assumed but that
                reading again tells.
        """
        wait_s = FIRST_WAIT_S
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                self._transact(token, head, ops, absent)
                return
            except TransactWriteError as error:
                if self._is_settled(error, token, head, ops, absent):
                    return
                if last or not _was_refused(error):
                    raise as_ours(error) from error
            self._sleep(wait_s)
            wait_s *= 4

    def _transact(
        self, token: str, head: HeadWrite, ops: Sequence[Op], absent: Sequence[Key]
    ) -> None:
        table = self.table
        connection = table._get_connection().connection
        nothing_there = table.pk.does_not_exist()
        with TransactWrite(connection=connection, client_request_token=token) as transaction:
            if head.item is not None:
                transaction.save(head.item, condition=head.condition)
            else:
                blank = table(pk=keys.live(head.account_id), sk=keys.HEAD)
                transaction.update(blank, actions=list(head.actions), condition=head.condition)
            for pk, sk in absent:
                transaction.condition_check(table, pk, sk, condition=nothing_there)
            for op in ops:
                if op.is_delete:
                    transaction.delete(op.item)
                else:
                    transaction.save(op.item, condition=self._condition(op))

    def _condition(self, op: Op) -> Condition | None:
        """Return what must be true of the item that a write would replace."""
        nothing_there: Condition = self.table.pk.does_not_exist()
        if op.unless_at is None:
            return nothing_there if op.is_new else None
        expired: Condition = self.table.expires_at < op.unless_at
        either: Condition = nothing_there | expired
        return either

    def _is_settled(
        self,
        error: TransactWriteError,
        token: str,
        head: HeadWrite,
        ops: Sequence[Op],
        absent: Sequence[Key],
    ) -> bool:
        """Return whether a failed transaction is our own, done before: its reply was lost.

        Raises:
            StaleVersionError, ConflictError: it was refused for good.
            UnavailableError: the store does not answer now.
        """
        codes = [reason.code if reason else "" for reason in error.cancellation_reasons]
        if _FAILED not in codes and _was_refused(error):
            return False
        if _FAILED not in codes and not is_passing(error):
            return False
        now = self.head(head.account_id)
        if now is not None and now.change_id == token:
            return True
        if _FAILED not in codes:
            return False
        deletes = sum(op.is_delete for op in ops)
        # PynamoDB's order: checks, deletes, puts, updates; the head is the first put or the update.
        place = len(absent) + deletes if head.item is not None else len(codes) - 1
        if codes[place] == _FAILED:
            raise StaleVersionError(f"account {head.account_id} was changed by someone else")
        named = [*absent, *((op.item.pk, op.item.sk) for op in ops if op.is_delete), ("", "")]
        named += [(op.item.pk, op.item.sk) for op in ops if not op.is_delete]
        doubles = ", ".join(
            sk for (_, sk), code in zip(named, codes, strict=False) if code == _FAILED
        )
        raise ConflictError(f"account {head.account_id} has {doubles} already")


def _was_refused(error: TransactWriteError) -> bool:
    """Whether nothing was written and trying again is right: throttled, or it met another one."""
    if code_of(error) in THROTTLED:
        return True
    codes = {reason.code for reason in error.cancellation_reasons if reason}
    return bool(codes) and codes <= THROTTLED


def unavailable(what: str) -> UnavailableError:
    """Return the error for what did not come to rest in the tries it had."""
    return UnavailableError(f"{what}; try again")
