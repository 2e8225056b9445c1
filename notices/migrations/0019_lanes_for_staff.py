"""Staff see since when a provider is away, set its rate, and have it tried again."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0018_plan_speed"),
    ]

    operations = [
        migrations.AddField(
            model_name="providerlane",
            name="failing_since",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Since when nothing was taken; the first answer ends it.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="providerlane",
            name="per_second",
            field=models.FloatField(
                blank=True,
                help_text="For texts, parts a second. Empty: as fast as the provider "
                "takes it.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(
                        0.001,
                        "Write a number above nothing, or leave it empty for no limit.",
                    )
                ],
                verbose_name="messages a second",
            ),
        ),
        migrations.AlterField(
            model_name="outboundevent",
            name="verb",
            field=models.CharField(
                choices=[
                    ("stopped", "Stopped"),
                    ("released", "Released"),
                    ("adopted", "Named this the real installation"),
                    ("tried", "Tried a provider again"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("reason", "landline"), ("state", "failed")),
                fields=["customer", "planned_on"],
                name="notice_landline",
            ),
        ),
    ]
