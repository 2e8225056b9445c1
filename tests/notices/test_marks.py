"""Plain text that is read from the right: numbers hold together, lines stay Arabic."""

from __future__ import annotations

import pytest

from notices.render.marks import kept_whole, marked
from notices.render.printable import clean
from notices.starter import starters
from tests.notices.test_library import said

LRM, RLM = "\u200e", "\u200f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("اتصل بالرقم +966 11 000 0100.", f"اتصل بالرقم {LRM}+966 11 000 0100."),
        ("الفاتورة 2026-0815، المرجع", f"الفاتورة {LRM}2026-0815، المرجع"),
        ("(011 000 0100) للأسئلة", f"({LRM}011 000 0100) للأسئلة"),
        ("الحساب: •••• 7519", f"الحساب: {LRM}•••• 7519"),
    ],
)
def test_a_number_of_several_groups_keeps_its_order(text, shown):
    assert marked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "مبلغ 1,184.20 ريال في 4 يونيو 2026، 9:30 ص",
        "المرجع R-2026-0815 والحساب SA03 8000 0000",
        "افتح https://bills.example/r/7QK2-11/2026 أو اكتب إلى a-1@b.example",
        "متأخرة منذ 14 يومًا (منذ 22 مايو)",
        "مبلغ \u200f220.50\u00a0UK£\u200e المستحق",
        "+44 113 496 0000",
        "Northwind Energy, 1 High Street",
        "",
    ],
)
def test_what_is_shown_right_by_itself_has_no_mark(text):
    assert marked(text) == text


def test_a_line_that_begins_with_a_latin_name_stays_arabic():
    assert marked("Northwind: شكرًا لك\nLeeds") == f"{RLM}Northwind: شكرًا لك\nLeeds"


def test_a_mark_is_set_once():
    once = marked("Northwind: اتصل بالرقم +966 11 000 0100")

    assert marked(once) == once


def test_a_fact_keeps_its_number_and_gets_no_other_mark():
    assert kept_whole("هاتف +966 11 000 0111") == f"هاتف {LRM}+966 11 000 0111"
    assert kept_whole("Nord شركة") == "Nord شركة"
    assert kept_whole("phone +44 113 496") == "phone +44 113 496"


def test_texts_in_arabic_are_marked_and_others_are_not():
    assert f"{LRM}+966 11 000 0100" in said("reminder", "sms", "ar")[1]
    assert LRM not in said("reminder", "sms", "en")[1]


def test_every_english_text_has_its_arabic_one():
    english, arabic = (
        {(one.key, one.form) for one in starters([language])}
        for language in ("en", "ar")
    )

    assert arabic == english


def test_a_fact_of_the_customer_brings_no_mark_of_its_own():
    assert clean(f"هاتف {LRM}+966") == "هاتف +966"
