"""How long a text is on the wire, held against a packer that goes unit by unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.sms import Change, Measured, downgrade, measure

# Written out here again, by code point, so as not to test a table against itself.
BASIC = (
    "\u0040\u00a3\u0024\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\u000a\u00d8\u00f8"
    "\u000d\u00c5\u00e5\u0394\u005f\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398"
    "\u039e\u00c6\u00e6\u00df\u00c9\u0020\u0021\u0022\u0023\u00a4\u0025\u0026\u0027"
    "\u0028\u0029\u002a\u002b\u002c\u002d\u002e\u002f\u0030\u0031\u0032\u0033\u0034"
    "\u0035\u0036\u0037\u0038\u0039\u003a\u003b\u003c\u003d\u003e\u003f\u00a1\u00c4"
    "\u00d6\u00d1\u00dc\u00a7\u00bf\u00e4\u00f6\u00f1\u00fc\u00e0"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
EXTENDED = "\u000c\u005e\u007b\u007d\u005c\u005b\u007e\u005d\u007c\u20ac"

gsm_texts = st.text(st.sampled_from(BASIC + EXTENDED * 4), max_size=700)
mixed_texts = st.text(
    st.sampled_from("aé€ł") | st.sampled_from("😀𝕏") | st.characters(codec="utf-8"),
    max_size=300,
)


def naive_parts(units: list[list[str]], single: int, part: int) -> int:
    """Fill parts unit by unit; a character whose last unit does not fit moves on."""
    if sum(map(len, units)) <= single:
        return 1
    parts: list[list[str]] = [[]]
    for character in units:
        for unit in character:
            parts[-1].append(unit)
        if len(parts[-1]) > part:
            del parts[-1][-len(character) :]
            parts.append(list(character))
    return len(parts)


@given(gsm_texts)
def test_a_gsm_text_is_packed_without_cutting_an_escape_pair(text: str) -> None:
    septets = [["ESC", c] if c in EXTENDED else [c] for c in text]

    found = measure(text)

    assert found.encoding == "gsm7"
    assert found.units == sum(map(len, septets))
    assert found.segments == naive_parts(septets, 160, 153)


@given(mixed_texts)
def test_any_other_text_is_packed_without_cutting_a_surrogate_pair(text: str) -> None:
    if set(text) <= set(BASIC + EXTENDED):
        text += "ł"
    units = [
        [str(code) for code in c.encode("utf-16-be")[::2]] for c in text
    ]  # one entry a code unit

    found = measure(text)

    assert found.encoding == "ucs2"
    assert found.units == len(text.encode("utf-16-be")) // 2
    assert found.segments == naive_parts(units, 70, 67)


def test_the_gsm_alphabet_has_127_characters_and_ten_more() -> None:
    assert len(set(BASIC)) == 127
    assert {measure(character).units for character in BASIC} == {1}
    assert {measure(character).units for character in EXTENDED} == {2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Measured("gsm7", 0, 1)),
        ("a" * 160, Measured("gsm7", 160, 1)),
        ("a" * 161, Measured("gsm7", 161, 2)),
        ("a" * 306, Measured("gsm7", 306, 2)),
        ("a" * 307, Measured("gsm7", 307, 3)),
        ("€" * 80, Measured("gsm7", 160, 1)),
        ("a" * 159 + "€", Measured("gsm7", 161, 2)),
        # 153 is odd: a pair over the edge moves on whole, and two parts become three.
        ("€" * 153, Measured("gsm7", 306, 3)),
        ("a" * 152 + "€" + "a" * 152, Measured("gsm7", 306, 3)),
        ("ł" * 70, Measured("ucs2", 70, 1)),
        ("ł" * 71, Measured("ucs2", 71, 2)),
        ("ł" * 134, Measured("ucs2", 134, 2)),
        ("ł" * 135, Measured("ucs2", 135, 3)),
        ("😀" * 35, Measured("ucs2", 70, 1)),
        ("😀" * 67, Measured("ucs2", 134, 3)),
        ("ł" * 66 + "😀" + "ł" * 66, Measured("ucs2", 134, 3)),
        ("ç", Measured("ucs2", 1, 1)),
        ("`", Measured("ucs2", 1, 1)),
        ("\t", Measured("ucs2", 1, 1)),
    ],
)
def test_a_text_is_measured_to_the_unit(text: str, expected: Measured) -> None:
    assert measure(text) == expected


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It’s “due” – today…", 'It\'s "due" - today...'),
        ("12\u202f400\u00a0Kč", "12 400 Kč"),
        ("«Łódź»", '"Łódź"'),
        ("•\tone\n•\ttwo", "- one\n- two"),
        ("o\ufb03ce \ufb02at", "office flat"),
        ("re\u00admind\u200ber\ufeff", "reminder"),
        ("ＡＢＣ（１２３）￥５", "ABC(123)¥5"),
        ("pay −5\u2028now", "pay -5\nnow"),
        ("5 € [plain] é ñ", "5 € [plain] é ñ"),
        ("żółć ç 😀 ½ ™ 你好。", "żółć ç 😀 ½ ™ 你好。"),
        ("", ""),
    ],
)
def test_typographic_characters_get_their_plain_form(text: str, plain: str) -> None:
    assert downgrade(text)[0] == plain


def test_every_change_is_listed_with_its_place_and_name() -> None:
    _, changes = downgrade("a…b’s\tc")

    assert changes == (
        Change(1, "…", "...", "horizontal ellipsis"),
        Change(3, "’", "'", "right single quotation mark"),
        Change(5, "\t", " ", "tab"),
    )


typographic_texts = st.text(
    st.sampled_from("‘’“”–…\u00a0•ﬁＡ\u00ad\u2028\x85aéł€?")
    | st.characters(codec="utf-8")
)


@given(typographic_texts)
def test_the_changes_account_for_every_difference(text: str) -> None:
    plain, changes = downgrade(text)

    rebuilt = list(text)
    for change in changes:
        assert rebuilt[change.position] == change.original
        assert change.name
        rebuilt[change.position] = change.replacement
    assert "".join(rebuilt) == plain


@given(typographic_texts)
def test_a_plainer_text_is_never_questioned_nor_changed_twice(text: str) -> None:
    plain, changes = downgrade(text)

    assert plain.count("?") == text.count("?") + text.count("？")
    assert downgrade(plain) == (plain, ())
    assert all(measure(change.replacement).encoding == "gsm7" for change in changes)
