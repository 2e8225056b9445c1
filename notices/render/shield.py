"""Carries Liquid through Markdown and CSS inlining untouched.

Each ``{{ output }}`` and ``{% tag %}`` is taken out of the text and replaced by a
token that neither Markdown nor an HTML parser has an opinion on; afterwards it is put
back. Also the place that knows what the allowed shapes of both are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from notices.fields import FILTERS, Kind, field_at
from notices.formats import plural_forms
from notices.render.errors import TemplateError

MARKUP = re.compile(r"\{\{(?P<output>.*?)\}\}|\{%-?(?P<tag>.*?)-?%\}", re.DOTALL)
TOKEN = re.compile("\ue000(\\d+)\ue001")
TOKEN_MARKS = re.compile("[\ue000\ue001]")

_OUTPUT = re.compile(
    r"\s*(?P<path>[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*)\s*"
    r"(?:\|\s*(?P<filter>[a-z_]+)\s*(?::(?P<arguments>.*))?)?",
    re.DOTALL,
)
_WORDS = re.compile(r"""\s*"[^"]*"\s*(?:,\s*"[^"]*"\s*)*""")
# The formatter that writes a value of this kind, by its name in the values.
_WRITERS = {
    Kind.MONEY: "as_money",
    Kind.DATE: "as_date",
    Kind.MOMENT: "as_moment",
    Kind.COUNT: "as_count",
    Kind.ANY: "as_any",
}
_FILTER_WRITERS = {
    "short": "as_short_date",
    "month": "as_month",
    "time": "as_time",
}


@dataclass(frozen=True, slots=True)
class Output:
    """One ``{{ … }}``, taken apart."""

    path: str
    filter: str = ""
    arguments: str = ""

    @property
    def kind(self) -> Kind | None:
        """What kind of value it prints; None for values of our own layouts."""
        known = field_at(self.path)
        return known.kind if known else None

    def as_liquid(self) -> str:
        """Return the Liquid that prints it, with the formatter of its kind."""
        if self.filter == "plural":
            return f"{{{{ {self.path} | plural: plural_at, {self.arguments} }}}}"
        writer = _FILTER_WRITERS.get(self.filter)
        if writer is None and self.kind:
            writer = _WRITERS.get(self.kind)
        if writer:
            return f"{{{{ {self.path} | written: {writer} }}}}"
        return f"{{{{ {self.path} }}}}"


def parse_output(inner: str, line: int, language: str) -> Output:
    """Return what stands between ``{{`` and ``}}`` of a text in ``language``.

    :raises TemplateError: ``bad_output``, ``filter_unknown``, ``filter_misplaced``,
        ``bad_filter``.
    """
    match = _OUTPUT.fullmatch(inner)
    if match is None:
        raise TemplateError(
            "bad_output",
            f"{{{{{inner}}}}} is not a field. Write one name, like {{{{ total }}}}.",
            line,
        )
    output = Output(match["path"], match["filter"] or "", match["arguments"] or "")
    if not output.filter:
        return output
    fits = FILTERS.get(output.filter)
    if fits is None:
        raise TemplateError(
            "filter_unknown",
            f"There is no filter '{output.filter}'. Known are: {', '.join(FILTERS)}.",
            line,
        )
    if output.kind not in fits:
        raise TemplateError(
            "filter_misplaced",
            f"The filter '{output.filter}' is for a {' or '.join(sorted(fits))}; "
            f"{output.path} is not one.",
            line,
        )
    if output.filter == "plural":
        _check_plural(output, line, language)
    elif output.arguments.strip():
        raise TemplateError(
            "bad_filter",
            f"The filter '{output.filter}' stands alone: "
            f"{{{{ {output.path} | {output.filter} }}}}.",
            line,
        )
    return output


def _check_plural(output: Output, line: int, language: str) -> None:
    """Refuse too few or too many words: Polish needs three, Chinese one."""
    forms = plural_forms(language)
    words = re.findall(r'"[^"]*"', output.arguments)
    if not _WORDS.fullmatch(output.arguments) or len(words) != len(forms):
        example = ", ".join(f'"{form}"' for form in forms)
        raise TemplateError(
            "bad_filter",
            f"Write {{{{ {output.path} | plural: {example} }}}}: the words for these "
            f"counts in this language, {len(forms)} in all.",
            line,
        )


@dataclass(slots=True)
class Shield:
    """The Liquid taken out of one text, by the number of its token."""

    language: str
    outputs: dict[int, Output] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)

    def hide(self, source: str, *, html: bool = False) -> str:
        """Return the text with tokens in place of Liquid.

        In HTML a tag becomes a comment: a bare word between two table rows would be
        moved out of the table by every parser.

        :raises TemplateError: an output of a shape we do not allow.
        """

        def hidden(match: re.Match[str]) -> str:
            number = len(self.outputs) + len(self.tags)
            token = f"\ue000{number}\ue001"
            if match["tag"] is not None:
                self.tags[number] = match["tag"].strip()
                return f"<!--{token}-->" if html else token
            line = line_at(source, match.start())
            self.outputs[number] = parse_output(match["output"], line, self.language)
            return token

        return MARKUP.sub(hidden, source)

    def restore(self, text: str) -> str:
        """Return the text with the Liquid of every token put back."""
        bare = re.sub("<!--(\ue000\\d+\ue001)-->", r"\1", text)
        return TOKEN.sub(lambda match: self._liquid(int(match[1])), bare)

    def _liquid(self, number: int) -> str:
        output = self.outputs.get(number)
        return output.as_liquid() if output else f"{{% {self.tags[number]} %}}"


def line_at(source: str, index: int) -> int:
    """Return the line, from 1, in which that character stands."""
    return source.count("\n", 0, index) + 1
