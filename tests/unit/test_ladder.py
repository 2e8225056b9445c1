"""The rules of a ladder, one by one and as promises over random cases."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.ladder import (
    Case,
    Item,
    Ladder,
    Reach,
    Step,
    Timetable,
    channel_for,
    decide,
)
from customers.calendars import ScheduleError
from tests.unit.ladder_strategies import (
    DAYS,
    after,
    cases,
    every_day,
    ladders,
    outages,
)

DUE = date(2024, 3, 6)  # a Wednesday
ANYTIME = date.min
ALL = Reach(email=ANYTIME, sms=ANYTIME, call=ANYTIME, letter=ANYTIME)

NUDGE = Step("nudge", -5, "soft", ("email",), 9)
FRIENDLY = Step("friendly", 2, "soft", ("sms", "letter"), 3)
FORMAL = Step("formal", 9, "formal", ("letter",))
FINAL = Step("final", 20, "formal", ("call", "letter"))


def make_ladder(*steps, gap=0, group="invoice", bank_days="none"):
    return Ladder("l", "L", bank_days, gap, group, steps)


def make_item(number="1", *, due_on=DUE, **facts):
    return Item(None, number, facts.pop("issued_on", date(2024, 2, 1)), due_on, **facts)


def look(ladder, today, *invoices, reach=ALL, last_contact_on=None, may_contact=True):
    case = Case(invoices or (make_item(),), reach, last_contact_on)
    return decide(Timetable(ladder), case, today, may_contact=may_contact)


def contacted(answer):
    contact = answer.contact
    return contact and (contact.position, contact.channel)


def closings(answer, number=0):
    return [tuple(closing) for closing in answer.items[number].closings]


# R2 and R4: when a contact may be made


def test_a_step_goes_on_its_day_and_not_before():
    ladder = make_ladder(FRIENDLY, FORMAL)

    assert contacted(look(ladder, date(2024, 3, 7))) is None
    assert contacted(look(ladder, date(2024, 3, 8))) == (0, "sms")


def test_nobody_is_contacted_on_a_day_off():
    ladder = make_ladder(FORMAL, bank_days="weekends")
    saturday = date(2024, 3, 16)

    answer = look(ladder, saturday)

    assert answer.contact is None
    assert answer.items[0].next_on == date(2024, 3, 18)


def test_a_withheld_contact_waits_for_the_next_bank_day():
    ladder = make_ladder(FORMAL, bank_days="weekends")
    friday = date(2024, 3, 15)

    answer = look(ladder, friday, may_contact=False)

    assert answer.contact is None
    assert closings(answer) == []
    assert answer.items[0].next_on == date(2024, 3, 18)


@pytest.mark.parametrize(("last", "goes"), [(12, False), (11, True)])
def test_the_gap_counts_full_days_since_the_last_contact(last, goes):
    ladder = make_ladder(FORMAL, gap=4)

    answer = look(ladder, date(2024, 3, 15), last_contact_on=date(2024, 3, last))

    assert bool(answer.contact) is goes


def test_an_invoice_that_waits_for_the_gap_is_looked_at_when_it_ends():
    ladder = make_ladder(FORMAL, gap=4)

    answer = look(ladder, date(2024, 3, 15), last_contact_on=date(2024, 3, 14))

    assert answer.items[0].next_on == date(2024, 3, 18)


def test_without_a_gap_nobody_is_contacted_twice_in_a_day():
    ladder = make_ladder(FORMAL, FINAL, gap=0)
    today = date(2024, 4, 1)
    case = Case([make_item()], ALL)
    timetable = Timetable(ladder)

    first = decide(timetable, case, today)
    again = decide(timetable, after(case, first, today), today)

    assert first.contact is not None
    assert again.contact is None
    assert closings(again) == []


# R3: what closes unsent


@pytest.mark.parametrize(("day", "reasons"), [(11, []), (12, [(0, "expired")])])
def test_a_soft_step_expires_the_day_after_it_was_last_useful(day, reasons):
    answer = look(make_ladder(FRIENDLY), date(2024, 3, day), may_contact=False)

    assert closings(answer) == reasons


@pytest.mark.parametrize(("day", "reasons"), [(6, []), (7, [(0, "expired")])])
def test_a_step_before_the_due_date_expires_with_it(day, reasons):
    answer = look(make_ladder(NUDGE), date(2024, 3, day), may_contact=False)

    assert closings(answer) == reasons


def test_a_soft_step_without_an_expiry_stays():
    patient = Step("patient", 2, "soft", ("email",))

    assert contacted(look(make_ladder(patient), date(2025, 3, 1))) == (0, "email")


def test_a_formal_step_before_the_due_date_outlives_it():
    early = Step("early", -5, "formal", ("email",))

    assert contacted(look(make_ladder(early), date(2024, 6, 1))) == (0, "email")


def test_a_soft_step_gives_way_to_the_step_that_follows():
    lasting = Step("lasting", 2, "soft", ("email",))
    answer = look(make_ladder(lasting, FORMAL), date(2024, 3, 15))

    assert closings(answer) == [(0, "superseded"), (1, "sent")]


def test_a_formal_step_is_never_skipped():
    answer = look(make_ladder(FORMAL, FINAL), date(2024, 6, 1))

    assert closings(answer) == [(0, "sent")]
    assert answer.items[0].next_on == date(2024, 6, 2)


def test_a_soft_step_behind_a_formal_one_waits():
    late = Step("late", 10, "soft", ("email",))
    answer = look(make_ladder(FORMAL, late), date(2024, 6, 1))

    assert closings(answer) == [(0, "sent")]


def test_closed_steps_stay_closed():
    ladder = make_ladder(FORMAL, FINAL)

    answer = look(ladder, date(2024, 6, 1), make_item(closed=0b01))

    assert contacted(answer) == (1, "call")
    assert answer.items[0].closed == 0b11
    assert answer.items[0].next_on is None


def test_steps_close_on_days_off_too():
    ladder = make_ladder(FRIENDLY, bank_days="weekends")
    saturday = date(2024, 3, 16)

    assert closings(look(ladder, saturday)) == [(0, "expired")]


# R5: gates


def test_a_paid_invoice_is_left_alone_from_the_day_it_is_paid():
    ladder = make_ladder(FORMAL)
    paid = make_item(paid_on=date(2024, 3, 16))

    assert contacted(look(ladder, date(2024, 3, 15), paid)) == (0, "letter")
    on_the_day = look(ladder, date(2024, 3, 16), paid)
    assert on_the_day.contact is None
    assert on_the_day.items[0].next_on is None


def test_a_held_invoice_is_left_alone_and_asked_about_again_tomorrow():
    answer = look(make_ladder(FRIENDLY), date(2024, 3, 20), make_item(held=True))

    assert answer.contact is None
    assert closings(answer) == []
    assert answer.items[0].next_on == date(2024, 3, 21)


def test_nothing_happens_before_the_invoice_is_issued():
    late = make_item(issued_on=date(2024, 3, 20))

    before = look(make_ladder(FRIENDLY, FORMAL), date(2024, 3, 19), late)
    after_it = look(make_ladder(FRIENDLY, FORMAL), date(2024, 3, 20), late)

    assert (before.contact, closings(before)) == (None, [])
    assert before.items[0].next_on == date(2024, 3, 20)
    assert closings(after_it) == [(0, "expired"), (1, "sent")]


# R6: channels


@pytest.mark.parametrize(
    ("reach", "channel"),
    [
        (ALL, "sms"),
        (Reach(sms=date(2024, 3, 15), letter=ANYTIME), "sms"),
        (Reach(sms=date(2024, 3, 16), letter=ANYTIME), "letter"),
        (Reach(letter=ANYTIME), "letter"),
        (Reach(email=ANYTIME, call=ANYTIME), None),
    ],
)
def test_the_first_channel_allowed_on_the_day_is_taken(reach, channel):
    assert channel_for(FRIENDLY, reach, date(2024, 3, 15)) == channel


def test_a_step_nobody_can_receive_closes_and_the_ladder_goes_on():
    ladder = make_ladder(FORMAL, FINAL)
    reach = Reach(call=ANYTIME)

    first = look(ladder, date(2024, 6, 1), reach=reach)
    second = look(ladder, date(2024, 6, 2), make_item(closed=0b01), reach=reach)

    assert (closings(first), first.contact) == ([(0, "no_channel")], None)
    assert first.items[0].next_on == date(2024, 6, 2)
    assert contacted(second) == (1, "call")


def test_a_channel_is_not_sought_while_the_gap_lasts():
    ladder = make_ladder(FORMAL, gap=9)

    answer = look(
        ladder, date(2024, 3, 16), reach=Reach(), last_contact_on=date(2024, 3, 14)
    )

    assert closings(answer) == []


# R7: one notice for a customer


def test_all_of_a_customers_invoices_go_into_one_notice_at_the_furthest_step():
    ladder = make_ladder(FORMAL, FINAL, group="customer")
    today = date(2024, 3, 26)
    older = make_item("1", closed=0b01)
    newer = make_item("2", due_on=date(2024, 3, 15))
    not_due = make_item("3", due_on=date(2024, 5, 1))

    answer = look(ladder, today, older, newer, not_due)

    assert contacted(answer) == (1, "call")
    assert answer.contact.items == (older, newer)
    assert [closings(answer, n) for n in range(3)] == [
        [(1, "sent")],
        [(0, "sent")],
        [],
    ]


def test_a_step_further_up_without_a_channel_closes_and_the_next_one_speaks():
    ladder = make_ladder(FORMAL, Step("text", 20, "formal", ("sms",)), group="customer")
    older = make_item("1", closed=0b01)
    newer = make_item("2", due_on=date(2024, 3, 15))

    answer = look(ladder, date(2024, 3, 26), older, newer, reach=Reach(letter=ANYTIME))

    assert contacted(answer) == (0, "letter")
    assert answer.contact.items == (newer,)
    assert closings(answer, 0) == [(1, "no_channel")]


def test_a_lower_step_rides_along_even_if_it_could_not_go_alone():
    text_only = Step("text", 2, "soft", ("sms",))
    ladder = make_ladder(text_only, FORMAL, group="customer")
    older = make_item("1", due_on=date(2024, 2, 20), closed=0b01)
    newer = make_item("2")

    answer = look(ladder, date(2024, 3, 8), older, newer, reach=Reach(letter=ANYTIME))

    assert answer.contact.items == (older, newer)
    assert closings(answer, 1) == [(0, "sent")]


def test_an_invoice_ladder_refuses_several_invoices_in_a_case():
    with pytest.raises(ValueError, match="a case of its own"):
        look(make_ladder(FORMAL), date(2024, 3, 15), make_item("1"), make_item("2"))


def test_a_ladder_with_an_unknown_calendar_has_no_timetable():
    with pytest.raises(ScheduleError):
        Timetable(make_ladder(FORMAL, bank_days="Atlantis"))


# Promises, over random ladders and cases


@st.composite
def runs(draw, **kinds):
    ladder = draw(ladders(**kinds))
    return ladder, draw(cases(ladder)), draw(st.lists(outages(), max_size=2))


@given(runs())
def test_nothing_is_ever_done_about_an_invoice_paid_held_or_not_issued(run):
    for today, case, answer in every_day(*run):
        touched = list(answer.contact.items) if answer.contact else []
        touched += [one.item for one in answer.items if one.closings]
        for item in touched:
            assert not item.held
            assert item.issued_on <= today
            assert item.paid_on is None or item.paid_on > today
        assert [one.item for one in answer.items] == list(case.items)


@given(runs())
def test_an_invoice_takes_one_step_a_day_never_early_and_never_skips_a_formal_one(run):
    ladder, _, _ = run
    timetable = Timetable(ladder)
    for today, _, answer in every_day(*run):
        for one in answer.items:
            sent = [c.position for c in one.closings if c.reason == "sent"]
            assert len(sent) <= 1
            for position in sent:
                assert timetable.step_days(one.item.due_on)[position].day <= today
                lower = range(position)
                formal = [n for n in lower if ladder.steps[n].kind == "formal"]
                assert all(one.closed >> n & 1 for n in formal)


@given(runs())
def test_every_step_closes_at_most_once(run):
    for _, case, answer in every_day(*run):
        for item, one in zip(case.items, answer.items, strict=True):
            positions = [closing.position for closing in one.closings]
            assert len(set(positions)) == len(positions)
            assert not any(item.closed >> position & 1 for position in positions)
            assert one.closed == item.closed + sum(1 << n for n in positions)


@given(runs())
def test_contacts_keep_the_gap_and_the_bank_days(run):
    ladder, _, _ = run
    is_bank_day = Timetable(ladder).is_bank_day
    sent_on = [today for today, _, answer in every_day(*run) if answer.contact]

    assert all(is_bank_day(day) for day in sent_on)
    for earlier, later_on in pairwise(sent_on):
        assert (later_on - earlier).days >= ladder.min_gap_days


@given(runs())
def test_asking_again_the_same_day_makes_no_second_contact(run):
    timetable = Timetable(run[0])
    for today, case, answer in every_day(*run):
        if answer.contact:
            again = decide(timetable, after(case, answer, today), today)
            assert again.contact is None


@given(runs())
def test_the_same_case_gets_the_same_answer(run):
    fresh = Timetable(run[0])
    for today, case, answer in every_day(*run):
        assert decide(fresh, case, today) == answer


@given(runs(), st.sampled_from(DAYS))
def test_looking_only_when_the_ladder_says_so_equals_looking_every_day(run, withheld):
    ladder, case, down = run
    timetable = Timetable(ladder)
    next_on = [DAYS[0]] * len(case.items)
    watched = case
    for today in DAYS:
        if any(today in span for span in down):
            continue
        may = today != withheld
        full = decide(timetable, watched, today, may_contact=may)
        due = [n for n, day in enumerate(next_on) if day is not None and day <= today]
        part = Case(
            [watched.items[n] for n in due], case.reach, watched.last_contact_on
        )
        answer = decide(timetable, part, today, may_contact=may)
        for n, one in zip(due, answer.items, strict=True):
            next_on[n] = one.next_on
            assert one.next_on is None or one.next_on > today

        assert answer.contact == full.contact
        assert sum((one.closings for one in answer.items), ()) == sum(
            (one.closings for one in full.items), ()
        )
        watched = after(watched, full, today)


def _level_by_day(ladder, case, down=()):
    """The highest step sent or without a channel by each day, -1 at first."""
    level, levels = -1, {}
    for today, _, answer in every_day(ladder, case, down):
        for one in answer.items:
            level = max([level, *[closing.position for closing in one.closings]])
        levels[today] = level
    return levels


@given(runs(kinds=("formal",), groups=("invoice",)))
def test_an_outage_never_makes_a_case_harsher(run):
    ladder, case, down = run
    undisturbed = _level_by_day(ladder, case)

    for today, level in _level_by_day(ladder, case, down).items():
        assert level <= undisturbed[today]


@given(runs())
def test_after_an_outage_no_step_goes_that_would_not_have_been_due_anyway(run):
    ladder, case, down = run
    timetable = Timetable(ladder)
    for today, _, answer in every_day(ladder, case, down):
        if answer.contact:
            due = [
                position
                for item in answer.contact.items
                for position, day, _ in timetable.step_days(item.due_on)
                if day <= today
            ]
            assert answer.contact.position <= max(due)


@given(runs())
def test_the_ladder_starts_on_the_first_day_it_can_do_anything(run):
    ladder, case, _ = run
    starts = [
        Timetable(ladder).starts_on(item.issued_on, item.due_on) for item in case.items
    ]
    for today, _, answer in every_day(ladder, case):
        for start, one in zip(starts, answer.items, strict=True):
            assert today >= start or one.closings == ()
