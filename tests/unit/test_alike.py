"""Cases that stand alike get one answer, and it is the ladder's own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from campaigns.alike import Facts, decide_alike
from campaigns.ladder import Timetable
from tests.unit.ladder_strategies import cases, every_day, ladders, outages


@st.composite
def runs(draw):
    ladder = draw(ladders(groups=("invoice",)))
    return ladder, draw(cases(ladder)), tuple(draw(st.lists(outages(), max_size=1)))


def facts_of(case, today):
    """What the tick's question to the database says of a case of one invoice."""
    (item,) = case.items

    def may(allowed_from):
        return allowed_from is not None and allowed_from <= today

    reach = case.reach
    return Facts(
        closed=item.closed,
        last_contact_on=case.last_contact_on,
        issued_later_on=item.issued_on if item.issued_on > today else None,
        due_on=item.due_on,
        paid=may(item.paid_on),
        held=item.held,
        by_email=may(reach.email),
        by_sms=may(reach.sms),
        by_call=may(reach.call),
        by_letter=may(reach.letter),
    )


def told(answer):
    """What is written down of an answer."""
    (item,) = answer.items
    contact = answer.contact and (answer.contact.position, answer.contact.channel)
    return contact, item.closings, item.closed, item.next_on


@given(runs())
def test_the_answer_for_all_that_stand_alike_is_the_ladders_for_each(run):
    timetable = Timetable(run[0])
    for today, case, answer in every_day(*run):
        alike = decide_alike(timetable, facts_of(case, today), today)
        assert told(alike) == told(answer)
