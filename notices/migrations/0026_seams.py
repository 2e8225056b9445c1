"""What customers may choose by themselves, and what they are asked, is watched."""

from __future__ import annotations

from django.db import migrations

from customers.migrations._watching import watched

LIMITS = [
    "paid_days",
    "promise_days",
    "parts_most",
    "parts_smallest",
    "parts_days",
    "parts_at_once",
    "calls_from",
    "calls_until",
    "help_name",
    "help_url",
]


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0025_answers"),
        ("customers", "0013_seams"),
    ]

    operations = [
        migrations.RunSQL(
            *watched("notices_answerlimits", shown=LIMITS, key="brand_id")
        ),
        migrations.RunSQL(
            *watched("notices_survey", shown=["brand_id", "name", "is_open"])
        ),
        migrations.RunSQL(
            *watched(
                "notices_surveyquestion",
                shown=["survey_id", "position", "kind", "words"],
            )
        ),
    ]
