"""Draws the diagrams and the table of docs/architecture.md anew, from the code and from the template.

What stands between `<!-- drawn: NAME -->` and `<!-- end -->` is replaced; the rest is written by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import grimp

from local.cloud.package import PROJECT, package

PAGE = PROJECT / "docs" / "architecture.md"
Template = Mapping[str, Any]
# Small modules beside the layers, which any of them may use.
_SHARED = ("alarms", "correlation", "messages", "settings", "telemetry")
_READS, _WRITES = (
    {"GetItem", "Query", "BatchGetItem", "Scan"},
    {"PutItem", "UpdateItem", "DeleteItem"},
)


def main() -> None:
    """Write the page with its drawings as they are now."""
    template = json.loads(package().template.read_text())
    PAGE.write_text(drawn(PAGE.read_text(), template))
    print(f"wrote {PAGE.name}")


def drawn(text: str, template: Template) -> str:
    """Return the page's text with every drawing made anew."""
    for name, drawing in drawings(template).items():
        pattern = rf"(<!-- drawn: {name} -->\n).*?(<!-- end -->)"
        text, times = re.subn(
            pattern, lambda found, new=drawing: found[1] + new + found[2], text, flags=re.DOTALL
        )
        if times != 1:
            raise ValueError(f"the page has {times} places for the drawing {name!r}")
    return text


def drawings(template: Template) -> dict[str, str]:
    """Return each drawing by its name."""
    return {
        "flow": _mermaid("flowchart LR", flow(template)),
        "layers": _mermaid("flowchart TD", layers()),
        "functions": functions_table(template),
    }


def _mermaid(kind: str, lines: Iterator[str]) -> str:
    return "```mermaid\n" + "\n".join((kind, *(f"  {line}" for line in lines))) + "\n```\n"


# --- what is deployed ------------------------------------------------------------------------------


def flow(template: Template) -> Iterator[str]:
    """Yield who starts whom: schedules, queues, rules, topics, the API and the functions."""
    functions = _of_type(template, "AWS::Serverless::Function")
    for name, function in functions.items():
        yield f'{name}["{_function_name(function)}"]'
    queues = {name for name in _of_type(template, "AWS::SQS::Queue") if "DeadLetters" not in name}
    for name in sorted(queues):
        yield f'{name}[/"{name.removesuffix("Queue")} queue"/]'
    edges = [
        *_from_gateway(template),
        *(edge for name, one in functions.items() for edge in _into(name, one)),
        *(edge for name, one in functions.items() for edge in _out_of(template, name, one)),
        *_through_rules(template),
        *_through_topics(template),
    ]
    yield from dict.fromkeys(sorted(edges))


def _from_gateway(template: Template) -> Iterator[str]:
    if "RestAPI" in template["Resources"]:
        yield 'people(["people, ERP, agencies"]) --> gateway{{"API Gateway"}}'
        yield "gateway -- token --> Authz"
        yield "gateway --> APIHandler"


def _into(name: str, function: Mapping[str, Any]) -> Iterator[str]:
    for event in function.get("Events", {}).values():
        match event:
            case {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": [queue, _]}}}:
                yield f"{queue} --> {name}"
            case {"Type": "ScheduleV2"}:
                yield f'schedule(["schedule"]) --> {name}'


def _out_of(template: Template, name: str, function: Mapping[str, Any]) -> Iterator[str]:
    for action, resource in _allowed(template, function):
        target = _named(resource)
        if action == "sqs:SendMessage" and target:
            yield f"{name} --> {target}"
        if action == "events:PutEvents" and target:
            yield f'{name} --> {target}{{{{"event bus"}}}}'
        if action == "ses:SendEmail":
            yield f'{name} --> ses(["SES"])'


def _through_rules(template: Template) -> Iterator[str]:
    for rule in _of_type(template, "AWS::Events::Rule").values():
        source = _named(rule.get("EventBusName", "")) or 'bucket[("bucket")]'
        for target in rule["Targets"]:
            if _named(target["Arn"]):
                yield f"{source} -- rule --> {_named(target['Arn'])}"


def _through_topics(template: Template) -> Iterator[str]:
    for subscription in _of_type(template, "AWS::SNS::Subscription").values():
        topic, queue = _named(subscription["TopicArn"]), _named(subscription["Endpoint"])
        if subscription["Protocol"] == "sqs":
            yield f'ses(["SES"]) -- {topic} --> {queue}'


def functions_table(template: Template) -> str:
    """Return a table of the functions: what they may do to what, as their policies say."""
    rows = [
        "| function | memory, time | table | bucket | besides |",
        "| --- | --- | --- | --- | --- |",
    ]
    for function in _of_type(template, "AWS::Serverless::Function").values():
        allowed = list(_allowed(template, function))
        table = {a.partition(":")[2] for a, _ in allowed if a.startswith("dynamodb:")}
        words = [word for word, some in (("reads", _READS), ("writes", _WRITES)) if table & some]
        words += ["scans"] if "Scan" in table else []
        bucket = sorted({_prefix(r) for a, r in allowed if a.startswith("s3:") and _prefix(r)})
        besides = sorted(
            {
                action
                for action, _ in allowed
                if not action.startswith(("logs:", "dynamodb:", "s3:", "kms:", "sqs:"))
            }
        )
        size = f"{function['MemorySize']} MB, {function['Timeout']} s"
        cells = (", ".join(words), ", ".join(bucket), ", ".join(besides))
        rows.append(f"| {_function_name(function)} | {size} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _allowed(template: Template, function: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each action of a function's policy with each of its resources."""
    role = template["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            for resource in _each(statement["Resource"]):
                for action in _each(statement["Action"]):
                    yield action, resource


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _prefix(resource: Any) -> str:
    match resource:
        case {"Fn::Sub": str(text)} if text.startswith("${Bucket.Arn}/"):
            return text.removeprefix("${Bucket.Arn}/")
    return ""


def _named(value: Any) -> str:
    """Return the resource that a reference is to, empty if it is none."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
    return ""


def _function_name(function: Mapping[str, Any]) -> str:
    name: str = function["FunctionName"]["Fn::Sub"]
    return name.removeprefix("pastdue-${Stage}-")


def _of_type(template: Template, kind: str) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in sorted(template["Resources"].items())
        if resource["Type"] == kind
    }


# --- the code ----------------------------------------------------------------------------------------


def layers() -> Iterator[str]:
    """Yield which part of what is deployed imports which; no counts, so that it changes rarely."""
    graph = grimp.build_graph("chalicelib")
    edges = {
        (_part(module), _part(other))
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
    }
    for one, other in sorted(edges):
        if one and other and one != other:
            yield f"{one} --> {other}"


def _part(module: str) -> str:
    """Return the layer of a module; what any layer may use has none."""
    _, _, rest = module.partition(".")
    part = rest.partition(".")[0]
    if part.startswith("wiring"):
        return "wiring"
    return "" if part.startswith(_SHARED) else part


if __name__ == "__main__":
    main()
