"""The rules of tidiness that no linter has: pure functions from a file's text to its faults."""

import ast
import re
import sys
from collections.abc import Iterator

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

MACHINE_PATH = re.compile(r"(?<![\w.~*}])/(?:home|root|tmp|work|Users|opt)/\w")
REGISTRY_HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.org|--(?:extra-)?index-url|registry ?= ?\W?https?:", re.I
)
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E)\b")


def sizes(text: str) -> Iterator[str]:
    """The module and the functions of `text` that are longer than the hard caps."""
    length = text.count("\n") + (not text.endswith("\n"))
    if length > MODULE_LINES_MAX:
        yield f"module of {length} lines, {MODULE_LINES_MAX} at most: split it by noun"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES_MAX:
            yield f"{node.name}: {length} lines, {FUNCTION_LINES_MAX} at most (line {node.lineno})"


SECRETS = {
    "an access key of AWS": re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + "KEY-----"),
    "a webhook's secret": re.compile(r"whsec_[A-Za-z0-9+/]{32,}={0,2}"),
    "an API key": re.compile(r"\b(?:pdk_[a-z][a-z0-9]*_[0-9a-f]{16}_[0-9a-f]{64}|agx_\w{20,})"),
    "a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"),
}
PUBLISHED = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}  # the vector of Standard Webhooks


def strays(text: str) -> Iterator[str]:
    """What belongs to one machine or to nobody: paths, registry hosts, marks of unfinished work."""
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in (
            ("a path of one machine", MACHINE_PATH),
            ("a package registry's address", REGISTRY_HOST),
            ("a mark of unfinished work (file an issue)", UNFINISHED),
        ):
            if pattern.search(line):
                yield f"line {number}: {what}"


def secrets(text: str) -> Iterator[str]:
    """What looks like a key of AWS, of ours or of a webhook, a token, or a private key."""
    for what, pattern in SECRETS.items():
        for found in pattern.finditer(text):  # at once: line by line takes longer
            if found[0] not in PUBLISHED:
                yield f"line {text.count(chr(10), 0, found.start()) + 1}: {what}"


def outside_imports(text: str, own_package: str) -> Iterator[str]:
    """Top-level imports that are neither the standard library nor `own_package`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        for name in names:
            known = name.partition(".")[0] in sys.stdlib_module_names
            if not known and not f"{name}.".startswith(f"{own_package}."):
                yield f"imports {name} (line {node.lineno})"


def code_faults(text: str) -> Iterator[str]:
    """Classes without a `code` of their own, and codes that two classes share.

    A class that is a value, not an error (its name does not end in Error), is passed over.
    """
    owners: dict[str, str] = {}
    for node in ast.parse(text).body:
        if not isinstance(node, ast.ClassDef) or not node.name.endswith("Error"):
            continue
        code = _own_code(node)
        if code is None:
            yield f"{node.name} has no code of its own"
        elif code in owners:
            yield f"{node.name} has the code of {owners[code]}: {code}"
        else:
            owners[code] = node.name


def _own_code(node: ast.ClassDef) -> str | None:
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code)))
                | ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code)))
            ):
                return code
    return None
