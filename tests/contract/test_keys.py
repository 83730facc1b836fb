"""What every shelf of API keys does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from chalicelib.core.errors import ConflictError, LimitError, NotFoundError
from chalicelib.flows.api_keys import KEYS_MAX, REVOKED, ApiKey, KeyShelf
from chalicelib.store.keys_shelf import DynamoKeys

from tests.contract.store import Store, TableStore
from tests.fakes_keys import MemoryKeys

NOON = datetime(2024, 3, 18, 12, tzinfo=UTC)
KEY = ApiKey(
    id="0123456789abcdef",
    secret_sha256="5e" * 32,
    last_characters="5e5e",
    roles=("collector", "service"),
    owner="anna",
    created_at=NOON,
    expires_at=NOON + timedelta(days=90),
    label="ERP",
)


@pytest.fixture
def shelf(store: Store) -> KeyShelf:
    return DynamoKeys(store.table) if isinstance(store, TableStore) else MemoryKeys()


def test_a_key_is_kept_as_it_was_added(shelf: KeyShelf) -> None:
    scopes = ("read", "remit")
    agency = replace(KEY, id="a" * 16, roles=("agency",), agency_id="agy_1", scopes=scopes)
    for key in (KEY, agency):
        shelf.add(key)

    assert [shelf.get(key.id) for key in (KEY, agency)] == [KEY, agency]


def test_a_key_that_nobody_added_is_not_there(shelf: KeyShelf) -> None:
    with pytest.raises(NotFoundError, match="no key 'f"):
        shelf.get("f" * 16)


def test_a_key_takes_its_new_state(shelf: KeyShelf) -> None:
    shelf.add(KEY)
    revoked = replace(KEY, status=REVOKED, revoked_at=NOON, revoked_by="bert")

    shelf.replace(revoked)

    assert shelf.get(KEY.id) == revoked
    assert list(shelf.all()) == [revoked]


def test_an_id_is_used_once(shelf: KeyShelf) -> None:
    shelf.add(KEY)

    with pytest.raises(ConflictError):
        shelf.add(replace(KEY, owner="bert"))
    assert shelf.get(KEY.id).owner == "anna"


def test_a_key_that_is_not_there_has_no_new_state(shelf: KeyShelf) -> None:
    with pytest.raises(ConflictError):
        shelf.replace(KEY)
    with pytest.raises(NotFoundError):
        shelf.get(KEY.id)


def test_keys_are_listed_newest_first_up_to_a_limit(shelf: KeyShelf) -> None:
    made = [
        replace(KEY, id=f"{number:016x}", created_at=NOON + timedelta(seconds=number))
        for number in range(KEYS_MAX)
    ]
    for key in made:
        shelf.add(key)

    assert list(shelf.all()) == made[::-1]
    with pytest.raises(LimitError, match=f"there are {KEYS_MAX} keys"):
        shelf.add(KEY)


def test_no_key_is_an_empty_list(shelf: KeyShelf) -> None:
    assert list(shelf.all()) == []
