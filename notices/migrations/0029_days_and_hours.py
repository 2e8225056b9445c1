"""A firm's days to answer a reply, and its office hours in other languages."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models

import notices.models.brand


class Migration(migrations.Migration):
    dependencies = [("notices", "0028_own_copy")]

    operations = [
        migrations.AddField(
            model_name="brand",
            name="reply_days",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="Working days after the one it came in on; later it is "
                "overdue.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(30),
                ],
                verbose_name="days to answer a reply",
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="office_hours_in",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text='By language: {"pl": "od poniedziałku do piątku, '
                '9:00–17:00", …}. Readers of another language see those above.',
                validators=[notices.models.brand.validate_hours],
                verbose_name="office hours in other languages",
            ),
        ),
    ]
