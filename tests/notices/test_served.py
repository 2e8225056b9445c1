"""Whether what customers text back reaches us."""

from __future__ import annotations

from typing import Any

import pytest

from notices.facts import load_facts
from notices.models import Notice
from notices.served import takes_texts
from tests.factories import NOW, make_notice

TWILIO = {
    "CHANNELS": {"sms": "twilio"},
    "PUBLIC_URL": "https://bills.example.com",
    "TWILIO_MESSAGING_SERVICE_SID": "MG1",
    "TWILIO_FROM": "",
}


@pytest.mark.parametrize(
    ("changes", "takes"),
    [
        ({}, True),
        ({"TWILIO_MESSAGING_SERVICE_SID": "", "TWILIO_FROM": "+447700900999"}, True),
        ({"TWILIO_MESSAGING_SERVICE_SID": "", "TWILIO_FROM": "70707"}, True),
        # A name is nothing to text back to.
        ({"TWILIO_MESSAGING_SERVICE_SID": "", "TWILIO_FROM": "Northwind"}, False),
        ({"TWILIO_MESSAGING_SERVICE_SID": "", "TWILIO_FROM": ""}, False),
        # Twilio knows of no address to report to.
        ({"PUBLIC_URL": ""}, False),
        ({"CHANNELS": {"sms": "sandbox"}}, False),
        ({"CHANNELS": {}}, False),
    ],
)
def test_texts_are_taken_where_a_number_of_ours_is_heard(
    settings: Any, changes: dict[str, Any], takes: bool
) -> None:
    for name, value in {**TWILIO, **changes}.items():
        setattr(settings, name, value)
    assert takes_texts() is takes


@pytest.mark.django_db
@pytest.mark.parametrize("takes", [True, False])
def test_a_message_knows_whether_it_can_be_answered(settings: Any, takes: bool) -> None:
    for name, value in TWILIO.items():
        setattr(settings, name, value)
    if not takes:
        settings.PUBLIC_URL = ""
    notice: Notice = make_notice(channel="sms")
    assert load_facts([notice.pk], NOW)[notice.pk].takes_texts is takes
