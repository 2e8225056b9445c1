"""A database with something true on every page, and names that try the layout."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from email.message import EmailMessage

from tests.browser.announcement_scene import build_announcements
from tests.browser.answer_scene import build_answers

LONG_NAME = "Maximiliana " * 24 + "von Hohenstein"
PEOPLE = (
    ("Alice Late", "en", "Europe/London"),
    ("Zażółć Gęślą-Jaźń", "pl", "Europe/Warsaw"),
    ("王小明电力有限公司", "zh", "Asia/Shanghai"),
    ("شركة الكهرباء الوطنية", "ar", "Asia/Dubai"),
    (LONG_NAME[:300], "de", "Europe/Berlin"),
)
MAIL_HTML = (
    "<html><head><style>h1 { color: rgb(11, 90, 104) }</style></head>"
    '<body><h1 id="hello">Your bill is late</h1>'
    '<p style="color: rgb(1, 2, 3)">Please pay.</p></body></html>'
)


def build() -> None:
    """Write the scene into an empty migrated database."""
    from django.utils import timezone

    from customers.models import DataImport, RejectedRow
    from notices.states import State
    from tests import factories as make

    now = timezone.now()
    today = now.date()
    make.make_user("ada", is_superuser=True)
    make.make_user("adam", may=["notices.make_calls"])
    brand = make.make_brand()
    campaign = make.make_campaign(
        name="Late bills, autumn",
        brand=brand,
        due_from=today - dt.timedelta(days=365),
        started_at=now - dt.timedelta(days=9),
        created_by="ada",
    )
    make.make_campaign(name="Paused one", state="paused", paused_by="ada", brand=brand)
    make.make_campaign(name="A draft", state="draft", brand=brand)
    steps = list(campaign.ladder.steps.all())
    states = [*State, State.DELIVERED, State.DELIVERED, State.SENT]
    for number in range(60):
        name, language, zone = PEOPLE[number % len(PEOPLE)]
        person = make.make_customer(
            name=name,
            language=language,
            time_zone=zone,
            address=number % 3 == 0,
            mobile=f"+44770090{number:04}",
        )
        days = (number * 7) % 130 - 15
        invoice = make.make_invoice(
            person,
            due_on=today - dt.timedelta(days=days),
            amount=Decimal(100 + number * 37),
            currency=("EUR", "EUR", "GBP")[number % 3],
        )
        if number >= 40:
            continue
        enrolment = make.make_enrolment(
            campaign, invoice, next_on=today, last_contact_on=today
        )
        state = states[number % len(states)]
        times = {"sent_at": now} if state in {State.SENT, State.DELIVERED} else {}
        notice = make.make_notice(
            person,
            invoices=[invoice],
            state=state,
            stream=campaign.stream,
            planned_on=today,
            # Still to come, so that nothing moves but what a worker has in hand.
            not_before=now + dt.timedelta(hours=5),
            **times,
        )
        make.make_decision(
            enrolment, steps[number % 3], notice=notice, decided_on=today
        )
        if state in {State.SENT, State.DELIVERED, State.UNKNOWN, State.FAILED}:
            make.make_attempt(notice, started_at=now, finished_at=now)
            make.make_sent_copy(notice, mail(person.name))
        if state == State.DELIVERED:
            make.make_event(notice, occurred_at=now)
    first = person_named("Alice Late")
    make.make_consent(
        first,
        method="web",
        on=today,
        categories=["bills", "reminders"],
        disclosure_ref="e-bills/en/3",
        rendered_sha256=bytes(range(32)),
        address="somebody.with.a.rather.long.address@a-long-house-name.example.com",
        ip="203.0.113.9",
        user_agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0",
        words="Yes, send me everything by e-mail.",
        evidence={"code": 12},
    )
    make.make_hold(first, starts_on=today, note="Rang on Monday.", created_by="ada")
    make.make_payment(first.invoices.all()[0], Decimal(20), received_on=today)
    for person, classified in ((first, "other"), (None, "maybe_stop")):
        make.make_reply(
            person,
            classified=classified,
            received_at=now,
            text="I paid on Friday.\n" + "Look again, please. " * 40 + "x" * 300,
            attachments=2,
        )
    make.make_reply(first, state="done", handled_by="Duly", handled_at=now,
                    received_at=now, channel="sms", sender="+447700900123",
                    classified="stop", text="STOP")  # fmt: skip
    unreachable = make.make_invoice(make.make_customer(email=None, e_delivery=False))
    make.make_decision(
        make.make_enrolment(campaign, unreachable), steps[1], outcome="no_channel"
    )
    print_runs(brand, today, now)
    call_desk(brand, today, now)
    brought_in = DataImport.objects.create(
        kind="invoices", file_name="invoices march.csv", rows=3, new=2, rejected=1
    )
    RejectedRow.objects.create(
        data_import=brought_in, row_number=2, code="bad", sentence="Bad.", cells={}
    )
    build_announcements()
    build_answers(brand, today, now)


def print_runs(brand, today, now):  # type: ignore[no-untyped-def]
    """Write a posted, a closed and an open run, and one letter not in any."""
    from notices.printing.closing import close_some
    from notices.printing.posting import mark_posted
    from notices.printing.returns import mark_returned
    from notices.printing.runs import begin_closing, open_run
    from tests import factories as make

    stream = make.make_stream(brand=brand, policy=make.make_policy())
    wording = make.make_template(channel="letter")

    def letter(name: str):  # type: ignore[no-untyped-def]
        person = make.make_customer(name=name, address=True)
        late = make.make_invoice(person, due_on=today - dt.timedelta(days=20))
        return make.make_notice(
            person,
            invoices=[late],
            stream=stream,
            channel="letter",
            template=wording,
            planned_on=today,
            not_before=now - dt.timedelta(hours=1),
        )

    for is_posted in (True, False):
        letters = [letter("Anna Paper"), letter("Ben Paper")]
        letter(LONG_NAME[:300])
        run = open_run(brand=brand, now=now, by="ada")
        begin_closing(run=run, now=now, by="ada", ring_workers=False)
        close_some(run_id=run.pk, clock=lambda: now)
        run.refresh_from_db()
        if is_posted:
            mark_posted(run=run, posted_on=today, now=now, by="ada")
            mark_returned(code=letters[0].reference, reason="moved", now=now, by="ada")
    letter("Cleo Paper")
    open_run(brand=brand, now=now, by="ada")
    letter("Dora Paper")


def call_desk(brand, today, now):  # type: ignore[no-untyped-def]
    """Lay calls on the desk; one has missed a promise, one was noted before."""
    from notices.calls.desk import lay_out
    from notices.calls.hand import take
    from notices.calls.outcomes import note_outcome
    from notices.starter import starters
    from tests import factories as make

    [script] = [
        one for one in starters(["en"]) if (one.key, one.form) == ("call", "call")
    ]
    wording = make.make_template(
        key=script.key, kind=script.kind, channel="call", body=script.body
    )
    # No quiet hours: the scene is played at any hour.
    stream = make.make_stream(brand=brand, policy=make.make_policy(), label="Calls")
    calls = []
    for number, (name, language, zone) in enumerate(
        (*PEOPLE, ("Paula Promise", "en", "Europe/London"))
    ):
        person = make.make_customer(
            name=f"{name} called"[-300:],
            language=language,
            time_zone=zone,
            mobile=f"+44770091{number:04}",
            address=True,
        )
        bills = [
            make.make_invoice(
                person,
                due_on=today - dt.timedelta(days=18 + days),
                amount=Decimal(90 + 7 * number),
            )
            for days in range(1 + number % 2)
        ]
        calls.append(
            make.make_notice(
                person,
                invoices=bills,
                stream=stream,
                channel="call",
                template=wording,
                planned_on=today,
                not_before=now - dt.timedelta(hours=1),
            )
        )
    lay_out(clock=lambda: now)
    # She promised for yesterday, and has not paid.
    make.make_hold(
        calls[-1].customer,
        reason="promise",
        starts_on=today - dt.timedelta(days=6),
        ends_on=today - dt.timedelta(days=1),
    )
    take(notice=calls[0], by="ben", now=now)
    note_outcome(notice=calls[0], number=1, outcome="paid", by="ben", now=now)


def person_named(name: str):  # type: ignore[no-untyped-def]
    """Return the first customer of that name."""
    from customers.models import Customer

    return Customer.objects.filter(name=name).order_by("pk")[0]


def mail(name: str) -> bytes:
    """Return an e-mail with styles of its own, and a script that must not run."""
    message = EmailMessage()
    message["Subject"] = "Your bill is late"
    message["From"] = "Northwind Energy <billing@northwind.example>"
    message["To"] = "alice@example.com"
    message.set_content(f"Dear {name}, your bill is late.")
    message.add_alternative(MAIL_HTML, subtype="html")
    message.set_boundary("duly")
    return message.as_bytes()
