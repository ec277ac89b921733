"""Templates and expressions: a small part of Jinja2 that cannot run away.

What is allowed is listed; the rest is refused over the syntax tree before anything is compiled.
The sandbox alone is not enough: it lets a multiplication or a filter fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from runner.documents import closest, listed
from runner.mapping.filters import FILTERS, MAXIMUM_RESULT, TESTS
from runner.mapping.running import FieldFailed, Run, as_text

MAXIMUM_NAMES = 60
"""Fields that one template may mention: bounds what it can put together."""

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.List),
    *(nodes.Tuple, nodes.If, nodes.CondExpr, nodes.Getattr, nodes.Getitem, nodes.Compare),
    *(nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Add, nodes.Sub),
    *(nodes.Filter, nodes.Test, nodes.Neg, nodes.Keyword),
)
_WORDS: dict[type[nodes.Node], str] = {
    nodes.Call: "calls (parentheses after a name)",
    nodes.Mul: "multiplication (*)",
    nodes.Pow: "powers (**)",
    nodes.Mod: "the remainder (%)",
    nodes.Div: "division (/)",
    nodes.FloorDiv: "division (//)",
    nodes.Slice: "slices ([a:b])",
    nodes.Dict: "mappings in braces",
}
_STATEMENT = re.compile(r"\{%[-+]?\s*(\w+)")
_FAILURES = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)


class TemplateRefused(Exception):
    """A template that cannot be used; ``line`` counts from 1 inside its text."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _Environment(ImmutableSandboxedEnvironment):
    """Reads fields of records only: never an attribute of a Python object."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a field; inside an empty value every field is empty."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read a field or an item of a list."""
        if isinstance(obj, StrictUndefined):
            # Asking for anything but its name makes it say what is missing.
            str(obj)
        if isinstance(obj, dict):
            return obj.get(argument)
        if isinstance(obj, list) and isinstance(argument, int) and not isinstance(argument, bool):
            return obj[argument] if -len(obj) <= argument < len(obj) else None
        return None


def _written(value: Any) -> Any:
    """Write an empty value as nothing and true as tables do."""
    if isinstance(value, str | StrictUndefined):
        return value
    return as_text(value)


def _environment() -> _Environment:
    environment = _Environment(
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_written,
        cache_size=0,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    environment.filters = {**FILTERS, "written": _written}
    environment.tests = {**TESTS, "defined": environment.tests["defined"]}
    return environment


_ENVIRONMENT = _environment()
_TESTS = {*TESTS, "defined"}


def compile_template(text: str) -> Callable[[Run], str]:
    """Return what writes a template for a record.

    Raises:
        TemplateRefused: The text is no template, or uses what is not allowed.
    """
    template = _compiled(lambda: _ENVIRONMENT.from_string(_parse_template(text)))

    def write(run: Run) -> str:
        try:
            pieces: list[str] = []
            size = 0
            for piece in template.root_render_func(template.new_context(run.names())):
                size += len(piece)
                if size > MAXIMUM_RESULT:
                    break
                pieces.append(piece)
        except _FAILURES as error:
            raise FieldFailed(f"the template fails: {error}") from None
        if size > MAXIMUM_RESULT:
            raise FieldFailed(f"the template gives more than {MAXIMUM_RESULT} characters")
        return "".join(pieces).strip()

    return write


def compile_expression(text: str) -> Callable[[Run], bool]:
    """Return what answers an expression for a record with yes or no.

    Raises:
        TemplateRefused: The text is no expression, or uses what is not allowed.
    """
    result = nodes.Assign(nodes.Name("result", "store"), _parse_expression(text), lineno=1)
    template = _compiled(lambda: _ENVIRONMENT.from_string(nodes.Template([result], lineno=1)))
    evaluate = TemplateExpression(template, undefined_to_none=False)

    def decide(run: Run) -> bool:
        try:
            return bool(evaluate(run.names()))
        except _FAILURES as error:
            raise FieldFailed(f"the expression fails: {error}") from None

    return decide


def paths_in_template(text: str) -> set[str]:
    """Return the Kayako fields that a template mentions, with dots; it must be allowed."""
    return set(_paths(_parse_template(text)))


def paths_in_expression(text: str) -> set[str]:
    """Return the Kayako fields that an expression mentions, with dots; it must be allowed."""
    return set(_paths(_parse_expression(text)))


def _compiled(make: Callable[[], Any]) -> Any:
    """Compile; constants are computed here already, so mistakes in them show."""
    try:
        return make()
    except TemplateSyntaxError as error:
        raise TemplateRefused(_plainly(str(error.message)), error.lineno) from None
    except _FAILURES as error:
        raise TemplateRefused(str(error), 1) from None


_COMPLAINTS = (
    (r"Expected an expression, got|unexpected 'end of (print|statement)", "a value is missing"),
    (r"expected token 'name', got 'end of", "the name of a filter is missing after |"),
    (r"expected token 'end of print statement'", "something stands between the value and }}"),
    (r"end of template.*end of print statement", "a }} is missing"),
    (r"end of template.*end of statement block", "a %} is missing"),
    (r"Unexpected end of template", "an {% endif %} is missing"),
    (r"[Mm]issing end of comment", "a #} is missing"),
    (r"unexpected 'end of template'|unexpected end of template", "it ends too early"),
    (r"unexpected char [\"']['\"]", "a quote is opened and never closed"),
    (r"unknown tag '(\w+)'", r"\1 stands here without an if"),
    (r"unexpected '.', expected '(.)'", r"a \1 is missing"),
)


def _plainly(words: str) -> str:
    """Put the template language's complaint into plain words."""
    for sign, plain in _COMPLAINTS:
        found = re.search(sign, words, re.DOTALL)
        if found:
            return found.expand(plain)
    return words.split(". ", maxsplit=1)[0].rstrip(".")


def _parse_template(text: str) -> nodes.Template:
    for statement in _STATEMENT.finditer(text):
        # Before parsing: the parser would complain about the end of the block instead.
        if statement[1] not in ("if", "elif", "else", "endif"):
            line = text.count("\n", 0, statement.start()) + 1
            raise TemplateRefused(f"{statement[1]} cannot be used in templates", line)
    tree: nodes.Template = _compiled(lambda: _ENVIRONMENT.parse(text))
    _check(tree)
    return tree


def _parse_expression(text: str) -> nodes.Expr:
    def parse() -> nodes.Expr:
        parser = Parser(_ENVIRONMENT, text, state="variable")
        expression = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError("the expression does not end where it should", 1)
        return expression

    tree: nodes.Expr = _compiled(parse)
    _check(tree)
    return tree


def _check(tree: nodes.Node) -> None:
    """Refuse what is not listed, and let ``~`` write empty values as nothing."""
    names = 0
    for node in list(_all(tree)):
        if not isinstance(node, _ALLOWED):
            words = _WORDS.get(type(node), type(node).__name__.lower())
            raise TemplateRefused(f"{words} cannot be used in templates", node.lineno or 1)
        kinds = ((FILTERS, nodes.Filter, "filter"), (_TESTS, nodes.Test, "test"))
        for known, kind, group in kinds:
            if isinstance(node, kind) and node.name not in known:
                meant = closest(node.name, known) or f"; allowed: {listed(sorted(known))}"
                raise TemplateRefused(f"the {group} {node.name} is not known{meant}", node.lineno)
        if isinstance(node, nodes.Concat):
            node.nodes = [_as_written(part) for part in node.nodes]
        names += isinstance(node, nodes.Name)
    if names > MAXIMUM_NAMES:
        raise TemplateRefused(f"more than {MAXIMUM_NAMES} fields in one template", 1)


def _as_written(node: nodes.Expr) -> nodes.Expr:
    """Wrap a part of a concatenation: Jinja would write an empty value as ``None``."""
    return nodes.Filter(node, "written", [], [], None, None, lineno=node.lineno)


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Yield a tree's nodes without recursion."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.iter_child_nodes())


def _paths(tree: nodes.Node) -> Iterator[str]:
    """Yield the longest dotted names of a tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        path = _path(node)
        if path:
            yield path
        else:
            waiting.extend(node.iter_child_nodes())


def _path(node: nodes.Node) -> str:
    """Return ``a.b.c`` for names inside each other, or nothing."""
    steps: list[str] = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            steps.append(node.attr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            if isinstance(node.arg.value, str):
                steps.append(node.arg.value)
        else:
            return ""
        node = node.node
    return ".".join([node.name, *reversed(steps)])
