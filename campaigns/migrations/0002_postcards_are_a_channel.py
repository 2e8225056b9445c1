"""Postcards are a channel of steps."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_first_tables"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="channel",
            field=models.CharField(
                blank=True,
                choices=[
                    ("email", "E-mail"),
                    ("sms", "Text message"),
                    ("call", "Phone call"),
                    ("letter", "Letter"),
                    ("postcard", "Postcard"),
                ],
                default="",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="step",
            name="channels",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("email", "E-mail"),
                        ("sms", "Text message"),
                        ("call", "Phone call"),
                        ("letter", "Letter"),
                        ("postcard", "Postcard"),
                    ],
                    max_length=8,
                ),
                size=None,
            ),
        ),
    ]
