"""What customers write back, and what it is taken for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.inbound import classify, normalise, says_read


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "optout",
        "opt out",
        "opt-out",
        "remove",
        "arret",
        "alto",
        "parar",
        "basta",
        "Arrêt",
        "baja",
        "désabonner",
        "koniec",
        "PRZESTAŃ",
        "Abmelden",
        "odhlásit",
        "Стоп",
        "отписаться",
        "退订",
        "停止",
        "توقف",
        "إيقاف",
        "ايقاف",
        "أوقفوا",
        "إلغاء الاشتراك",
    ],
)
@pytest.mark.parametrize(
    "dress", ["{}", "  {} \n", "{}.", "“{}”", "«{}»!!", "{} 🛑", "*{}*", "({})"]
)
def test_a_stop_word_alone_stops_however_it_is_dressed(text: str, dress: str) -> None:
    assert classify(dress.format(text)).kind == "stop"
    assert classify(dress.format(text.upper())).kind == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "ＳＴＯＰ",
        "S.T.O.P.",
        "S T O P",
        "st\u00adop",
        "sto\u200bp",
        "stop\ufe0f",
        "arre\u0302t",
        "STOP STOP STOP",
        "opt\u2011out",
        "opt\u00a0out",
    ],
)
def test_a_stop_word_is_seen_through_odd_characters(text: str) -> None:
    assert classify(text).kind == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "Stop please",
        "please STOP",
        "Stop it now, thanks",
        "Would you stop texting me?",
        "No more!",
        "You have the wrong number.",
        "take me off your list",
        "I want to opt out of these",
        "Please unsubscribe me from this",
        "Don’t text me again",
        "Numero equivocado",
        "número errado, amigo",
        "mauvais numéro",
        "To nie mój numer",
        "Das ist die falsche Nummer",
        "Prosím, už nepište",
        "Больше не пишите мне",
        "لا ترسلوا لي شيئًا بعد اليوم",
        "هذا رقم خاطئ",
        "توقفوا من فضلكم عن الكتابة، لا أريد رسائل",
        "请不要再发短信了",
        "發錯人了",
    ],
)
def test_a_wish_to_be_left_alone_revokes_and_is_shown_to_staff(text: str) -> None:
    found = classify(text)

    assert found.kind == "maybe_stop"
    assert found.words in normalise(text)


@pytest.mark.parametrize("text", ["start", "START.", "UnStop"])
def test_start_permits_again(text: str) -> None:
    assert classify(text).kind == "start"


@pytest.mark.parametrize("text", ["yes", "YES!", "Sí", "oui", "Tak", "ja", "да", "是"])
def test_yes_counts_only_while_a_question_is_open(text: str) -> None:
    assert classify(text).kind == "other"
    assert classify(text, question_open=True).kind == "start"


@pytest.mark.parametrize("text", ["Stop", "no more", "help", "maybe"])
def test_an_open_question_turns_nothing_else_into_a_yes(text: str) -> None:
    assert classify(text, question_open=True) == classify(text)


@pytest.mark.parametrize(
    "text",
    ["help", "INFO?", "ayuda", "Aide", "pomoc", "Hilfe!", "помощь", "帮助", "مساعدة"],
)
def test_a_cry_for_help_is_heard(text: str) -> None:
    assert classify(text).kind == "help"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "🛑",
        "?!",
        "I paid yesterday",
        "When does this end",
        "I will stop by tomorrow",
        "Can you cancel my appointment?",
        "help me understand the bill",
        "yes but later",
        "Quiero dar de baja el servicio",
        "Nie chcę płacić odsetek",
        "nonstop",
        "stopover",
        "restart",
    ],
)
def test_anything_else_is_for_the_inbox(text: str) -> None:
    assert classify(text).kind == "other"


@pytest.mark.parametrize(
    "text",
    [
        "Liked “Your bill is due. Reply STOP to opt out.”",
        'Laughed at "Reply STOP to unsubscribe"',
        "Reacted 👍 to “Reply STOP to opt out”",
    ],
)
def test_a_reaction_that_quotes_us_is_no_opt_out(text: str) -> None:
    assert classify(text).kind == "other"


@given(st.text())
def test_any_text_is_classified_and_dressing_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert classify(normalise(text)).kind in {
        "stop",
        "start",
        "help",
        "maybe_stop",
        "other",
    }


@pytest.mark.parametrize(
    "text",
    [
        " " * 1_000_000,
        "\u0301" * 1_000_000,
        "stop " * 200_000,
        "a " * 300_000,
        "reacted " + "x" * 1_000_000,
        "'" * 1_000_000,
    ],
    ids=["blanks", "accents", "stops", "words", "reaction", "quotes"],
)
def test_a_huge_text_takes_no_more_than_its_share(text: str) -> None:
    started = time.process_time()

    classify(text)

    assert time.process_time() - started < 5


READ = [
    "READ", "I have read this.", "Read, thanks", "Przeczytane",
    "Przeczytałam, dziękuję", "lu", "J'ai lu", "Gelesen!", "Přečteno",
    "Ich habe gelesen, danke", "Прочитано",
    "прочёл, спасибо", "已读", "已閱", "تمت القراءة", "قرأت",
]  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_word_of_any_language_says_that_it_was_read(text):
    assert says_read(text)
    assert classify(text).kind == "other"


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "thanks", "I read it but the sum is wrong", "not read", "stop",
        "STOP, read", "already paid", "ready", "Nicht gelesen", "help", "yes",
    ],
)  # fmt: skip
def test_other_words_do_not_say_that_it_was_read(text):
    assert not says_read(text)
