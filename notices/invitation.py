"""Makes the calendar file of an appointment or event: one tap puts it in the diary.

The same notice gives the same bytes and the same UID, so that a second copy of it
updates the entry instead of adding one. A library writes the format.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from icalendar import Calendar, Event, vCalAddress, vText

from notices.render import Attachment

MEDIA_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"


def invitation(
    *,
    reference: str,
    organiser: str,
    sender: str,
    about: Mapping[str, Any],
    stamp: dt.datetime,
) -> Attachment:
    """Return ``invite.ics`` for a notice with facts of a visit (RFC 5545).

    ``stamp`` is the aware instant the notice was made; times stand in UTC, which every
    calendar turns into its owner's own.
    """
    event = Event()
    event.add("uid", f"{reference}@{sender.rpartition('@')[2]}")
    event.add("dtstamp", stamp.astimezone(dt.UTC))
    event.add("dtstart", about["visit.starts_at"].astimezone(dt.UTC))
    event.add("dtend", about["visit.ends_at"].astimezone(dt.UTC))
    event.add("summary", f"{about['visit.what']} – {organiser}")
    event.add("location", about["visit.place"])
    if about.get("visit.bring"):
        event.add("description", about["visit.bring"])
    contact = vCalAddress(f"mailto:{sender}")
    contact.params["cn"] = vText(organiser)
    event.add("organizer", contact)
    calendar = Calendar()
    calendar.add("prodid", "-//Duly//Notices//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return Attachment("invite.ics", MEDIA_TYPE, calendar.to_ical())
