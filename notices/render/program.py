"""Turns a parsed wording into one Python function that puts its pieces together.

python-liquid stays the only parser and the reference: the function is written from its
tree and promises the same text. It takes the straight way alone. What the tree holds
beyond our subset is not compiled, and values that are in any way out of the ordinary
(a name that is not there, something to loop over that is no list, a limit reached) go
to python-liquid after all, which then says what is wrong or writes the text. Values
are plain data, not python-liquid drops.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from liquid import BoundTemplate, Environment
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode

from notices.render.expressions import Expressions, Loop, Uncovered
from notices.render.operators import NAMES

Fill = Callable[[Mapping[str, object]], str]

# python-liquid limits how deep loops lie in each other; long before that it takes over.
_DEEPEST_LOOP = 8


def compile_program(template: BoundTemplate, *, html: bool) -> Fill | None:
    """Return the function that fills the template, or None where it is not covered.

    The function raises what ``template.render`` raises. ``html`` says whether values
    are escaped and must be what the template was parsed with.

    :raises ValueError: it was parsed for the other medium.
    """
    if template.env.autoescape is not html:
        raise ValueError("The template was parsed for another medium.")
    writer = _Writer(template.env, html=html)
    try:
        code = compile(writer.source(template.nodes), "<wording>", "exec")
    except (Uncovered, MemoryError, RecursionError, SyntaxError):
        return None
    names = {**NAMES, **writer.expressions.constants}
    # Names and words of a wording stand in it as quoted strings and nowhere else.
    exec(code, names)  # noqa: S102
    run = cast(Fill, names["run"])
    limit = template.env.output_stream_limit
    longest = sys.maxsize if limit is None else limit // 4  # UTF-8 at its widest

    def fill(values: Mapping[str, object]) -> str:
        try:
            text = run(values)
        except Exception:  # whatever it was, python-liquid tells it in its own words
            return template.render(values)
        # python-liquid writes to a stream that turns every line end into "\n".
        if "\r" in text or len(text) > longest:
            return template.render(values)
        return text

    return fill


class _Writer:
    """Writes the Python of one template."""

    def __init__(self, env: Environment, *, html: bool) -> None:
        self.env = env
        self.expressions = Expressions(env, html)
        self.always: set[str] = set()
        self.seen: Counter[str] = Counter()
        self.shared: dict[str, str] = {}
        self._begin()

    def _begin(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.loops: list[Loop] = []
        self.last_loop = 0

    def source(self, nodes: Sequence[Node]) -> str:
        """Return the module that defines ``run``.

        Written twice: the first time tells which outputs stand more than once, one of
        them where it is printed for everybody; the second time has these at hand.
        """
        self._nodes(nodes, 1, quiet=False)
        often = sorted(code for code in self.always if self.seen[code] > 1)
        self.shared = {code: f"s{number}" for number, code in enumerate(often)}
        self._begin()
        self._nodes(nodes, 1, quiet=False)
        self._flush(1)
        roots = self.expressions.roots.items()
        head = ["def run(values):", "\tout = []"]
        head += [f"\t{code} = values[{name!r}]" for name, code in roots]
        head += [f"\t{name} = {code}" for code, name in self.shared.items()]
        return "\n".join([*head, *self.lines, '\treturn "".join(out)', ""])

    def _line(self, depth: int, code: str) -> None:
        self._flush(depth)
        self.lines.append("\t" * depth + code)

    def _flush(self, depth: int) -> None:
        if self.pieces:
            self.lines.append("\t" * depth + f"out += ({', '.join(self.pieces)},)")
            self.pieces = []

    def _nodes(self, nodes: Iterable[Node], depth: int, *, quiet: bool) -> None:
        """Write the nodes; a quiet block asks its questions but prints nothing."""
        for node in nodes:
            if isinstance(node, ContentNode):
                if not quiet:
                    self.pieces.append(repr(_one_line_end(node.text)))
            elif isinstance(node, OutputNode):
                self._output(node, depth)
            elif isinstance(node, IfNode | UnlessNode):
                self._branches(node, depth, quiet=quiet)
            elif isinstance(node, ForNode):
                self._loop(node, depth, quiet=quiet)
            else:
                raise Uncovered

    def _block(self, block: BlockNode, depth: int, *, quiet: bool) -> None:
        """Write an indented block; python-liquid prints none that is all blanks."""
        before = len(self.lines)
        hush = self.env.suppress_blank_control_flow_blocks and block.blank
        self._nodes(block.nodes, depth, quiet=quiet or hush)
        self._flush(depth)
        if len(self.lines) == before:
            self._line(depth, "pass")

    def _output(self, node: OutputNode, depth: int) -> None:
        code = self.expressions.printed(node.expression)
        self.seen[code] += 1
        if depth == 1:
            self.always.add(code)
        self.pieces.append(self.shared.get(code, code))

    def _branches(self, node: IfNode | UnlessNode, depth: int, *, quiet: bool) -> None:
        asked = self.expressions.truth(node.condition)
        word = "not " if isinstance(node, UnlessNode) else ""
        self._line(depth, f"if {word}{asked}:")
        self._block(node.consequence, depth + 1, quiet=quiet)
        for other in node.alternatives:
            self._line(depth, f"elif {self.expressions.truth(other.expression)}:")
            self._block(other.block, depth + 1, quiet=quiet)
        if node.default:
            self._line(depth, "else:")
            self._block(node.default, depth + 1, quiet=quiet)

    def _loop(self, node: ForNode, depth: int, *, quiet: bool) -> None:
        over = node.expression
        sliced = over.limit or over.offset or over.cols or over.reversed
        if sliced or len(self.loops) >= _DEEPEST_LOOP:
            raise Uncovered
        self.last_loop += 1
        mine = self.last_loop
        loop = Loop(mine)
        items = self.expressions.value(over.iterable)
        self._line(depth, f"n{mine} = length(i{mine} := {items})")
        self.loops.append(loop)
        rounds = " * ".join(f"n{each.number}" for each in self.loops)
        self._line(depth, f"if {rounds} > {self._most_rounds(node)}: raise Odd")
        at = len(self.lines)
        self.expressions.scopes.append({"forloop": loop, over.identifier: f"x{mine}"})
        self._block(node.block, depth + 1, quiet=quiet)
        self.expressions.scopes.pop()
        self.loops.pop()
        head = f"for x{mine} in i{mine}:"
        if loop.counted:
            head = f"for p{mine}, x{mine} in enumerate(i{mine}, 1):"
        self.lines.insert(at, "\t" * depth + head)
        if node.default:
            self._line(depth, f"if not n{mine}:")
            self._block(node.default, depth + 1, quiet=quiet)

    def _most_rounds(self, node: ForNode) -> int:
        """Return how often the loop may turn before python-liquid has to watch it."""
        most = self.env.loop_iteration_limit or sys.maxsize
        limit = self.env.output_stream_limit
        if limit is None:
            return most
        return min(most, limit // max(_length(node.block), 1))


def _one_line_end(words: str) -> str:
    """Return the words as python-liquid's stream keeps them."""
    return words.replace("\r\n", "\n").replace("\r", "\n")


def _length(node: Node) -> int:
    """Return how many bytes of fixed words stand below a node."""
    if isinstance(node, ContentNode):
        return len(node.text.encode())
    total = 0
    # Only tags that load files ask the context for their children; we have none.
    for child in node.children(None):  # type: ignore[arg-type]
        total += _length(child)
    return total
