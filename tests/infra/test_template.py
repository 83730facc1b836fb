"""What is deployed is complete, least privileged, and what the configuration says."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chalicelib.flows.deliver import LEASE
from chalicelib.flows.jobs import job_key
from chalicelib.flows.pace import WAIT_MAX_S, WORKERS
from chalicelib.flows.webhook_book import BOOK
from chalicelib.mail.ses import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from chalicelib.store import keys
from chalicelib.store.webhooks import partition
from chalicelib.workers.mail import BATCH
from local.cloud.package import CHALICE_STAGE, Package
from local.deployment.lint import LINTED, check_as_transformed

Template = dict[str, Any]
UNDELIVERED = "UndeliveredDeadLetters"  # of rules and buses, whatever queue they feed
OURS = ("${Table.Arn}", "${Bucket.Arn}", "${AWS::AccountId}")
VISIBILITY_PER_TIMEOUT = 6
OF_NO_RESOURCE = ["ses:GetAccount"]  # AWS knows no resource for it: it reads the account's quota


def resources(template: Template, kind: str) -> dict[str, Any]:
    found = {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }
    assert found, kind
    return found


def functions(template: Template) -> dict[str, Any]:
    """Each function's properties, by its name in `.chalice/config.json`."""
    return {
        properties["FunctionName"]["Fn::Sub"]
        .removeprefix("pastdue-${Stage}-")
        .replace("-", "_"): properties
        for properties in resources(template, "AWS::Serverless::Function").values()
    }


def queue_sources(template: Template) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for function in resources(template, "AWS::Serverless::Function").values():
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                yield function, event["Properties"]


@pytest.fixture(scope="module")
def configured(project: Path) -> dict[str, Any]:
    config = json.loads((project / ".chalice/config.json").read_text())
    configured: dict[str, Any] = config["stages"][CHALICE_STAGE]["lambda_functions"]
    return configured


def test_the_emitted_functions_are_the_configured_ones(
    template: Template, configured: dict[str, Any]
) -> None:
    assert set(functions(template)) == set(configured)


def test_every_resource_has_a_type(template: Template) -> None:
    assert [name for name, value in template["Resources"].items() if "Type" not in value] == []


def test_every_function_has_its_own_memory_and_time(
    template: Template, configured: dict[str, Any]
) -> None:
    emitted = {
        name: (properties["MemorySize"], properties["Timeout"])
        for name, properties in functions(template).items()
    }

    assert emitted == {
        name: (values["lambda_memory_size"], values["lambda_timeout"])
        for name, values in configured.items()
    }


def test_every_function_has_the_role_of_its_own_policy_file(
    template: Template, project: Path
) -> None:
    roles = resources(template, "AWS::IAM::Role")
    for name, function in functions(template).items():
        role = roles[function["Role"]["Fn::GetAtt"][0]]
        policies = [policy["PolicyDocument"] for policy in role["Policies"]]

        assert policies == [json.loads((project / f".chalice/policies/{name}.json").read_text())]
        assert "ManagedPolicyArns" not in role


def test_no_policy_allows_every_action_or_what_is_not_ours(
    template: Template, project: Path
) -> None:
    for path in (project / ".chalice/policies").glob("*.json"):
        for statement in json.loads(path.read_text())["Statement"]:
            assert statement["Effect"] == "Allow"
            assert [action for action in statement["Action"] if "*" in action] == []
            if statement["Action"] == OF_NO_RESOURCE:
                continue
            assert is_ours(statement["Resource"], template), f"{path.name}: {statement['Sid']}"


def test_the_authorizer_may_read_api_keys_and_nothing_else(project: Path) -> None:
    policy = json.loads((project / ".chalice/policies/authz.json").read_text())
    of_table = [
        (statement["Action"], statement["Condition"])
        for statement in policy["Statement"]
        if any(action.startswith("dynamodb:") for action in statement["Action"])
    ]

    assert of_table == [
        (
            ["dynamodb:GetItem"],
            {
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys.api_key("*")]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        )
    ]


def test_who_hears_of_uploads_may_ask_for_jobs_and_nothing_else(project: Path) -> None:
    policy = json.loads((project / ".chalice/policies/uploads.json").read_text())
    of_table = [
        statement
        for statement in policy["Statement"]
        if any(action.startswith("dynamodb:") for action in statement["Action"])
    ]

    assert [statement["Condition"]["ForAllValues:StringLike"] for statement in of_table] == [
        {"dynamodb:LeadingKeys": [job_key("*").book]}
    ] * len(of_table)
    assert not any("s3:" in action for s in policy["Statement"] for action in s["Action"])


def test_what_is_put_under_uploads_goes_to_its_queue_and_nothing_else_does(
    template: Template,
) -> None:
    rule = resources(template, "AWS::Events::Rule")["UploadsRule"]

    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [{"Ref": "Bucket"}]},
            "object": {"key": [{"prefix": "uploads/"}]},
        },
    }
    assert [target["Arn"] for target in rule["Targets"]] == [
        {"Fn::GetAtt": ["UploadsQueue", "Arn"]}
    ]


def test_events_of_accounts_go_to_the_webhooks_as_they_are(template: Template) -> None:
    rule = resources(template, "AWS::Events::Rule")["WebhookRule"]

    assert rule["EventBusName"] == {"Ref": "EventBus"}
    assert rule["EventPattern"] == {"source": [{"Fn::Sub": "pastdue.${Stage}"}]}
    assert [(target["Arn"], target["InputPath"]) for target in rule["Targets"]] == [
        ({"Fn::GetAtt": ["WebhookQueue", "Arn"]}, "$.detail")
    ]


def test_who_talks_to_receivers_reaches_nothing_of_an_account(project: Path) -> None:
    policy = json.loads((project / ".chalice/policies/webhooks.json").read_text())
    of_table = [
        statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for statement in policy["Statement"]
        if any(action.startswith("dynamodb:") for action in statement["Action"])
    ]

    assert of_table == [[BOOK, partition("*")], [partition("*")]], "it reads the book only"
    assert not any("s3:" in action for s in policy["Statement"] for action in s["Action"])


def test_the_key_of_webhooks_is_for_those_who_sign_and_who_show_a_secret_once(
    project: Path,
) -> None:
    readers = {
        path.stem
        for path in (project / ".chalice/policies").glob("*.json")
        for statement in json.loads(path.read_text())["Statement"]
        if statement["Resource"] == {"Fn::GetAtt": ["WebhookKey", "Id"]}
    }

    assert readers == {"webhooks", "api_handler"}


def test_every_route_asks_for_a_token_except_what_tells_nothing(template: Template) -> None:
    definition = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    open_to_all = {
        path
        for path, methods in definition["paths"].items()
        for method in methods.values()
        if {"authz": []} not in method.get("security", [])
    }

    agencies = {f"/agency/v1/{name}" for name in ("openapi.json", "schema.json", "docs")}
    documents = {"/openapi.json", "/docs", "/events.schema.json"}
    assert open_to_all == {"/v1/health"} | documents | agencies


def test_what_the_gateway_answers_is_a_problem_without_a_why(template: Template) -> None:
    answers = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]

    assert {"UNAUTHORIZED", "ACCESS_DENIED", "THROTTLED", "DEFAULT_4XX", "DEFAULT_5XX"} <= set(
        answers
    )
    for answer in answers.values():
        headers = answer["ResponseParameters"]["Headers"]
        assert headers["Content-Type"] == "'application/problem+json'"
        assert headers["X-Request-Id"] == "context.requestId"
        (text,) = answer["ResponseTemplates"].values()
        assert "$context.error" not in text
        problem = json.loads(text)
        assert str(problem["status"]) == answer["StatusCode"]
        assert problem["request_id"] == "$context.requestId"
        assert ("Retry-After" in headers) == (problem["status"] in {429, 503})


def is_ours(resource: object, template: Template) -> bool:
    match resource:
        case list():
            return all(is_ours(one, template) for one in resource)
        case {"Fn::GetAtt": [name, "Arn" | "Id"]}:
            return name in template["Resources"]
        case {"Fn::Sub": str(text)}:
            return any(mark in text for mark in OURS)
    return False


@pytest.mark.parametrize("resource", ["*", ["*"], {"Fn::Sub": "arn:aws:s3:::other/*"}])
def test_a_resource_of_anybody_is_not_ours(resource: object, template: Template) -> None:
    assert not is_ours(resource, template)


def test_every_function_may_take_from_its_own_queue_only(template: Template, project: Path) -> None:
    for name, function in functions(template).items():
        fed_by = [
            event["Properties"]["Queue"]
            for event in function.get("Events", {}).values()
            if event["Type"] == "SQS"
        ]
        policy = json.loads((project / f".chalice/policies/{name}.json").read_text())
        takes_from = [
            statement["Resource"]
            for statement in policy["Statement"]
            if "sqs:ReceiveMessage" in statement["Action"]
        ]

        assert takes_from == fed_by, name


def test_every_queue_source_reports_which_messages_failed(template: Template) -> None:
    sources = [source for _, source in queue_sources(template)]

    assert len(sources) == 10
    assert [source["FunctionResponseTypes"] for source in sources] == [
        ["ReportBatchItemFailures"]
    ] * len(sources)
    assert all(list(source["Queue"]) == ["Fn::GetAtt"] for source in sources)


def test_a_message_stays_hidden_for_longer_than_its_function_may_run(template: Template) -> None:
    queues = resources(template, "AWS::SQS::Queue")
    for function, source in queue_sources(template):
        queue = queues[source["Queue"]["Fn::GetAtt"][0]]
        own_time_s = queue["VisibilityTimeout"]["Fn::If"][1]

        assert own_time_s >= VISIBILITY_PER_TIMEOUT * function["Timeout"]


def test_an_agencys_messages_are_worked_in_order_and_one_at_a_time(template: Template) -> None:
    """R10.5: the sequencer of a feed. A FIFO queue's groups are ordered by the queue itself."""
    queues = resources(template, "AWS::SQS::Queue")
    [source] = [
        s for _, s in queue_sources(template) if s["Queue"]["Fn::GetAtt"][0] == "AgencyQueue"
    ]

    for name in ("AgencyQueue", "AgencyDeadLetters"):
        assert queues[name]["FifoQueue"]
        assert queues[name]["QueueName"]["Fn::Sub"].endswith(".fifo")
    # The same word twice is two reasons to look: a second one within five minutes is not dropped.
    assert not queues["AgencyQueue"]["ContentBasedDeduplication"]
    assert source["BatchSize"] == 1, "else what follows a failed message must come back with it"


def test_whoever_commits_accounts_may_tell_the_agencies_worker(project: Path) -> None:
    telling = {
        path.stem
        for path in (project / ".chalice/policies").glob("*.json")
        for statement in json.loads(path.read_text())["Statement"]
        if "sqs:SendMessage" in statement["Action"]
        and {"Fn::GetAtt": ["AgencyQueue", "Arn"]} in statement["Resource"]
    }

    assert telling == {
        "agency",
        "api_handler",
        "jobs",
        "mail",
        "mail_events",
        "reconcile",
        "report",  # of an account whose change somebody left half written
        "report_part",
        "work",
        "work_large",
    }


def test_as_many_workers_send_letters_as_share_the_rate(template: Template) -> None:
    [source] = [s for _, s in queue_sources(template) if s["Queue"]["Fn::GetAtt"][0] == "MailQueue"]

    assert source["ScalingConfig"] == {"MaximumConcurrency": WORKERS}
    assert source["BatchSize"] == BATCH


def test_a_batch_of_letters_has_the_time_to_wait_for_its_turns_and_for_the_mail_service(
    configured: dict[str, Any],
) -> None:
    timeout_s = configured["mail"]["lambda_timeout"]
    each_s = WAIT_MAX_S + CONNECT_TIMEOUT_S + READ_TIMEOUT_S

    assert BATCH * each_s < timeout_s
    assert timedelta(seconds=timeout_s) < LEASE


def test_every_queue_has_dead_letters_and_an_alarm_on_them(template: Template) -> None:
    queues = resources(template, "AWS::SQS::Queue")
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "QueueName" and alarm["AlarmActions"]
    }
    fed = {name: queue for name, queue in queues.items() if not name.endswith("DeadLetters")}
    dead = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for queue in fed.values()
    }

    assert len(fed) == len(dead) == 10
    assert dead | {UNDELIVERED} == set(queues) - set(fed) == watched


def test_what_the_buses_cannot_deliver_is_kept_for_a_person(template: Template) -> None:
    rules = resources(template, "AWS::Events::Rule")
    buses = resources(template, "AWS::Events::EventBus")
    kept = {"Arn": {"Fn::GetAtt": [UNDELIVERED, "Arn"]}}
    targets = [target for rule in rules.values() for target in rule["Targets"]]

    assert len(targets) == len(rules) == 2
    assert [one["DeadLetterConfig"] for one in (*targets, *buses.values())] == [kept] * 3
    policy = resources(template, "AWS::SQS::QueuePolicy")["UndeliveredPolicy"]["PolicyDocument"]
    may_send = policy["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert sorted(one["Fn::GetAtt"][0] for one in may_send) == sorted([*rules, *buses])


def test_schedules_follow_the_sellers_clock_and_name_their_instant(template: Template) -> None:
    schedules = {
        name: event["Properties"]
        for name, function in functions(template).items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    }

    assert set(schedules) == {"sweep", "report", "reconcile"}
    for schedule in schedules.values():
        assert schedule["ScheduleExpressionTimezone"] == {"Ref": "SellerZone"}
        assert json.loads(schedule["Input"]) == {"scheduled_at": "<aws.scheduler.scheduled-time>"}


def test_what_holds_the_ledger_survives_a_mistake(template: Template) -> None:
    for name in ("Table", "Bucket", "Key"):
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"
    table = template["Resources"]["Table"]["Properties"]
    assert table["DeletionProtectionEnabled"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"]["SSEType"] == "KMS"


def test_the_wake_list_holds_keys_and_the_policys_id_only(template: Template) -> None:
    indexes = template["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"]
    due = next(index for index in indexes if index["IndexName"] == "due")

    assert due["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["policy_id"]}


def test_the_template_is_free_of_cfn_lints_findings(packaged: Package, project: Path) -> None:
    """As AWS transforms it. In `make check` it was read already, while types were checked."""
    check_as_transformed(packaged.template.read_text(), project / "build" / LINTED)
