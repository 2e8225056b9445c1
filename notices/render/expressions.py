"""Writes the Python of one Liquid expression: a path, an output, a condition.

A name of a wording never becomes Python code: names are keys, words are constants, and
nothing but ``[]`` is asked of a value. See notices.render.program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liquid import Environment
from liquid.builtin.expressions import (
    BooleanExpression,
    FilteredExpression,
    Nil,
    Path,
    PositionalArgument,
    StringLiteral,
)
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import (
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import (
    Blank,
    Empty,
    FalseLiteral,
    FloatLiteral,
    IntegerLiteral,
    TrueLiteral,
)
from liquid.expression import Expression
from markupsafe import Markup

_LOOP_WORDS = {
    "index": "p{0}",
    "index0": "(p{0} - 1)",
    "rindex": "(n{0} - p{0} + 1)",
    "rindex0": "(n{0} - p{0})",
    "first": "(p{0} == 1)",
    "last": "(p{0} == n{0})",
    "length": "n{0}",
}
_SINGLE: Mapping[type[Expression], str] = {
    Nil: "None",
    TrueLiteral: "True",
    FalseLiteral: "False",
}
# How an order is asked for, and whether its sides change places.
_ORDERS: Mapping[type[Expression], tuple[str, bool]] = {
    LtExpression: ("below", False),
    GtExpression: ("below", True),
    LeExpression: ("up_to", False),
    GeExpression: ("up_to", True),
    ContainsExpression: ("holds", False),
}


class Uncovered(Exception):
    """The tree holds something that python-liquid alone fills."""


@dataclass(slots=True)
class Loop:
    """A loop being written: its number, and whether ``forloop`` is asked for."""

    number: int
    counted: bool = False


@dataclass(slots=True)
class Expressions:
    """Writes expressions, and notes which names and constants they need.

    ``roots`` are the names of the values asked for, with the variable that holds each;
    ``scopes`` are the names of the loops around, the innermost last.
    """

    env: Environment
    html: bool
    constants: dict[str, object] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    scopes: list[dict[str, str | Loop]] = field(default_factory=list)

    def printed(self, expression: Expression) -> str:
        """Return code that is the string an output prints.

        :raises Uncovered: by this and every other method.
        """
        if not isinstance(expression, FilteredExpression):
            raise Uncovered
        code = self.value(expression.left)
        filters = expression.filters or []
        for each in filters[:-1]:
            code = self._filtered(code, each)
        if filters and filters[-1].name == "written" and len(filters[-1].args) == 1:
            # Applied in line: it is half of all outputs, and its result is a string.
            called = f"{self._argument(filters[-1].args[0])}({code})"
            text = f"(v if type(v := {called}) is str else str(v))"
            return f"escaped({text})" if self.html else text
        if filters:
            code = self._filtered(code, filters[-1])
        if not self.html:
            return f"(v if type(v := {code}) is str else printed(v, False))"
        safe = "v if type(v) is Markup else printed(v, True)"
        return f"(escaped(v) if type(v := {code}) is str else {safe})"

    def value(self, expression: Expression) -> str:
        """Return code that is the value of a path or a literal."""
        if isinstance(expression, Path):
            return self._path(expression)
        if type(expression) in _SINGLE:
            return _SINGLE[type(expression)]
        if isinstance(expression, StringLiteral):
            words = expression.value
            return self._constant(Markup(words) if self.html else words)  # noqa: S704
        if isinstance(expression, IntegerLiteral | FloatLiteral):
            return self._constant(expression.value)
        raise Uncovered

    def truth(self, expression: Expression) -> str:
        """Return code that is True or False; nil and false alone are false."""
        if isinstance(expression, BooleanExpression):
            return self.truth(expression.expression)
        if isinstance(expression, LogicalAndExpression | LogicalOrExpression):
            word = "and" if isinstance(expression, LogicalAndExpression) else "or"
            left, right = self.truth(expression.left), self.truth(expression.right)
            return f"({left} {word} {right})"
        if isinstance(expression, EqExpression):
            return self._equal(expression.left, expression.right)
        if isinstance(expression, NeExpression):
            return f"(not {self._equal(expression.left, expression.right)})"
        if type(expression) in _ORDERS:
            return self._ordered(expression)
        code = self.value(expression)
        return f"((v := {code}) is not None and v is not False)"

    def _filtered(self, code: str, applied: Filter) -> str:
        function = self.env.filters.get(applied.name)
        if function is None or hasattr(function, "with_context"):
            raise Uncovered
        arguments = [code, *map(self._argument, applied.args)]
        return f"{self._constant(function)}({', '.join(arguments)})"

    def _argument(self, argument: object) -> str:
        if not isinstance(argument, PositionalArgument):
            raise Uncovered
        return self.value(argument.value)

    def _path(self, path: Path) -> str:
        root, *rest = path.path
        if not isinstance(root, str) or root == "partial":  # one of python-liquid's
            raise Uncovered
        keys = [key for key in rest if isinstance(key, str)]
        if len(keys) < len(rest):
            raise Uncovered
        found = next((one[root] for one in reversed(self.scopes) if root in one), None)
        if isinstance(found, Loop):
            if len(keys) != 1 or keys[0] not in _LOOP_WORDS:
                raise Uncovered
            found.counted = True
            return _LOOP_WORDS[keys[0]].format(found.number)
        if found is None:
            found = self.roots.setdefault(root, f"r{len(self.roots)}")
        return found + "".join(f"[{key!r}]" for key in keys)

    def _constant(self, value: object) -> str:
        for name, known in self.constants.items():
            if type(known) is type(value) and repr(known) == repr(value):
                return name
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def _ordered(self, expression: Expression) -> str:
        word, turned = _ORDERS[type(expression)]
        sides = [self.value(side) for side in expression.children()]
        if turned:
            sides.reverse()
        return f"{word}({', '.join(sides)})"

    def _equal(self, left: Expression, right: Expression) -> str:
        for literal, other in ((right, left), (left, right)):
            if type(literal) in _SINGLE:
                return f"({self.value(other)} is {_SINGLE[type(literal)]})"
            if isinstance(literal, Empty | Blank):
                word = "is_empty" if isinstance(literal, Empty) else "is_blank"
                return f"{word}({self.value(other)})"
            if isinstance(literal, StringLiteral):
                return f"({self.value(other)} == {self.value(literal)})"
        return f"same({self.value(left)}, {self.value(right)})"
