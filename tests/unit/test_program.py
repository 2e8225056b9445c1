"""A compiled wording says what python-liquid says: the same text or the same error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from liquid import BoundTemplate
from liquid.exceptions import LiquidError
from markupsafe import Markup, escape

from notices.fields import FIELDS, Subject
from notices.loops import LOOPS
from notices.render import operators
from notices.render.letter import letter_values
from notices.render.liquid_text import parse
from notices.render.program import Fill, compile_program
from notices.render.values import values_of
from notices.samples import sample_facts
from tests.notices.writing import (
    STARTERS,
    compiled_starter,
    make_facts,
    make_invoice_facts,
)

NAMES = ["a", "b", "rows", "row", "forloop", "today", "of"]
KEYS = ["x", "name", "first", "size", "row", "class"]
SPACES = ["", " ", "\n", "  \n\t", "\r\n"]


def program(source: str, *, html: bool = False) -> Fill:
    """Return the compiled text, which our subset always has."""
    fill = compile_program(parse(source, html=html), html=html)
    assert fill is not None
    return fill


def outcome(fill: Fill, values: Mapping[str, object]) -> tuple[str, object]:
    """Return the text, or the kind and words of the error."""
    try:
        return "text", fill(values)
    except LiquidError as error:
        return type(error).__name__, error.message
    except Exception as error:
        return type(error).__name__, str(error)


def forbid_python_liquid(patch: pytest.MonkeyPatch) -> None:
    """Let a program that asks python-liquid after all fail."""

    def refuse(*_: object, **__: object) -> str:
        raise AssertionError("python-liquid was asked.")

    patch.setattr(BoundTemplate, "render", refuse)


# Wordings of the subset

PATHS = st.builds(
    lambda name, keys: ".".join([name, *keys]),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from([*KEYS, "index", "last"]), max_size=2),
)
LITERALS = st.sampled_from(
    ['"x"', '"a & <b>"', "''", "0", "1", "-3", "2.5", "true", "false", "nil"]
)
OPERANDS = PATHS | LITERALS | st.sampled_from(["empty", "blank"])
COMPARISONS = st.builds(
    lambda left, sign, right: f"{left} {sign} {right}",
    PATHS | LITERALS,
    st.sampled_from(["==", "!=", "<", ">", "<=", ">=", "contains"]),
    OPERANDS,
)
CONDITIONS = st.lists(COMPARISONS | PATHS | LITERALS, min_size=1, max_size=4).flatmap(
    lambda parts: st.lists(
        st.sampled_from([" and ", " or "]),
        min_size=len(parts) - 1,
        max_size=len(parts) - 1,
    ).map(lambda words: "".join(map("".join, zip(parts, [*words, ""], strict=True))))
)
WORDS = st.text("ab<&\"'é{}\\\r\n \u2028長", max_size=6).filter(
    lambda text: (
        not {"{{", "{%"} & {text[at : at + 2] for at in range(len(text))}
        and not text.endswith("{")
    )
)
OUTPUTS = st.builds(
    lambda path, filters: "{{ " + path + filters + " }}",
    PATHS | LITERALS,
    st.sampled_from(
        [
            "",
            "",
            " | written: as_loud",
            " | written: as_markup",
            " | written: b",
            ' | plural: at, "one & <b>", "some"',
            " | written: as_loud | plural: at, a.x, b",
        ]
    ),
)


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return conditions and loops around what is given."""
    dashes = st.sampled_from(["", "-"])
    branch = st.builds(
        lambda word, asked, body, more, other, dash: (
            f"{{%{dash} {word} {asked} {dash}%}}{body}"
            + "".join(f"{{% elsif {each} %}}{text}" for each, text in more)
            + ("" if other is None else f"{{% else {dash}%}}{other}")
            + f"{{% end{word} %}}"
        ),
        st.sampled_from(["if", "unless"]),
        CONDITIONS,
        inner,
        st.lists(st.tuples(CONDITIONS, inner), max_size=2),
        st.none() | inner,
        dashes,
    )
    loop = st.builds(
        lambda name, over, body, other, dash: (
            f"{{% for {name} in {over} {dash}%}}{body}"
            + ("" if other is None else f"{{% else %}}{other}")
            + "{% endfor %}"
        ),
        st.sampled_from(NAMES),
        PATHS,
        inner,
        st.none() | inner,
        dashes,
    )
    return st.lists(branch | loop | inner, min_size=1, max_size=3).map("".join)


SOURCES = st.recursive(
    st.lists(WORDS | OUTPUTS | st.sampled_from(SPACES), max_size=4).map("".join),
    blocks,
    max_leaves=6,
)

# Values as ours are: plain data, with the formatters among them.
PLAIN = st.one_of(
    st.text("ab<&\"'\r\n é長x", max_size=5),
    st.text(max_size=3).map(Markup),
    st.integers(-3, 3),
    st.booleans(),
    st.none(),
    st.decimals(-3, 3, places=2),
    st.dates(dt.date(2026, 1, 1), dt.date(2026, 2, 1)),
    st.floats(-2, 2),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "index"]), inner, max_size=5)
    ),
    max_leaves=8,
)
FORMATTERS: dict[str, object] = {
    "as_loud": lambda value: f"{value}!<",
    "as_markup": lambda value: Markup("<b>{}</b>").format(value),
    "at": lambda count: 0 if count == 1 else 1,
}
CONTEXTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=7).map(
    lambda values: FORMATTERS | values
)
ROW = {"x": "1 < 2", "name": "Anna", "first": 0, "size": None, "class": True, "row": []}
FULL = FORMATTERS | {
    "a": ROW,
    "b": Decimal("2.50"),
    "rows": [ROW, ROW | {"name": ""}],
    "row": "outer",
    "today": dt.date(2026, 6, 5),
    "of": False,
    "forloop": {"first": "mine"},
}


@given(SOURCES, CONTEXTS | st.just(FULL), st.booleans())
@example("{% if a %} {% if b < 'x' %} {% endif %}{% endif %}", {"a": 1, "b": 2}, True)
@example("{% for forloop in rows %}{{ forloop.x }}{% endfor %}", FULL, False)
@example("{% for a in a.row %}{{ a }}{% else %}{{ a.x }}{% endfor %}", FULL, True)
def test_a_program_says_what_python_liquid_says(source, values, html):
    template = parse(source, html=html)

    fill = compile_program(template, html=html)

    assert fill is None or outcome(fill, values) == outcome(template.render, values)


@given(SOURCES, st.booleans())
def test_most_of_the_subset_is_covered(source, html):
    fill = compile_program(parse(source, html=html), html=html)

    # Left to python-liquid: a loop itself, and comparisons of nothing with nothing.
    assert (
        fill is not None
        or "forloop" in source
        or "empty" in source
        or "blank" in source
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Dear {{ a.name }}, {{ b | written: as_loud }}", "Dear Anna, 2.50!<"),
        ("{% if a.class and of or b %}1{% else %}2{% endif %}", "1"),
        ("{% unless of %}{{ of }}{% endunless %}{{ a.size }}", "false"),
        ("{% if a.first %}zero is true{% endif %}", "zero is true"),
        ("{% if a.row == empty %}none{% elsif b > 2 %}two{% endif %}", "none"),
        (
            "{% for row in rows %}{{ forloop.index }}{{ row.name }}"
            "{% unless forloop.last %}, {% endunless %}{% endfor %}{{ row }}",
            "1Anna, 2outer",
        ),
        ("{% for one in a.row %}x{% else %}nothing{% endfor %}", "nothing"),
        ("{% if b >= 2.5 %}\n{% endif %}a\n", "a\n"),
    ],
)
def test_plain_values_take_the_straight_way(source, text, monkeypatch):
    fill = program(source)
    forbid_python_liquid(monkeypatch)

    assert fill(FULL) == text


def example_values(language: str) -> dict[str, object]:
    """Return a value for every field there is, and the formatters of a language."""
    values: dict[str, object] = {}
    for path, field in FIELDS.items():
        group, _, key = path.rpartition(".")
        place = values.setdefault(group, {}) if group else values
        assert isinstance(place, dict)
        place[key] = field.example
    for loop, fields in LOOPS.items():
        item = {path.partition(".")[2]: one.example for path, one in fields.items()}
        values[loop.split()[-1]] = [item, item]
    facts = make_facts("email", make_invoice_facts(1), make_invoice_facts(2, paid="20"))
    return values | values_of(facts, language, frozenset({Subject.DEBT}))


@pytest.mark.parametrize(("key", "channel", "language"), sorted(STARTERS))
def test_every_shipped_wording_is_filled_by_its_program(
    key, channel, language, monkeypatch
):
    compiled = compiled_starter(key, channel, language)
    wordings = [compiled.subject, compiled.text, compiled.html]
    facts = sample_facts(compiled.kind.key, channel, language=language)
    values = {
        "subject": "Your bill",
        **values_of(facts, language, compiled.kind.subjects),
    }
    if channel == "letter":
        values = letter_values(compiled, facts, values, "Your bill")
    for name in compiled.html.global_variables() if compiled.html else ():
        values.setdefault(name, ["<what a layout adds>"])
    expected = [each and each.render(values) for each in wordings]

    forbid_python_liquid(monkeypatch)

    assert [each and each.fill(values) for each in wordings] == expected


def test_values_are_escaped_in_html_unless_they_are_markup():
    source = "{{ a }}{{ b }}{{ a | written: as_loud }}"
    values = FORMATTERS | {"a": "<'\"&>", "b": Markup("<b>")}

    text = program(source, html=True)(values)

    assert text == "&lt;&#39;&#34;&amp;&gt;<b>&lt;&#39;&#34;&amp;&gt;!&lt;"


@given(st.text())
def test_escaping_is_that_of_markupsafe(text):
    assert operators.escaped(text) == str(escape(text)) == operators._replaced(text)


def test_a_name_that_is_not_there_is_an_error_unless_only_asked_for():
    assert program("{% if nobody %}x{% else %}y{% endif %}")({}) == "y"
    assert outcome(program("{{ a.nobody }}"), {"a": {}}) == (
        "UndefinedError",
        "a.nobody is undefined",
    )


def test_no_attribute_of_a_value_is_within_reach():
    for path in ("a.__class__", "a.upper", "today.year"):
        kind, _ = outcome(program(f"{{{{ {path} }}}}"), FULL | {"a": "text"})
        assert kind == "UndefinedError"


def test_a_name_of_python_is_only_a_name():
    source = "{{ values }}{{ out }}{{ class.import }}{{ escaped }}{{ v }}"
    values = {"values": 1, "out": 2, "class": {"import": 3}, "escaped": 4, "v": 5}

    assert program(source)(values) == "12345"


def test_words_of_a_wording_never_become_code():
    words = '"""\' + str(1) + \'\\ {v} {} %s {{ a }}\\'

    assert program(words)({"a": "x"}) == words.replace("{{ a }}", "x")


@pytest.mark.parametrize("rows", [4_999, 5_000, 5_001])
def test_no_loop_turns_more_often_than_python_liquid_allows(rows):
    fill = program("{% for row in rows %}.{% endfor %}")

    kind, told = outcome(fill, {"rows": [0] * rows})

    assert (kind, told) == (
        ("text", "." * rows)
        if rows <= 5_000
        else ("LoopIterationLimitError", "loop iteration limit reached")
    )


def test_loops_in_each_other_share_the_limit():
    source = "{% for a in rows %}{% for b in rows %}.{% endfor %}{% endfor %}"

    assert program(source)({"rows": [0] * 70}) == "." * 4_900
    assert outcome(program(source), {"rows": [0] * 71})[0] == "LoopIterationLimitError"


@pytest.mark.parametrize("sign", ["x", "長"])
def test_no_text_grows_longer_than_python_liquid_allows(sign):
    long = sign * 900
    template = parse(f"{{% for row in rows %}}{long}{{% endfor %}}", html=False)
    fill = program(str(template))

    for rows in (10, 700, 800, 2_200, 2_300):
        values = {"rows": [0] * rows}
        assert outcome(fill, values) == outcome(template.render, values)


@pytest.mark.parametrize(
    "source",
    [
        "{% for row in rows limit: 2 %}{{ row }}{% endfor %}",
        "{% for row in rows reversed %}{{ row }}{% endfor %}",
        "{{ rows[0] }}",
        "{{ forloop.parentloop }}{% for row in rows %}{{ forloop }}{% endfor %}",
        "{{ partial }}",
    ],
)
def test_what_is_not_covered_is_left_to_python_liquid(source):
    assert compile_program(parse(source, html=False), html=False) is None


def test_a_template_parsed_for_html_is_not_filled_as_text():
    with pytest.raises(ValueError, match="another medium"):
        compile_program(parse("{{ a }}", html=True), html=False)
