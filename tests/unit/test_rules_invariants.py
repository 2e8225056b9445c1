"""What holds for every request there can be: I1 to I9 of the rule book.

A request starts as one that may go, and up to eight facts of it are then changed to
any value they can take: enough to meet every row of the table, from every side.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import facts
from consent.quiet_hours import PLACELESS
from consent.rules import Request, decide
from tests.unit.asking import ask

KEYWORD_REPLIES = {"OK_STOP_CONFIRMATION", "OK_HELP_REPLY"}
KINDS = get_args(facts.Kind)
CHANNELS = get_args(facts.Channel)
WORDS: dict[str, object] = {
    "sender_role": facts.SenderRole,
    "person.type": facts.PersonType,
    "person.status": facts.PersonStatus,
    "account.status": facts.AccountStatus,
    "account.dispute": facts.Dispute,
    "address.email": facts.EmailAddress,
    "address.sms": facts.SmsAddress,
    "address.letter": facts.PostalAddress,
    "address.call": facts.CallAddress,
    "suppression.email": facts.SuppressedFor,
    "suppression.sms": facts.SuppressedFor,
    "e_consent": facts.EConsent,
    "sms_permission": facts.SmsPermission,
    "category_pref.email": facts.Switch,
    "category_pref.sms": facts.Switch,
    "category_pref.letter": facts.Switch,
    "category_pref.call": facts.Switch,
    "paper_pref": facts.PaperPref,
}
FLAGS = (
    "system.kill_switch",
    "system.approved",
    "system.sandbox",
    "system.sandbox_allowed",
    "notice.dunning",
    "notice.adverse",
    "notice.courtesy",
    "notice.fallback",
    "notice.already_sent",
    "account.moratorium",
    "account.payment_plan",
    "b2b_e_election",
    "promo_permission",
    "policy.email_quiet",
    "policy.sms_number_provided_ok",
    "policy.optional_paper_ok",
)
ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    PLACELESS,
)
# Clocks change in New York, London and on Lord Howe Island in the days after these.
EVES = (
    datetime(2026, 7, 1, tzinfo=UTC),
    datetime(2026, 10, 2, tzinfo=UTC),
    datetime(2026, 10, 23, tzinfo=UTC),
    datetime(2026, 10, 30, tzinfo=UTC),
    datetime(2027, 3, 12, tzinfo=UTC),
    datetime(2027, 3, 26, tzinfo=UTC),
    datetime(2027, 4, 2, tzinfo=UTC),
)

nows = st.builds(
    lambda eve, minute: eve + timedelta(minutes=minute),
    st.sampled_from(EVES),
    st.integers(0, 4 * 24 * 60),
)
hours = st.integers(-24 * 8, 24 * 8).map(lambda hour: timedelta(hours=hour))
ahead = st.integers(-8, 24 * 8).map(lambda hour: timedelta(hours=hour))
seconds = st.integers(-400, 10).map(lambda second: timedelta(seconds=second))
windows = (
    st.tuples(st.integers(0, 47), st.integers(1, 48))
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: tuple(f"{half // 2:02}:{half % 2 * 30:02}" for half in pair))
)
said = st.sampled_from(list(WORDS)).flatmap(
    lambda path: st.tuples(st.just(path), st.sampled_from(get_args(WORDS[path])))
)
set_to = st.tuples(st.sampled_from(FLAGS), st.booleans())
timed = st.one_of(
    st.tuples(st.just("account.balance_due"), st.sampled_from([-1, 0, 1])),
    st.tuples(st.just("notice.not_after"), ahead),
    st.tuples(st.just("notice.deliver_by"), ahead),
    st.tuples(st.just("history.sms"), st.lists(hours, max_size=4)),
    st.tuples(st.just("history.dunning"), st.lists(hours, max_size=4)),
    st.tuples(st.just("person.tz"), st.lists(st.sampled_from(ZONES), max_size=3)),
    st.tuples(st.just("policy.quiet"), windows),
    st.tuples(
        st.sampled_from(
            ["policy.caps.sms_24h", "policy.caps.sms_7d", "policy.caps.dunning_7d"]
        ),
        st.none() | st.integers(1, 3),
    ),
)


@st.composite
def requests(
    draw: st.DrawFn, channels: tuple[str, ...] = CHANNELS, **fixed: Any
) -> Request:
    """Draw a request that makes sense; ``fixed`` facts have ``__`` for the dot."""
    now = draw(nows)
    given = {
        "now": now.isoformat(),
        "channel": draw(st.sampled_from(channels)),
        "notice.kind": draw(st.just("reminder") | st.sampled_from(KINDS)),
        "notice.legal": draw(st.sampled_from(get_args(facts.Legal))),
        "notice.revoked_at": (now + draw(seconds)).isoformat(),
    }
    changes = [
        *draw(st.lists(said, max_size=4)),
        *draw(st.lists(set_to, max_size=2)),
        *draw(st.lists(timed, max_size=2)),
    ]
    for path, value in changes:
        if path == "policy.quiet":
            given |= {f"{path}.start": value[0], f"{path}.end": value[1]}
        else:
            given[path] = written(now, value)
    given |= {path.replace("__", "."): value for path, value in fixed.items()}
    if given["notice.legal"] == "none":
        given["notice.adverse"] = False
    elif given["notice.kind"] == "promo":
        given["notice.kind"] = "bill"
    return ask(given)


def written(now: datetime, value: Any) -> Any:
    if isinstance(value, timedelta):
        return (now + value).isoformat()
    if isinstance(value, list):
        return [written(now, one) for one in value]
    return value


def withdrawals(request: Request) -> list[Request]:
    stops = get_args(facts.SuppressedFor)[1:]
    suppression, switches = request.suppression, request.category_pref
    return [
        *(replace(request, suppression=replace(suppression, email=w)) for w in stops),
        *(replace(request, suppression=replace(suppression, sms=w)) for w in stops),
        *(replace(request, e_consent=w) for w in get_args(facts.EConsent)[1:]),
        replace(request, sms_permission="revoked"),
        replace(request, sms_permission="none"),
        replace(request, promo_permission=False),
        replace(request, b2b_e_election=False),
        *(
            replace(request, category_pref=replace(switches, **{channel: "off"}))
            for channel in CHANNELS
        ),
    ]


def is_decent_hour(moment: datetime, request: Request) -> bool:
    quiet = request.policy.quiet
    for name in request.person.zones:
        local = moment.astimezone(ZoneInfo(name))
        if not quiet.start <= local.hour * 60 + local.minute < quiet.end:
            return False
    return True


@given(requests())
def test_every_request_that_makes_sense_is_decided(request: Request) -> None:
    assert decide(request).reason != "INPUT_INVALID"


@given(requests(notice__legal="paper_only"))
def test_i1_paper_only_goes_by_letter_or_as_a_courtesy(request: Request) -> None:
    if decide(request).outcome == "ALLOW":
        assert request.channel == "letter" or request.notice.courtesy


@pytest.mark.parametrize(
    "no", [{"suppression__sms": "stop"}, {"sms_permission": "revoked"}]
)
@given(data=st.data())
def test_i2_no_text_after_a_revocation(no: dict[str, str], data: st.DataObject) -> None:
    request = data.draw(requests(channels=("sms",), **no))

    decision = decide(request)

    assert decision.outcome != "ALLOW" or decision.reason in KEYWORD_REPLIES


@given(requests())
@settings(max_examples=300)
def test_i3_a_required_notice_never_ends_in_silence(request: Request) -> None:
    decision = decide(request)

    if decision.outcome == "BLOCK" and request.notice.is_required:
        assert decision.reason in {"DUP_ALREADY_SENT", "SYS_SANDBOX"}


@pytest.mark.parametrize("channel", CHANNELS)
@given(data=st.data())
def test_i4_a_substitute_is_not_handed_on(channel: str, data: st.DataObject) -> None:
    request = data.draw(requests(channels=(channel,), notice__legal="writing"))
    decision = decide(request)
    if decision.use_channel is None:
        return

    fallback = replace(request.notice, fallback=True)
    again = decide(replace(request, channel=decision.use_channel, notice=fallback))

    assert decision.outcome == "SUBSTITUTE"
    assert again.outcome in {"ALLOW", "DEFER"}


@given(requests(notice__dunning=True))
@settings(max_examples=300)
def test_i5_a_deferral_ends_and_does_not_come_back(request: Request) -> None:
    decision = decide(request)
    if decision.not_before is None:
        return

    again = decide(replace(request, now=decision.not_before))

    assert decision.outcome == "DEFER"
    assert decision.not_before > request.now
    assert decision.reason.partition("_")[0] != again.reason.partition("_")[0]


@given(requests(channels=("sms", "call")))
@settings(max_examples=300)
def test_i5_what_rings_does_so_at_a_decent_hour_everywhere(request: Request) -> None:
    decision = decide(request)

    if decision.reason == "QUIET_HOURS":
        assert decision.not_before is not None
        assert not is_decent_hour(request.now, request) or is_doubtful(request)
        assert is_decent_hour(decision.not_before, request)
    exempt = request.notice.kind == "safety_alert" or decision.reason in KEYWORD_REPLIES
    if decision.outcome == "ALLOW" and not exempt:
        assert is_decent_hour(request.now, request)


def is_doubtful(request: Request) -> bool:
    """Whether clocks change within a day, so that an hour may come twice or never."""
    day = timedelta(days=1)
    for name in request.person.zones:
        before, after = (
            (request.now + step).astimezone(ZoneInfo(name)).utcoffset()
            for step in (-day, day)
        )
        if before != after:
            return True
    return False


@given(requests(channels=("email", "sms", "call")), st.data())
@settings(max_examples=300)
def test_i6_taking_something_back_never_lets_a_message_out(
    request: Request, data: st.DataObject
) -> None:
    taken_back = data.draw(st.sampled_from(withdrawals(request)))

    if decide(request).outcome != "ALLOW":
        assert decide(taken_back).outcome != "ALLOW"


@given(requests(channels=("letter",)), st.data())
def test_i6_withdrawing_e_delivery_only_moves_what_was_to_be_e_mailed_to_paper(
    request: Request, data: st.DataObject
) -> None:
    before = decide(request)
    after = decide(data.draw(st.sampled_from(withdrawals(request))))

    if before.outcome != "ALLOW" and after.outcome == "ALLOW":
        assert before.use_channel == "email"


@given(requests(channels=("email",), notice__legal="writing", person__type="consumer"))
def test_i7_a_consumer_gets_a_writing_by_e_mail_only_if_they_agreed(
    request: Request,
) -> None:
    if decide(request).outcome == "ALLOW":
        assert request.e_consent == "granted"


@given(requests(person__status="deceased"))
def test_i8_nothing_goes_to_the_deceased(request: Request) -> None:
    decision = decide(request)

    assert decision.outcome != "ALLOW"
    assert decision.use_channel is None


@given(requests())
def test_i9_the_same_question_gets_the_same_answer(request: Request) -> None:
    assert decide(request) == decide(replace(request))


@given(requests(channels=("sms",)))
def test_an_allowed_text_lives_a_minute_to_an_hour(request: Request) -> None:
    decision = decide(request)

    if decision.outcome == "ALLOW":
        assert decision.provider_ttl_s is not None
        assert 60 <= decision.provider_ttl_s <= 3600
