"""The small language of finance's own texts, checked before anything is rendered.

It is the language of the shipped templates (Jinja), cut down to what a letter needs: values, a few
filters, choices, and loops over the letter's lists. A text is parsed, and every node of it must be
of the kinds listed here and in `text_expressions`; names and what they are used for are checked
against the shape of the letter's values. What passes cannot call anything, reach any object, or
cost more than a bound that is known before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import nodes

from chalicelib.flows.ports_texts import TextFault
from chalicelib.mail.text_expressions import Expressions, Findings
from chalicelib.mail.text_shapes import ListOf, Shape, said_of

SOURCE_MAX = 8_000  # characters of a block
COST_MAX = 60_000  # nodes, those inside a loop as often as it can go round
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def checked(block: str, root: nodes.Template, names: Mapping[str, Shape]) -> list[TextFault]:
    """Return everything that is wrong with a parsed block, in order of its lines."""
    findings = Findings(block)
    statements = _Statements(findings, Expressions(findings, names), names)
    for node in root.body:
        statements.check(node, 1)
    if findings.cost > COST_MAX:
        findings.add(0, "too_much", "is too long for its loops: say less inside them")
    return sorted(findings.faults, key=lambda one: one.line)


@dataclass(frozen=True, slots=True)
class _Statements:
    """What stands between values: choices, loops, and what is printed."""

    findings: Findings
    expressions: Expressions
    names: Mapping[str, Shape]

    def check(self, node: nodes.Node, depth: int) -> None:
        """Add what is wrong with a statement and all inside it."""
        if not self.findings.enter(node, depth):
            return
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    self.expressions.printed(part, depth + 1)
        elif isinstance(node, nodes.If):
            self.expressions.shape_of(node.test, depth + 1)
            for one in (*node.body, *node.elif_, *node.else_):
                self.check(one, depth + 1)
        elif isinstance(node, nodes.For):
            self._loop(node, depth)
        else:
            self.findings.refuse(node)

    def _loop(self, node: nodes.For, depth: int) -> None:
        add = self.findings.add
        if self.findings.is_in_loop:
            add(node.lineno, "loop_in_loop", "a loop cannot stand inside another one")
            return
        if node.recursive or node.test is not None:
            add(node.lineno, "not_allowed", 'a loop is "for ... in ...": choose inside it')
        shape = self.expressions.shape_of(node.iter, depth + 1)
        for one in node.else_:
            self.check(one, depth + 1)
        name = self._entry_name(node)
        if shape is not None and not isinstance(shape, ListOf):
            add(node.lineno, "not_a_list", f"a loop needs a list, this is {said_of(shape)}")
        elif shape is not None and name:
            self._body(node, {**self.names, name: shape.entry}, depth)

    def _entry_name(self, node: nodes.For) -> str:
        """Return what a loop calls each entry, "" when it cannot."""
        target = node.target
        if not isinstance(target, nodes.Name) or not _NAME.fullmatch(target.name):
            self.findings.add(node.lineno, "bad_name", "a loop gives each entry one plain name")
        elif target.name in self.names:
            detail = f'"{target.name}" is a value of the letter; give the entries another name'
            self.findings.add(node.lineno, "bad_name", detail)
        else:
            return target.name
        return ""

    def _body(self, node: nodes.For, names: Mapping[str, Shape], depth: int) -> None:
        inner = _Statements(self.findings, Expressions(self.findings, names), names)
        self.findings.is_in_loop = True
        for one in node.body:
            inner.check(one, depth + 1)
        self.findings.is_in_loop = False
