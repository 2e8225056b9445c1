"""The part of Liquid that a text may use, checked before and limited while filling.

python-liquid parses and fills. Allowed are fields of the vocabulary, conditions on
them and the loops of the vocabulary; no assignment, no file, no attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property, lru_cache

from liquid import BoundTemplate, Environment, FalsyStrictUndefined
from liquid.builtin.tags.for_tag import ForTag
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.exceptions import LiquidError
from liquid.static_analysis import Variable
from liquid.token import TOKEN_CONTENT, TOKEN_ILLEGAL, TOKEN_OUTPUT

from notices.fields import FIELDS, Subject, fields_for
from notices.loops import LOOPS, loop_of
from notices.render.errors import RenderError, TemplateError
from notices.render.program import Fill, compile_program
from notices.render.shield import MARKUP, TOKEN_MARKS, line_at, parse_output

TAGS = frozenset(
    {"if", "elsif", "else", "endif", "unless", "endunless", "for", "endfor"}
)
_ITEMS = frozenset(loop.split()[0] for loop in LOOPS)
_LISTS = frozenset(loop.split()[-1] for loop in LOOPS)
_LOOP_WORDS = frozenset({"forloop.first", "forloop.last", "forloop.index"})
# How many fields an error names.
MOST_NAMED = 6
_LOCAL = _ITEMS | {"forloop"}


class Wording(BoundTemplate):
    """Parsed Liquid, and the program that fills it; python-liquid where there is none.

    The program is written when the wording is first filled: many are only checked.
    """

    @cached_property
    def fill(self) -> Fill:
        """Return the function from values to text."""
        program = compile_program(self, html=self.env.autoescape)
        return program or self.render


class _Environment(Environment):
    """Liquid without anything that reads, writes or runs for ever."""

    template_class = Wording
    loop_iteration_limit = 5_000
    output_stream_limit = 2_000_000
    block_nesting_limit = 12

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register our few tags and filters on top of plain output."""
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: self.tags[name] for name in _KEPT}
        self.filters = {"plural": _plural, "written": _written}


# The first three are what the parser itself needs.
_KEPT = (
    TOKEN_CONTENT,
    TOKEN_OUTPUT,
    TOKEN_ILLEGAL,
    IfTag.name,
    UnlessTag.name,
    ForTag.name,
)


def _written(value: object, writer: object) -> str:
    """Return the value in the reader's locale; the writer comes with the values."""
    if not callable(writer):
        raise TypeError("A value is written by a formatter of the values.")
    return str(writer(value))


def _plural(value: object, place: object, *words: str) -> str:
    """Return the word that goes with a count; ``place`` comes with the values."""
    if not callable(place):
        raise TypeError("A word for a count is chosen by the values.")
    return words[int(place(value))]


@lru_cache(maxsize=2)
def _environment(*, html: bool) -> _Environment:
    return _Environment(autoescape=html, undefined=FalsyStrictUndefined)


def parse(source: str, *, html: bool) -> Wording:
    """Return the parsed Liquid; in HTML every value is escaped when it is filled in.

    :raises TemplateError: ``bad_liquid``.
    """
    try:
        parsed = _environment(html=html).from_string(source)
    except LiquidError as error:
        place = error.context()
        raise TemplateError(
            "bad_liquid", f"{error.message}.", place[0] if place else 0
        ) from error
    assert isinstance(parsed, Wording)  # noqa: S101  (template_class says so)
    return parsed


def fill(wording: Wording, values: Mapping[str, object], number: str) -> str:
    """Return the text filled with values.

    ``number`` is the customer's, for the message of an error.

    :raises RenderError: ``cannot_fill``.
    """
    try:
        return wording.fill(values)
    except LiquidError as error:
        raise RenderError(
            "cannot_fill",
            f"The text for customer {number} cannot be filled: {error.message}.",
        ) from error


def check(
    source: str,
    blocks: frozenset[str],
    language: str,
    subjects: frozenset[Subject] = frozenset(Subject),
) -> None:
    """Return when an author's text uses only what the vocabulary has.

    ``subjects`` are what the notice speaks of, whose fields an error names.

    :raises TemplateError: naming the line, and the field, tag or filter at fault.
    """
    marks = TOKEN_MARKS.search(source)
    if marks:
        raise TemplateError(
            "bad_character",
            "A private-use character stands here; please remove it.",
            line_at(source, marks.start()),
        )
    for match in MARKUP.finditer(source):
        line = line_at(source, match.start())
        if match["tag"] is not None:
            _check_tag(match["tag"].strip(), blocks, line)
        else:
            parse_output(match["output"], line, language)
    _check_closed(source)
    _check_variables(_without_blocks(source, blocks), subjects)


def _check_tag(tag: str, blocks: frozenset[str], line: int) -> None:
    words = tag.split()
    name = words[0] if words else ""
    if name in blocks:
        return
    if name not in TAGS:
        raise TemplateError(
            "tag_unknown",
            f"There is no tag or block '{name}'. Blocks are: "
            f"{', '.join(sorted(blocks))}.",
            line,
        )
    if name == "for" and " ".join(words[1:]) not in LOOPS:
        known = ", ".join(f"{{% for {loop} %}}" for loop in LOOPS)
        raise TemplateError("bad_loop", f"The loops are: {known}.", line)


def _check_closed(source: str) -> None:
    rest = MARKUP.sub(lambda match: " " * len(match[0]), source)
    stray = re.search(r"\{\{|\}\}|\{%|%\}", rest)
    if stray:
        raise TemplateError(
            "not_closed",
            f"'{stray[0]}' stands alone. Fields are written {{{{ name }}}}.",
            line_at(source, stray.start()),
        )


def _without_blocks(source: str, blocks: frozenset[str]) -> str:
    """Return the source with our blocks blanked out, every line where it was."""

    def blank(match: re.Match[str]) -> str:
        words = (match["tag"] or "").split()
        return " " * len(match[0]) if words and words[0] in blocks else match[0]

    return MARKUP.sub(blank, source)


def _check_variables(source: str, subjects: frozenset[Subject]) -> None:
    analysis = parse(source, html=False).analyze()
    for variables in analysis.globals.values():
        for variable in variables:
            _check_global(variable, line_at(source, variable.span.index), subjects)
    outside = {id(variable) for each in analysis.globals.values() for variable in each}
    for name, variables in analysis.variables.items():
        for variable in variables:
            if name in _LOCAL and id(variable) not in outside:
                _check_local(variable, line_at(source, variable.span.index), subjects)


def _check_global(variable: Variable, line: int, subjects: frozenset[Subject]) -> None:
    path = str(variable)
    loop = loop_of(path)
    if loop:
        raise TemplateError(
            "field_misplaced",
            f"The field {path} is known only between {{% for {loop} %}} and "
            "{% endfor %}.",
            line,
        )
    if path not in FIELDS and path not in _LISTS:
        raise _unknown(path, line, subjects)


def _check_local(variable: Variable, line: int, subjects: frozenset[Subject]) -> None:
    path = str(variable)
    if not loop_of(path) and path not in _LOOP_WORDS:
        raise _unknown(path, line, subjects)


def _unknown(path: str, line: int, subjects: Iterable[Subject]) -> TemplateError:
    instead = _instead(path, subjects)
    return TemplateError(
        "field_unknown", f"There is no field '{path}'. {instead}", line
    )


def _instead(path: str, subjects: Iterable[Subject]) -> str:
    """Return what may have been meant: a field spelt alike, else what this kind of
    notice knows, its own before the common ones."""
    fitting = sorted(fields_for(subjects), key=lambda field: field.subject is None)
    known = [field.path for field in fitting]
    alike = get_close_matches(path, known, n=3, cutoff=0.7)
    if alike:
        return f"Did you mean {' or '.join(alike)}?"
    group = [one for one in known if "." in path and one.startswith(_group(path))]
    few = (group or [one for one in known if not loop_of(one)])[:MOST_NAMED]
    return (
        f"This kind of notice knows {', '.join(few)} and more: see the list of fields."
    )


def _group(path: str) -> str:
    return path.partition(".")[0] + "."
