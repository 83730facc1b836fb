"""Policies: their versions, published by two people, and which accounts have them (R2)."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.call import Call
from chalicelib.api.operation import operation
from chalicelib.api.roles import ADMINS, READERS
from chalicelib.api.shapes.base import Listed, ListQuery, Override
from chalicelib.api.shapes.policies import (
    BODY_BYTES_MAX,
    AssignedAnswer,
    AssignmentsAnswer,
    AssignmentsBody,
    PolicyAnswer,
    PolicyBody,
    PolicyRow,
    SimulateBody,
    SimulationAsked,
    VersionAnswer,
)
from chalicelib.flows.desk import Reply
from chalicelib.flows.policy_assignments import PolicyAssignments
from chalicelib.flows.policy_reads import PolicyReads
from chalicelib.flows.policy_versions import PolicyVersions
from chalicelib.flows.registry_desk import RegistryDesk
from chalicelib.flows.simulate_request import SimulateRequests, Wanted
from chalicelib.wiring_ports import Ports

blueprint = Blueprint(__name__)


def _versions(ports: Ports) -> PolicyVersions:
    return PolicyVersions(ports.records, RegistryDesk(ports.records), ports.jobs)


def _assignments(ports: Ports) -> PolicyAssignments:
    return PolicyAssignments(ports.records, RegistryDesk(ports.records), ports.jobs)


@operation(
    blueprint,
    "GET",
    "/v1/policies",
    summary="Policies",
    roles=READERS,
    answers={200: Listed[PolicyRow]},
    query=ListQuery,
)
def list_policies(call: Call) -> Reply:
    """Answers the policies by id: the version in force, and those to come. One read."""
    most = call.query(ListQuery).limit
    rows, mark = PolicyReads(call.ports.records).list(call.mark(), most, call.ports.today())
    return Reply(200, call.listed(rows, mark))


@operation(
    blueprint,
    "GET",
    "/v1/policies/{policy_id}",
    summary="A policy",
    roles=READERS,
    answers={200: PolicyAnswer},
    etag=True,
    problems=(404,),
)
def get_policy(call: Call) -> Reply:
    """Answers a policy with its document in force, its last 50 versions and its log. Four reads."""
    reads = PolicyReads(call.ports.records)
    return Reply(200, reads.get(call.path("policy_id"), call.ports.today()))


@operation(
    blueprint,
    "GET",
    "/v1/policies/{policy_id}/versions/{version}",
    summary="A version of a policy",
    roles=READERS,
    answers={200: VersionAnswer},
    etag=True,
    problems=(404,),
)
def get_policy_version(call: Call) -> Reply:
    """Answers a version with its document, who proposed it and who decided. Three reads."""
    reads = PolicyReads(call.ports.records)
    found = reads.get_version(call.path("policy_id"), call.path("version"), call.ports.today())
    return Reply(200, found)


@operation(
    blueprint,
    "PUT",
    "/v1/policies/{policy_id}",
    summary="Propose a version of a policy",
    roles=ADMINS,
    answers={200: VersionAnswer, 201: VersionAnswer},
    body=PolicyBody,
    needs_key=True,
    body_bytes_max=BODY_BYTES_MAX,
)
def propose_policy_version(call: Call) -> Reply:
    """Checks a document whole and proposes it; it takes effect once a second person approves (R2.2)."""
    body = call.body(PolicyBody)
    return _versions(call.ports).propose(
        call.caller, call.path("policy_id"), body.document, body.effective_on, call.ports.today()
    )


@operation(
    blueprint,
    "POST",
    "/v1/policies/{policy_id}/versions/{version}/approve",
    summary="Approve a proposed version",
    roles=ADMINS,
    answers={200: VersionAnswer},
    body=Override,
    needs_key=True,
    problems=(404,),
)
def approve_policy_version(call: Call) -> Reply:
    """Publishes what another person proposed; it takes effect on its day, and wakes its accounts."""
    body = call.body(Override)
    return _versions(call.ports).approve(
        call.caller,
        call.path("policy_id"),
        call.path("version"),
        (body.reason_code, body.note),
        call.ports.today(),
    )


@operation(
    blueprint,
    "POST",
    "/v1/policies/{policy_id}/versions/{version}/decline",
    summary="Decline a proposed version",
    roles=ADMINS,
    answers={200: VersionAnswer},
    body=Override,
    needs_key=True,
    problems=(404,),
)
def decline_policy_version(call: Call) -> Reply:
    """Ends a proposal; whoever made it may take it back so."""
    body = call.body(Override)
    return _versions(call.ports).decline(
        call.caller,
        call.path("policy_id"),
        call.path("version"),
        (body.reason_code, body.note),
        call.ports.today(),
    )


@operation(
    blueprint,
    "POST",
    "/v1/policies/{policy_id}/simulate",
    summary="Simulate a version over the live accounts",
    roles=ADMINS,
    answers={202: SimulationAsked},
    body=SimulateBody,
    needs_key=True,
    problems=(404,),
    body_bytes_max=BODY_BYTES_MAX,
)
def simulate_policy(call: Call) -> Reply:
    """Asks for what a version and what is in force would do from today; the job has it (R13.2)."""
    body = call.body(SimulateBody)
    wanted = Wanted(
        policy_id=call.path("policy_id"),
        version=body.version or "",
        document=body.document or "",
        days=body.days,
        scope=body.scope,
    )
    ports = call.ports
    asked = SimulateRequests(ports.records, RegistryDesk(ports.records), ports.jobs)
    return asked.ask(call.caller, wanted, ports.today())


@operation(
    blueprint,
    "GET",
    "/v1/policy_assignments",
    summary="Which policy a class has",
    roles=READERS,
    answers={200: AssignmentsAnswer},
    etag=True,
)
def get_policy_assignments(call: Call) -> Reply:
    """Answers the policy of each account class, and the default (R2.1). Two reads."""
    return Reply(200, _assignments(call.ports).get())


@operation(
    blueprint,
    "PUT",
    "/v1/policy_assignments",
    summary="Assign policies to classes",
    roles=ADMINS,
    answers={200: AssignedAnswer},
    body=AssignmentsBody,
    needs_key=True,
)
def put_policy_assignments(call: Call) -> Reply:
    """Assigns policies as a whole, at once; accounts that have another one now are woken (R2.2)."""
    body = call.body(AssignmentsBody)
    return _assignments(call.ports).put(
        call.caller,
        body.default,
        body.classes,
        (body.reason_code, body.note),
        call.ports.today(),
    )
