"""Policies, rules of law and the list of stopped addresses are watched."""

from __future__ import annotations

from django.db import migrations

from customers.migrations._watching import watched

WATCHED = {
    "consent_contactpolicy": [
        "name",
        "quiet_start",
        "quiet_end",
        "email_quiet",
        "sms_number_provided_ok",
        "optional_paper_ok",
        "sms_24h",
        "sms_7d",
        "dunning_7d",
    ],
    "consent_suppression": ["channel", "reason", "since"],
    "consent_rulepack": ["code", "version", "state", "effective_from"],
}


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0011_preferences"),
        ("customers", "0011_privacy"),
    ]

    operations = [
        migrations.RunSQL(*watched(table, shown=shown))
        for table, shown in WATCHED.items()
    ]
