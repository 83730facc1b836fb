"""The expressions of finance's own texts: what each comes to, and what is wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from chalicelib.flows.ports_texts import TextFault
from chalicelib.mail.text_shapes import (
    ENTRIES_MAX,
    FLAG,
    MIXED,
    NUMBER,
    SCALARS,
    TEXT,
    ListOf,
    Shape,
    said_of,
)

DEPTH_MAX = 12  # nodes inside nodes
FAULTS_MAX = 20  # of a block
NUMBER_MAX = 1_000_000
SEPARATOR_MAX = 20  # characters between what `join` puts together
FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "trim", "upper")
TESTS = ("defined", "undefined")
_ORDER = frozenset({"lt", "lteq", "gt", "gteq"})
_NOT_THERE: Mapping[type, str] = {
    nodes.Call: "calls nothing: there are only values and filters",
    nodes.CallBlock: "has no macros",
    nodes.Macro: "has no macros",
    nodes.Include: "includes no other text",
    nodes.Import: "imports nothing",
    nodes.FromImport: "imports nothing",
    nodes.Extends: "extends no other text",
    nodes.Block: "has no blocks of its own: each part of the letter is one",
    nodes.Assign: "sets no values",
    nodes.AssignBlock: "sets no values",
    nodes.With: "sets no values",
    nodes.BinExpr: "does not calculate: amounts and dates come ready to print",
    nodes.UnaryExpr: "does not calculate: amounts and dates come ready to print",
}


@dataclass(slots=True)
class Findings:
    """What was found in one block: faults, and what its nodes cost at most."""

    block: str
    faults: list[TextFault] = field(default_factory=list)
    cost: int = 0
    is_in_loop: bool = False

    def add(self, line: int | None, code: str, detail: str) -> None:
        """Add a fault; beyond 20 they are not told. Some nodes do not know their line."""
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(TextFault(self.block, line or 0, code, detail))

    def enter(self, node: nodes.Node, depth: int) -> bool:
        """Count a node, and answer whether it is not nested too deeply."""
        self.cost += ENTRIES_MAX if self.is_in_loop else 1
        if depth > DEPTH_MAX:
            self.add(node.lineno, "too_deep", f"is nested more than {DEPTH_MAX} deep")
        return depth <= DEPTH_MAX

    def refuse(self, node: nodes.Node) -> None:
        """Add that a kind of node has no place in a text."""
        kinds = type(node).__mro__
        said = next((_NOT_THERE[kind] for kind in kinds if kind in _NOT_THERE), "")
        kind = type(node).__name__
        detail = f"a text {said}" if said else f"cannot be used in a text ({kind})"
        self.add(node.lineno, "not_allowed", detail)


@dataclass(frozen=True, slots=True)
class Expressions:
    """Works out what expressions come to, with the names that are known where they stand."""

    findings: Findings
    names: Mapping[str, Shape]

    def printed(self, node: nodes.Expr, depth: int) -> None:
        """Add what is wrong with an expression that is printed."""
        shape = self.shape_of(node, depth)
        if shape is not None and shape not in SCALARS:
            detail = f"{said_of(shape)} cannot be printed: say which part of it"
            if shape == FLAG:
                detail = 'true or false cannot be printed: use it in "if"'
            self.findings.add(node.lineno, "not_printable", detail)

    def shape_of(self, node: nodes.Node, depth: int) -> Shape | None:
        """Return the shape of an expression; None when it was refused, so that it is told once."""
        if not self.findings.enter(node, depth):
            return None
        read = _READERS.get(type(node))
        if read is None:
            self.findings.refuse(node)
            return None
        return read(self, node, depth)

    def _concat(self, node: nodes.Concat, depth: int) -> Shape | None:
        for part in node.nodes:
            self.printed(part, depth + 1)
        return TEXT

    def _either(self, node: nodes.And | nodes.Or, depth: int) -> Shape | None:
        return self._same(self.shape_of(node.left, depth + 1), self.shape_of(node.right, depth + 1))

    def _not(self, node: nodes.Not, depth: int) -> Shape | None:
        self.shape_of(node.node, depth + 1)
        return FLAG

    def _choice(self, node: nodes.CondExpr, depth: int) -> Shape | None:
        self.shape_of(node.test, depth + 1)
        if node.expr2 is None:
            self.findings.add(node.lineno, "no_else", 'a choice needs both: "a if b else c"')
            return None
        return self._same(
            self.shape_of(node.expr1, depth + 1), self.shape_of(node.expr2, depth + 1)
        )

    def _attribute(self, node: nodes.Getattr, depth: int) -> Shape | None:
        return self._part(node, node.node, node.attr, depth)

    def _item(self, node: nodes.Getitem, depth: int) -> Shape | None:
        if not isinstance(node.arg, nodes.Const):
            self.findings.refuse(node)
            return None
        return self._part(node, node.node, node.arg.value, depth)

    @staticmethod
    def _same(one: Shape | None, other: Shape | None) -> Shape | None:
        """Return what either of two can be; a flag where they differ: it is only good for `if`."""
        if one is None or other is None:
            return None
        if one == other:
            return one
        return MIXED if one in SCALARS and other in SCALARS else FLAG

    def _const(self, node: nodes.Const, _depth: int) -> Shape | None:
        value = node.value
        if isinstance(value, bool):
            return FLAG
        if isinstance(value, str):
            return TEXT
        if isinstance(value, int) and abs(value) <= NUMBER_MAX:
            return NUMBER
        self.findings.add(
            node.lineno, "not_allowed", "only texts and whole numbers can be written so"
        )
        return None

    def _name(self, node: nodes.Name, _depth: int) -> Shape | None:
        if node.name in self.names:
            return self.names[node.name]
        self._unknown(node.lineno, node.name, tuple(self.names), "")
        return None

    def _part(self, node: nodes.Expr, of: nodes.Expr, key: object, depth: int) -> Shape | None:
        whole = self.shape_of(of, depth + 1)
        if whole is None:
            return None
        if isinstance(whole, ListOf) and isinstance(key, int) and not isinstance(key, bool):
            if 0 <= key < ENTRIES_MAX:
                return whole.entry
            self.findings.add(
                node.lineno, "not_allowed", f"a list has entries 0 to {ENTRIES_MAX - 1}"
            )
            return None
        if isinstance(whole, Mapping) and isinstance(key, str):
            if key in whole:
                found: Shape = whole[key]
                return found
            self._unknown(node.lineno, key, tuple(whole), " here")
            return None
        detail = f"{said_of(whole)} has no part {str(key)[:40]!r}"
        self.findings.add(node.lineno, "unknown_name", detail)
        return None

    def _unknown(self, line: int, name: str, known: Sequence[str], where: str) -> None:
        if name == "loop":
            self.findings.add(line, "not_allowed", '"loop" is not known; "join" sets separators')
            return
        close = difflib.get_close_matches(name[:60], known, 1, cutoff=0.55)
        hint = f'; did you mean "{close[0]}"?' if close else ""
        self.findings.add(line, "unknown_name", f"{name[:60]!r} is not known{where}{hint}")

    def _filter(self, node: nodes.Filter, depth: int) -> Shape | None:
        if node.name not in FILTERS:
            close = difflib.get_close_matches(node.name[:60], FILTERS, 1, cutoff=0.55)
            hint = f'; did you mean "{close[0]}"?' if close else f" (known: {', '.join(FILTERS)})"
            detail = f"the filter {node.name[:60]!r} is not known{hint}"
            self.findings.add(node.lineno, "unknown_filter", detail)
            return None
        if node.node is None:
            self.findings.refuse(node)
            return None
        given = self.shape_of(node.node, depth + 1)
        arguments = self._arguments(node)
        if given is None or arguments is None:
            return None
        return self._filtered(node, given, arguments)

    def _arguments(self, node: nodes.Filter) -> list[str] | None:
        """Return a filter's arguments, which are texts as they stand; None when others are given."""
        most = 1 if node.name in ("join", "default") else 0
        given = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        is_fit = (
            len(node.args) <= most
            and len(given) == len(node.args)
            and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
            and all(isinstance(value, str) for value in given)
            and not (node.name == "default" and not given)
            and not (node.name == "join" and len("".join(given)) > SEPARATOR_MAX)
        )
        if is_fit:
            return given
        needed = {
            "join": f'at most one text of {SEPARATOR_MAX} characters: join(", ")',
            "default": 'one text: default("unknown")',
        }.get(node.name, "nothing in brackets")
        self.findings.add(node.lineno, "bad_argument", f"the filter {node.name!r} takes {needed}")
        return None

    def _filtered(self, node: nodes.Filter, given: Shape, arguments: list[str]) -> Shape | None:
        if node.name in ("first", "last"):
            if isinstance(given, ListOf):
                return given.entry
        elif node.name == "join":
            if given == ListOf(TEXT):
                return TEXT
        elif node.name == "length":
            if isinstance(given, ListOf) or given == TEXT:
                return NUMBER
        elif given in SCALARS:
            return TEXT
        detail = f"the filter {node.name!r} does not fit {said_of(given)}"
        self.findings.add(node.lineno, "bad_filter", detail)
        return None

    def _test(self, node: nodes.Test, depth: int) -> Shape | None:
        self.shape_of(node.node, depth + 1)
        if node.name in TESTS and not (node.args or node.kwargs or node.dyn_args):
            return FLAG
        detail = f'"is" can only be asked with {" or ".join(TESTS)}'
        self.findings.add(node.lineno, "unknown_test", detail)
        return None

    def _compare(self, node: nodes.Compare, depth: int) -> Shape | None:
        left = self.shape_of(node.expr, depth + 1)
        for operand in node.ops:
            right = self.shape_of(operand.expr, depth + 1)
            if left is None or right is None:
                return FLAG
            if not _fits(operand.op, left, right):
                detail = f"{said_of(left)} and {said_of(right)} cannot be compared so"
                if operand.op in _ORDER:
                    detail += ": only numbers are more or less"
                self.findings.add(node.lineno, "bad_comparison", detail)
            left = right
        return FLAG


_READERS: dict[type[nodes.Node], Callable[[Expressions, Any, int], Shape | None]] = {
    nodes.Const: Expressions._const,
    nodes.Name: Expressions._name,
    nodes.Getattr: Expressions._attribute,
    nodes.Getitem: Expressions._item,
    nodes.Filter: Expressions._filter,
    nodes.Test: Expressions._test,
    nodes.Concat: Expressions._concat,
    nodes.Compare: Expressions._compare,
    nodes.And: Expressions._either,
    nodes.Or: Expressions._either,
    nodes.Not: Expressions._not,
    nodes.CondExpr: Expressions._choice,
}


def _fits(op: str, left: Shape, right: Shape) -> bool:
    if op in _ORDER:
        return left == right == NUMBER
    if op in ("in", "notin"):
        return left == TEXT and right in (TEXT, ListOf(TEXT))
    return left == right
