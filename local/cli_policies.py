"""Policies on the command line: a file, or the id of a shipped one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chalicelib.core.errors import Fault, NotFoundError, PastdueError, PolicyError
from chalicelib.core.policy import Policy
from chalicelib.flows.policies import load, shipped_document, shipped_ids
from local.cli_files import read_file

DEFAULT_POLICY = "standard"


def policy_document(named: str) -> bytes:
    """Return the document of a policy, named by file or by the id of a shipped one.

    A shipped id wins over a file of the same name; write `./standard` for the file.

    Raises:
        NotFoundError: it is neither; the message names the shipped ones.
        InputFileError: the file cannot be read.
    """
    if named in shipped_ids():
        return shipped_document(named)
    path = Path(named)
    if (named and path.exists()) or path.suffix == ".toml" or len(path.parts) > 1:
        return read_file(path)
    return shipped_document(named)  # which says what is shipped


def load_policy(named: str) -> Policy:
    """Return a policy, named by file or by the id of a shipped one.

    Raises:
        NotFoundError, InputFileError: as `policy_document`.
        PolicyError: it does not hold together; every fault is named, with the file.
    """
    document = policy_document(named)
    try:
        return load(document)
    except PolicyError as error:
        faults = [Fault(f"{named}: {f.where}" if f.where else named, f.code, f.detail)
                  for f in error.faults]  # fmt: skip
        raise PolicyError(f"{named}: {error.args[0]}", faults) from None


def load_policies(names: Iterable[str]) -> list[Policy]:
    """Return policies to be compared.

    Raises:
        PolicyError: some cannot be had, do not hold together, or two have one id: every fault.
    """
    policies: list[Policy] = []
    faults: list[Fault] = []
    by_id: dict[str, str] = {}
    for named in names:
        try:
            policy = load_policy(named)
        except PolicyError as error:
            faults.extend(error.faults or [Fault("", error.code, str(error))])
            continue
        except (NotFoundError, PastdueError) as error:
            faults.append(Fault("", error.code, str(error)))
            continue
        if policy.id in by_id:
            detail = f'has the id "{policy.id}", as {by_id[policy.id]} has; ids tell them apart'
            faults.append(Fault(named, "duplicate_id", detail))
            continue
        by_id[policy.id] = named
        policies.append(policy)
    if faults:
        raise PolicyError(f"The policies have {len(faults)} fault(s)", faults)
    return policies
