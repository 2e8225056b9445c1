"""What a provider's word means is a table; what stands in none suppresses nobody."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.models import Suppression
from notices.intake.fate import IN_HAND, next_state
from notices.intake.meaning import _MAIL, _TWILIO, OUTCOMES, of_mail, of_text
from notices.models import DeliveryEvent
from notices.states import State, check_move

HARD = {"hard_bounce", "invalid"}


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=lambda one: one.name)
def test_every_outcome_speaks_the_words_of_the_house(outcome: Any) -> None:
    assert outcome.event in {"", *DeliveryEvent.Kind.values}
    assert outcome.state in {"", "sent", "delivered", "failed"}
    assert outcome.suppress in {"", *Suppression.Reason.values}
    assert bool(outcome.reason) == (outcome.state == "failed")


def test_every_word_of_the_tables_has_an_outcome() -> None:
    words = [
        word
        for table in _MAIL.values()
        for rule in table["rules"]
        for word in rule["words"].values()
    ]
    codes = [*_TWILIO["codes"].values(), *_TWILIO["statuses"].values()]

    assert set(words) <= OUTCOMES.keys()
    assert set(codes) <= OUTCOMES.keys() | {"failed"}


@pytest.mark.parametrize(
    ("code", "suppresses", "lane"),
    [
        ("21610", "stop", False),
        ("21211", "invalid", False),
        ("30005", "invalid", False),
        ("21614", "invalid", False),
        ("30006", "invalid", False),
        ("30003", "", False),
        ("30008", "", False),
        ("30004", "soft_limit", False),
        ("30007", "", True),
        ("30034", "", True),
        ("30032", "", True),
        ("21408", "", True),
        ("30001", "", False),
        ("30036", "", False),
        ("99999", "", False),
        ("", "", False),
    ],
)
def test_twilios_codes(code: str, suppresses: str, lane: bool) -> None:
    outcome = of_text("undelivered", code)

    assert (outcome.suppress, outcome.lane) == (suppresses, lane)
    assert outcome.state == "failed"


def test_a_code_nobody_knows_is_soft_and_told_to_staff() -> None:
    assert of_text("failed", "12345").alarm
    assert of_text("failed", "12345").event == "soft_bounce"


@pytest.mark.parametrize(
    ("provider", "kind", "words", "status", "means"),
    [
        ("postmark", "bounced", {"Type": "HardBounce"}, "", "hard"),
        ("postmark", "bounced", {"Type": "SoftBounce"}, "", "soft"),
        ("postmark", "bounced", {"Type": "Invented"}, "", "unknown"),
        ("postmark", "bounced", {"SuppressionReason": "HardBounce"}, "", "hard"),
        ("postmark", "autoresponded", {"Type": "AutoResponder"}, "", "nothing"),
        ("postmark", "complained", {"Type": "SpamComplaint"}, "", "complaint"),
        ("ses", "bounced", {"bounce": {"bounceType": "Permanent"}}, "", "hard"),
        (
            "ses",
            "bounced",
            {"bounce": {"bounceType": "Transient"}},
            "smtp; full",
            "soft",
        ),
        # Without any report of a mail server: somebody is on holiday.
        ("ses", "bounced", {"bounce": {"bounceType": "Transient"}}, "", "nothing"),
        ("ses", "bounced", {"bounce": {"bounceType": "Undetermined"}}, "", "soft"),
        # Amazon calls a policy permanent, and a dead mailbox transient.
        ("ses", "bounced", {"bounce": {"bounceType": "Permanent"}}, "5.7.1", "soft"),
        ("ses", "bounced", {"bounce": {"bounceType": "Transient"}}, "5.1.1", "hard"),
        ("ses", "bounced", {"bounce": {"bounceType": "Permanent"}}, "5.0.0", "hard"),
        ("ses", "bounced", {"bounce": {"bounceType": "Permanent"}}, "5.1.8", "soft"),
        ("ses", "bounced", {"bounce": {"bounceType": "Transient"}}, "5.2.1", "hard"),
        ("ses", "bounced", {"bounce": {"bounceType": "Permanent"}}, "4.2.2", "soft"),
        ("ses", "unknown", {"eventType": "DeliveryDelay"}, "", "nothing"),
        ("ses", "rejected", {"eventType": "Reject"}, "", "refused"),
        ("mailgun", "bounced", {"event-data": {"severity": "permanent"}}, "", "hard"),
        (
            "mailgun",
            "deferred",
            {"event-data": {"severity": "temporary"}},
            "",
            "nothing",
        ),
        (
            "mailgun",
            "bounced",
            {"event-data": {"reason": "old", "severity": "permanent"}},
            "",
            "soft",
        ),
        (
            "mailgun",
            "bounced",
            {"event-data": {"reason": "suppress-complaint"}},
            "",
            "complaint",
        ),
        (
            "mailgun",
            "bounced",
            {"event-data": {"severity": "permanent"}},
            "550 5.7.26 unauthenticated",
            "soft",
        ),
        ("brevo", "bounced", {"event": "hard_bounce"}, "", "hard"),
        ("brevo", "bounced", {"event": "soft_bounce"}, "", "soft"),
        ("brevo", "rejected", {"event": "blocked"}, "", "listed"),
        ("brevo", "failed", {"event": "error"}, "", "refused"),
        ("mailjet", "bounced", {"hard_bounce": True}, "", "hard"),
        ("mailjet", "bounced", {"hard_bounce": False}, "", "soft"),
        ("mailjet", "rejected", {"error": "preblocked"}, "", "listed"),
        ("mailjet", "rejected", {"event": "blocked", "error": "x"}, "", "soft"),
        ("mailjet", "delivered", {"event": "sent"}, "", "delivered"),
        ("brevo", "opened", {"event": "opened"}, "", "nothing"),
        ("nobody", "bounced", {}, "", "unknown"),
        ("mailgun", "unsubscribed", {"event-data": {}}, "", "unsubscribed"),
        ("postmark", "subscribed", {"SuppressSending": False}, "", "nothing"),
    ],
)
def test_bounces_are_judged_by_each_providers_own_words(
    provider: str, kind: str, words: Any, status: str, means: str
) -> None:
    assert of_mail(provider, kind, words, status).name == means


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["event", "event-data", "bounce", "bounceType", "reason"])
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
)


@given(
    st.sampled_from([*_MAIL, "other"]),
    st.sampled_from(["bounced", "rejected", "failed", "unknown"]),
    st.dictionaries(
        st.sampled_from(["event", "event-data", "bounce", "Type", "error"]), JSON
    ),
)
def test_whatever_a_provider_makes_up_suppresses_nobody(
    provider: str, kind: str, words: dict[str, Any]
) -> None:
    known = {word for table in _MAIL.values() for rule in table["rules"]
             for word in rule["words"]}  # fmt: skip
    outcome = of_mail(provider, kind, words)

    if not _strings(words) & known and True not in _booleans(words):
        assert outcome.suppress == ""


def _strings(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_strings, value.values()))
    if isinstance(value, list):
        return set().union(*map(_strings, value))
    return {value} if isinstance(value, str) else set()


def _booleans(value: Any) -> set[bool]:
    if isinstance(value, dict):
        return set().union(*map(_booleans, value.values()))
    if isinstance(value, list):
        return set().union(*map(_booleans, value))
    return {value} if isinstance(value, bool) else set()


# Where a notice goes


@pytest.mark.parametrize(
    ("state", "told", "channel"),
    list(product(State, ["", "sent", "delivered", "failed"], ["email", "sms"])),
)
def test_every_move_is_one_of_the_table(state: State, told: str, channel: str) -> None:
    target = next_state(state, told, channel)

    if target is not None:
        check_move(state, target)


def test_a_text_message_never_moves_backwards_and_an_e_mail_only_to_a_bounce() -> None:
    assert next_state(State.DELIVERED, "failed", "sms") is None
    assert next_state(State.DELIVERED, "sent", "sms") is None
    assert next_state(State.DELIVERED, "sent", "email") is None
    assert next_state(State.DELIVERED, "failed", "email") == State.FAILED
    assert next_state(State.FAILED, "delivered", "email") is None


@pytest.mark.parametrize("state", sorted(IN_HAND))
def test_what_a_worker_has_in_hand_is_left_to_it(state: State) -> None:
    assert next_state(state, "delivered", "email") is None
