"""What a STOP ends: every text, or one topic where firm and law have it so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from consent.fingerprints import fingerprint_of
from consent.models import ConsentState, Suppression, TopicStop
from notices.copies import unpack
from notices.dispatch import drain
from notices.gate import verdicts
from notices.models import Notice, SandboxMessage, TemplateVersion
from notices.people import lock_people
from notices.starter import install_starters
from notices.states import State
from tests.factories import (
    make_attempt,
    make_consent,
    make_customer,
    make_invoice,
    make_notice,
    make_policy,
    make_stream,
)
from tests.law import enact_beside, raw_rule
from tests.notices.intake.calling import PHONE, read, text_from

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def we_confirm(settings: Any) -> None:
    """Let the house answer STOP itself."""
    settings.PROVIDER_ANSWERS_KEYWORDS = False


def texted(scope: str = "topic", country: str = "DE", **more: Any) -> Notice:
    """Return a reminder that was texted to Alice, in a house of that policy."""
    install_starters(["en"])
    alice = make_customer(
        country=country, mobile=PHONE, time_zone="Europe/London", **more
    )
    make_consent(alice, subject="sms")
    stream = make_stream(policy=make_policy(stop_scope=scope))
    notice = make_notice(alice, channel="sms", state=State.SENT, stream=stream)
    make_attempt(notice, destination=PHONE)
    return notice


def in_line(notice: Notice, **more: Any) -> Notice:
    facts = {"channel": "sms", "stream": notice.stream} | more
    return make_notice(notice.customer, **facts)


def of_a_change(notice: Notice) -> Notice:
    return in_line(notice, kind="change_notice", dunning=False)


def stop(words: str = "STOP", sid: str = "") -> None:
    text_from(words, sid=sid)
    read()


def became(notice: Notice) -> tuple[str, str]:
    notice.refresh_from_db()
    return notice.state, notice.reason


def everything_stopped() -> bool:
    return Suppression.objects.filter(
        channel="sms", fingerprint=fingerprint_of(PHONE)
    ).exists()


def confirmations() -> list[Notice]:
    return list(Notice.objects.filter(kind="stop_confirmation"))


def said(notice: Notice) -> str:
    now = timezone.now() + dt.timedelta(seconds=1)
    drain(stream_id=notice.stream_id, channel="sms", clock=lambda: now)
    notice.refresh_from_db()
    return unpack(notice.sent_copy).decode()


def test_by_default_a_stop_ends_every_text() -> None:
    notice = texted("all")
    reminder, change = in_line(notice), of_a_change(notice)

    stop()

    assert became(reminder) == became(change) == (State.SUPPRESSED, "SUPP_STOP")
    assert everything_stopped()
    assert not TopicStop.objects.exists()


def test_a_stop_of_one_topic_ends_that_and_leaves_the_rest() -> None:
    notice = texted()
    reminder, change = in_line(notice), of_a_change(notice)
    required = in_line(notice, kind="overdue", legal="writing")

    stop()

    assert became(reminder) == (State.SUPPRESSED, "PREF_CATEGORY_OFF")
    assert became(required) == (State.HELD, "PREF_CATEGORY_OFF")
    assert became(change) == (State.SCHEDULED, "")
    assert not everything_stopped()
    assert ConsentState.objects.get(subject="sms").state == "granted"


def test_later_texts_of_the_topic_do_not_go_and_others_do() -> None:
    notice = texted()
    stop()
    bill = [make_invoice(notice.customer)]
    reminder, change = in_line(notice, invoices=bill), of_a_change(notice)
    people = lock_people([notice.customer_id])

    found = verdicts([reminder, change], people, timezone.now())

    assert [str(one.decision.reason) for one in found] == ["PREF_CATEGORY_OFF", "OK"]


def test_the_one_confirmation_says_that_other_texts_still_come() -> None:
    texted()
    stop()

    [confirmation] = confirmations()
    words = said(confirmation)
    assert "no more texts of this kind" in words
    assert "reply STOP again" in words
    assert SandboxMessage.objects.count() == 1


def test_who_says_stop_again_gets_no_text_at_all() -> None:
    notice = texted()
    change = of_a_change(notice)
    stop()
    stop(sid="2")
    stop(sid="3")

    assert everything_stopped()
    assert became(change) == (State.SUPPRESSED, "SUPP_STOP")
    # One for the topic, one for the rest, and none for what was said already.
    assert len(confirmations()) == 2


@pytest.mark.parametrize("words", ["STOPALL", "stop all", "wrong number"])
def test_who_means_everything_is_taken_at_their_word(words: str) -> None:
    texted()
    stop(words)

    assert everything_stopped()


def test_start_brings_the_topic_back() -> None:
    texted()
    stop()
    stop("START")

    assert not TopicStop.objects.exists()


def test_law_ends_more_than_the_firm_chose_from_its_day_on() -> None:
    notice = texted(country="FR")
    tomorrow = timezone.now().date() + dt.timedelta(days=1)
    enact_beside("FR", raw_rule("stop_scope", "all", effective_from=str(tomorrow)))
    stop()
    assert not everything_stopped()
    TopicStop.objects.all().delete()

    today = timezone.now().date()
    enact_beside(
        "FR",
        raw_rule(
            "stop_scope",
            "all",
            effective_from=str(today - dt.timedelta(days=3)),
            effective_to=str(today),
        ),
    )
    stop(sid="2")

    assert everything_stopped()
    assert notice.customer.country == "FR"


def test_whoever_shares_the_phone_counts_too() -> None:
    texted()
    make_customer(country="FR", mobile=PHONE)
    enact_beside("FR", raw_rule("stop_scope", "all"))

    stop()

    assert everything_stopped()


def test_without_words_for_it_a_stop_ends_every_text() -> None:
    texted()
    TemplateVersion.objects.filter(key="stop-confirmation-topic").update(
        state=TemplateVersion.State.RETIRED
    )

    stop()

    assert everything_stopped()


def test_what_the_provider_stopped_by_itself_is_all_stopped(settings: Any) -> None:
    settings.PROVIDER_ANSWERS_KEYWORDS = True
    texted()

    stop()

    assert everything_stopped()
    assert not confirmations()
