"""Random ladders, channels, invoices and days off for the tests of the rules."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from campaigns.ladder import Case, CaseDay, Item, Ladder, Reach, Step, Timetable, decide
from campaigns.ladder_file import CHANNELS
from campaigns.replay import Span

# The weeks around Christmas 2023 hold weekends and holidays of every calendar used.
FIRST = date(2023, 12, 1)
LAST = date(2024, 1, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]

days = st.dates(FIRST - timedelta(days=20), LAST)


@st.composite
def ladders(draw, *, kinds=("soft", "formal"), groups=("invoice", "customer")):
    offsets = sorted(draw(st.lists(st.integers(-10, 25), min_size=1, max_size=5)))
    return Ladder(
        key="drawn",
        name="Drawn",
        bank_days=draw(st.sampled_from(["none", "weekends", "US", "PL"])),
        min_gap_days=draw(st.integers(0, 9)),
        group=draw(st.sampled_from(groups)),
        steps=tuple(
            draw(_steps(number, offset, kinds)) for number, offset in enumerate(offsets)
        ),
    )


@st.composite
def _steps(draw, number, offset_days, kinds):
    kind = draw(st.sampled_from(kinds))
    expires = st.none() | st.integers(0, 6)
    chosen = st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3, unique=True)
    return Step(
        key=f"step{number}",
        offset_days=offset_days,
        kind=kind,
        channels=tuple(draw(chosen)),
        expires_after_days=draw(expires) if kind == "soft" else None,
    )


reaches = st.builds(
    Reach,
    email=st.none() | days,
    sms=st.none() | days,
    call=st.none() | st.just(date.min),
    letter=st.none() | st.just(date.min),
)


@st.composite
def items(draw, number="1", *, disputes=True):
    issued_on = draw(days)
    return Item(
        ref=None,
        number=number,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=draw(st.integers(-5, 30))),
        paid_on=draw(st.none() | days),
        held=disputes and draw(st.integers(0, 5)) == 0,
    )


@st.composite
def cases(draw, ladder):
    """A case at its beginning; a customer's holds up to four invoices."""
    most = 1 if ladder.group == "invoice" else 4
    count = draw(st.integers(1, most))
    return Case([draw(items(str(number))) for number in range(count)], draw(reaches))


@st.composite
def outages(draw):
    first = draw(st.sampled_from(DAYS))
    return Span(first, first + timedelta(days=draw(st.integers(0, 20))))


def after(case: Case, answer: CaseDay, today: date) -> Case:
    """The case as it stands once the answer of the day is written back."""
    return Case(
        [
            Item(
                ref=one.item.ref,
                number=one.item.number,
                issued_on=one.item.issued_on,
                due_on=one.item.due_on,
                paid_on=one.item.paid_on,
                held=one.item.held,
                closed=one.closed,
            )
            for one in answer.items
        ],
        case.reach,
        today if answer.contact else case.last_contact_on,
    )


def every_day(ladder: Ladder, case: Case, down: tuple[Span, ...] = ()):
    """Yield (day, case that morning, answer) for every day the engine is up."""
    timetable = Timetable(ladder)
    for today in DAYS:
        if not any(today in span for span in down):
            answer = decide(timetable, case, today)
            yield today, case, answer
            case = after(case, answer, today)
