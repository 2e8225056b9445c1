"""Signs that no font has are known before a letter meets them."""

from notices.render.fonts import missing_glyphs


def test_signs_of_the_worlds_letters_are_there():
    assert missing_glyphs("Łódź, Straße, Ωμέγα, محمد, 王小明, שלום, नमस्ते €£✂♻") == set()


def test_a_sign_that_no_font_has_is_named():
    assert missing_glyphs("Anna \U0010fffd\U0010fffe") == {"\U0010fffd", "\U0010fffe"}


def test_what_draws_nothing_needs_no_font():
    assert missing_glyphs("\n\t\u00a0\u200d\u2068\ufe0f") == set()
