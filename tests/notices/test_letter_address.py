"""The address in the window: orders of countries, long names, what does not fit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from notices.paper import STATIONERY
from notices.render import PostalDestination, RenderError, compile_version, render
from notices.render.address import recipient_lines, recipient_of
from notices.render.letter import lay_out
from notices.render.places import address_lines
from notices.render.press import listening, printing
from notices.render.values import values_of
from notices.samples import sample_facts
from notices.starter import starters
from tests.notices.papers import pages, signs
from tests.notices.writing import BRAND, make_facts, starter

LANGUAGES = ("ar", "cs", "de", "en", "fr", "pl", "ru", "zh")
# A housing society of 119 signs, as they are found in registers.
SOCIETY = (
    "Wohnungsbaugenossenschaft der Lehrerinnen und Lehrer im Ruhestand, "
    "Geschäftsstelle Garmisch-Partenkirchen, Frau Neumann"
)


def shipped(language):
    return next(
        one.as_version()
        for one in starters()
        if (one.key, one.form, one.language) == ("formal", "written", language)
    )


@cache
def compiled(language, body=""):
    version = shipped(language)
    version.body = body or version.body
    return compile_version(version, "letter")


def sample_of(language, case, envelope):
    facts = sample_facts("reminder", "letter", language=language, case=case)
    paper = STATIONERY[envelope].sheet.key
    brand = replace(facts.brand, envelope=envelope, paper=paper)
    return replace(facts, brand=brand)


def sample_letter(language, case, envelope):
    return render(compiled(language), sample_of(language, case, envelope))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", ["typical", "longest_name", "rtl_name"])
def test_a_sample_person_gets_a_letter_behind_every_window_of_a4(language, case):
    first, *others = [key for key, one in STATIONERY.items() if one.sheet.key == "a4"]
    assert sample_letter(language, case, first).pages
    # What changes with the window stands around the text: a short one will do, and
    # the signs of the letter above have been drawn.
    short = compiled(language, "{% greeting %}\n\n{% signature %}\n")
    for key in others:
        facts = sample_of(language, case, key)
        with printing, listening() as faults:
            laid = lay_out(
                short, facts, values_of(facts, language, short.kind.subjects)
            )
        assert laid.document.pages
        assert not faults


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sample_person_gets_a_letter_behind_an_american_window(language):
    assert sample_letter(language, "typical", "us_10").pages


@pytest.mark.parametrize(
    ("country", "street", "city", "postcode", "lines"),
    [
        # The largest first in the country's own script, the name last.
        ("CN", "和平路1号", "天津", "300010", "300010|天津|和平路1号|N"),
        ("TW", "和平路1號", "台北市", "100", "100|台北市|和平路1號|N"),
        ("JP", "千代田1", "東京都", "100-0001", "〒100-0001|東京都|千代田1|N"),
        ("KR", "세종대로 1", "서울", "04524", "서울|세종대로 1|N|04524"),
        ("HK", "彌敦道1號", "九龍", "", "九龍|彌敦道1號|N"),
        # In Latin letters as everywhere.
        ("CN", "1 Heping Lu", "Tianjin", "300010", "N|1 Heping Lu|Tianjin 300010"),
        ("HK", "1 Nathan Rd", "Kowloon", "", "N|1 Nathan Rd|Kowloon"),
        ("AE", "PO Box 1", "Dubai", "", "N|PO Box 1|Dubai"),
    ],
)
def test_an_address_stands_in_the_order_of_its_country_and_script(
    country, street, city, postcode, lines
):
    assert address_lines(
        country, name="N", street=[street], city=city, postcode=postcode
    ) == lines.split("|")


def test_a_country_without_postcodes_needs_none():
    place = PostalDestination("PO Box 1", "", "Dubai", "", "AE")

    lines = recipient_lines(make_facts("letter", destination=place))

    assert lines == ["Anna Nowak", "PO Box 1", "Dubai", "UNITED ARAB EMIRATES"]


@pytest.mark.parametrize(
    ("home", "country"), [("GB", "CHINA"), ("DE", "CHINA"), ("FR", "CHINE")]
)
def test_the_country_is_named_as_the_post_of_the_firm_reads_it(home, country):
    place = PostalDestination("和平路1号", "3室", "天津", "300010", "CN")
    brand = replace(BRAND, country=home)

    lines = recipient_lines(make_facts("letter", destination=place, brand=brand))

    assert lines == ["300010", "天津", "和平路1号3室", "Anna Nowak", country]


def test_a_firm_whose_post_writes_other_letters_names_the_country_in_english():
    place = PostalDestination("12 Mill Lane", "", "York", "YO1 7HH", "GB")
    brand = replace(BRAND, country="CN")

    assert recipient_lines(make_facts("letter", destination=place, brand=brand))[
        -1
    ] == ("UNITED KINGDOM")


def test_a_usual_address_is_set_in_usual_type():
    assert not recipient_of(make_facts("letter")).is_small


def test_a_long_name_takes_more_lines_of_the_window():
    rendered = starter("formal", make_facts("letter", name=SOCIETY))

    window = STATIONERY["din_b"].window
    shown = [
        sign
        for sign in signs(rendered.body)
        if window.left <= sign[1] < window.right and window.top <= sign[2] < 90
    ]
    assert "".join(sign[0] for sign in shown).startswith(SOCIETY.replace(" ", ""))
    assert max(sign[4] for sign in shown) <= window.bottom


def test_the_street_stands_on_one_line_before_the_type_gets_smaller():
    place = PostalDestination("和平路1号", "3室", "天津", "300010", "CN")
    brand = replace(BRAND, envelope="us_10", paper="letter", country="US")

    found = recipient_of(make_facts("letter", destination=place, brand=brand))

    assert found.lines == ("300010", "天津", "和平路1号3室", "Anna Nowak", "CHINA")
    assert found.is_small


def test_what_no_type_fits_into_the_window_is_refused_by_the_customer_s_number():
    with pytest.raises(RenderError, match="C-10442") as error:
        starter("formal", make_facts("letter", name=SOCIETY * 3))

    assert error.value.code == "address_too_long"


def test_the_slip_shortens_a_name_that_would_push_its_sums_out():
    rendered = starter("formal", make_facts("letter", name=SOCIETY))

    assert "…, C-10442" in " ".join(pages(rendered.body))
