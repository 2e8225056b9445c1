"""The calendar file of an appointment."""

from __future__ import annotations

import datetime as dt

from icalendar import Calendar

from notices.invitation import invitation
from tests.notices.writing import NOW

ABOUT = {
    "visit.what": "Meter exchange\r\nATTENDEE:evil@example.com",
    "visit.starts_at": dt.datetime(2026, 6, 18, 12, 0, tzinfo=dt.UTC),
    "visit.ends_at": dt.datetime(2026, 6, 18, 14, 0, tzinfo=dt.UTC),
    "visit.place": "12 Mill Lane, York; back door",
    "visit.bring": "",
}


def make_invitation():
    return invitation(
        reference="7QK2M9XW4BTD",
        organiser="Northwind Energy",
        sender="bills@northwind.example",
        about=ABOUT,
        stamp=NOW,
    )


def test_a_calendar_reads_the_time_and_place():
    [event] = Calendar.from_ical(make_invitation().body).walk("VEVENT")

    assert event.decoded("dtstart") == ABOUT["visit.starts_at"]
    assert event.decoded("dtend") == ABOUT["visit.ends_at"]
    assert str(event["location"]) == ABOUT["visit.place"]
    assert str(event["uid"]) == "7QK2M9XW4BTD@northwind.example"


def test_words_of_a_visit_cannot_become_lines_of_the_calendar():
    [event] = Calendar.from_ical(make_invitation().body).walk("VEVENT")

    assert "attendee" not in event


def test_the_same_notice_gives_the_same_file():
    assert make_invitation() == make_invitation()
