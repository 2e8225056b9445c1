"""What an author may write: a text is refused with its line, or compiled whole."""

from __future__ import annotations

import pytest

from notices.models import TemplateVersion
from notices.render import TemplateError, compile_version
from tests.notices.writing import make_facts, make_invoice_facts, make_version, written

REFUSED = [
    ("Hello\n\n{{ customer.pasword }}", "field_unknown", 3, "customer.pasword"),
    ("{{ customer }}", "field_unknown", 1, "customer"),
    ("{{ customer.name.size }}", "field_unknown", 1, "customer.name.size"),
    ("{% if ghost %}x{% endif %}", "field_unknown", 1, "ghost"),
    ("a\n{{ invoice.number }}", "field_misplaced", 2, "invoice.number"),
    (
        "{% for invoice in invoices %}{{ invoice.x }}{% endfor %}",
        "field_unknown",
        1,
        "",
    ),
    ("{{ total | upcase }}", "filter_unknown", 1, "upcase"),
    ("{{ customer.name | short }}", "filter_misplaced", 1, "short"),
    ("{{ days_late | plural }}", "bad_filter", 1, ""),
    ("{{ 'text' }}", "bad_output", 1, ""),
    ("{% assign x = 1 %}", "tag_unknown", 1, "assign"),
    ("{% include 'x' %}", "tag_unknown", 1, "include"),
    ("{% for i in (1..9) %}x{% endfor %}", "bad_loop", 1, ""),
    ("{% if is_late %}x", "bad_liquid", 0, ""),
    ("one\n\n{{ total", "not_closed", 3, ""),
    ("one\n\n<b>two</b>", "markdown_refused", 3, "HTML"),
    ("one\n\n<div>\ntwo\n</div>", "markdown_refused", 3, "HTML"),
    ("![x](https://a.example/x.png)", "markdown_refused", 1, "picture"),
    ("```\ncode\n```", "markdown_refused", 1, "code"),
    ("one\n\n| a | b |\n|---|---|\n| 1 | 2 |", "markdown_refused", 3, "table"),
    ("[pay](http://a.example)", "link_refused", 1, ""),
    ("[pay](javascript:alert)", "link_refused", 1, ""),
    ("[pay](https://a.example/{{ customer.number }})", "link_refused", 1, ""),
    ("[pay]({{ customer.name }})", "link_refused", 1, ""),
    ("Dear {% greeting %}", "block_misplaced", 1, "greeting"),
    ("{% key_facts total %}", "block_argument", 0, "total"),
    ("{% if is_late %}**x{% endif %}**", "crossed_markup", 1, ""),
    ("{% if is_late %}\n\n- a\n  {% endif %}", "crossed_markup", 4, ""),
    ("odd \ue000 sign", "bad_character", 1, ""),
]


@pytest.mark.parametrize(("body", "code", "line", "named"), REFUSED)
def test_a_text_is_refused_with_its_line_and_reason(body, code, line, named):
    with pytest.raises(TemplateError) as refusal:
        compile_version(make_version(body))

    assert refusal.value.code == code
    assert named in refusal.value.sentence
    if line:
        assert refusal.value.line == line


def test_a_subject_is_held_to_the_same_vocabulary():
    with pytest.raises(TemplateError, match=r"no field 'amount'"):
        compile_version(make_version("Hello.", subject="{{ amount }}"))


def test_a_language_without_building_blocks_is_refused():
    version = TemplateVersion(channel="sms", language="xx", body="Hi")

    with pytest.raises(TemplateError) as refusal:
        compile_version(version)

    assert refusal.value.code == "language_unknown"


def test_a_version_is_compiled_once():
    version = make_version("Hello.")

    assert compile_version(version) is compile_version(version)


def test_another_wording_under_the_same_number_is_another_text():
    first = TemplateVersion(pk=1, channel="call", body="One.")
    second = TemplateVersion(pk=1, channel="call", body="Two.")

    assert compile_version(first) is not compile_version(second)


def test_links_to_the_firm_and_to_https_are_allowed():
    body = (
        "[call]({{ brand.phone_link }}) [write]({{ brand.email_link }}) "
        "[see]({{ brand.website }}) [law](https://law.example/a?b=1)"
    )

    text = written(body, make_facts()).text

    assert text.startswith("call write see law (https://law.example/a?b=1)")


def test_conditions_loops_lists_and_plurals_read_well_as_text():
    body = (
        "# Title\n\n1. first\n2. **second**\n   - inner\n\n"
        "{% for invoice in invoices %}\n"
        "{{ invoice.number }}: {{ invoice.days_late }} "
        '{{ invoice.days_late | plural: "day", "days" }}\n\n'
        "{% endfor %}\n{% unless is_late %}\n\nnot late\n\n{% endunless %}\nEnd.\n"
    )
    facts = make_facts("call", make_invoice_facts(1), make_invoice_facts(2, late=1))

    text = written(body, facts, subject="").text

    assert text == (
        "Title\n\n1. first\n2. second\n  - inner\n\n"
        "R-2026-0001: 14 days\n\nR-2026-0002: 1 day\n\nEnd.\n"
    )


@pytest.mark.parametrize(
    ("kind", "path", "told"),
    [
        ("reminder", "totl", "Did you mean total?"),
        ("reminder", "customer.phone", "Did you mean customer.name"),
        ("reminder", "brand.zzz", "knows brand.name, brand.address, "),
        ("appointment", "ghost", "knows visit.what, visit.starts_at, "),
        ("reminder", "visit.plaice", "knows pay_by, last_day, total, "),
    ],
)
def test_an_unknown_field_names_those_of_the_kind(
    kind: str, path: str, told: str
) -> None:
    version = make_version(f"{{{{ {path} }}}}", kind=kind)

    with pytest.raises(TemplateError) as refused:
        compile_version(version, "email")

    assert told in refused.value.sentence
