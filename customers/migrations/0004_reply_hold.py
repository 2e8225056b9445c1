"""Reminders wait while a customer's reply waits for an answer."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_invoice_copies"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="hold",
            name="hold_reason_known",
        ),
        migrations.AlterField(
            model_name="hold",
            name="reason",
            field=models.CharField(
                choices=[
                    ("dispute", "Questioned by customer"),
                    ("promise", "Promised"),
                    ("plan", "Paying in parts"),
                    ("hardship", "Needs care"),
                    ("moratorium", "Moratorium"),
                    ("manual", "Paused by staff"),
                    ("reply", "Customer answered"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "dispute",
                            "promise",
                            "plan",
                            "hardship",
                            "moratorium",
                            "manual",
                            "reply",
                        ],
                    )
                ),
                name="hold_reason_known",
            ),
        ),
    ]
