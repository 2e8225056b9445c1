"""The form of an answer that asks for a call: which number, and when."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from notices.models import Answer
from notices.offers import call_slots
from notices.pages.answer_form import AnswerForm, clean_phone, phone_of


class CallForm(AnswerForm):
    """When to be called, and on which number."""

    kind = Answer.Kind.CALL

    def build(self) -> None:
        visit = self.case.visit
        zone = visit.customer.time_zone or visit.brand.time_zone
        self.slots = {
            slot.astimezone(dt.UTC).isoformat(): slot
            for slot in call_slots(
                visit.now,
                firm_zone=visit.brand.time_zone,
                zone=zone,
                opens=self.case.limits.calls_from,
                closes=self.case.limits.calls_until,
                is_bank_day=self.case.calendar,
            )
        }
        zones = {slot.tzname() for slot in self.slots.values()}
        self.fields["slot"] = self.radio(
            "call_when", [(key, self._slot(slot)) for key, slot in self.slots.items()]
        )
        if zones:
            self.fields["slot"].help_text = self.say(
                "call_zone", zone=" / ".join(sorted(str(one) for one in zones))
            )
        known = phone_of(self.case)
        hint = self.say("call_number_known", ending=known[-2:]) if known else ""
        self.fields["phone"] = self.line(
            "call_number", 40, auto="tel", required=not known, attrs={"dir": "ltr"}
        )
        self.fields["phone"].help_text = hint
        self.fields["text"] = self.box("call_about", required=False)

    def _slot(self, slot: dt.datetime) -> str:
        time = self.words.formats().time
        end = slot + dt.timedelta(hours=2)
        day = self.case.day(slot.date())
        return self.say("call_slot", day=day, start=time(slot), end=time(end))

    def clean_phone(self) -> str:
        """Return another number in E.164, if one was given."""
        return clean_phone(self, self.cleaned_data["phone"])

    def more(self) -> dict[str, Any]:
        data = self.cleaned_data
        facts = {"phone": data["phone"]} if data["phone"] else {}
        at = self.slots[data["slot"]]
        return {
            "facts": facts | {"zone": str(_zone_of(at))},
            "call_at": at.astimezone(dt.UTC),
        }


def _zone_of(moment: dt.datetime) -> str:
    return moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else "UTC"
