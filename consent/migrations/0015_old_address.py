"""Which address a new one is to replace, and the message that tells it so."""

from __future__ import annotations

from django.db import migrations, models

import customers.sealed


class Migration(migrations.Migration):
    dependencies = [("consent", "0014_own_copy")]

    operations = [
        migrations.AddField(
            model_name="contactchange",
            name="old",
            field=customers.sealed.SealedTextField(
                blank=True, max_length=320, null=True
            ),
        ),
        migrations.AddField(
            model_name="contactchange",
            name="told_with",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The message to the old address, if trust may rest on it.",
                max_length=32,
            ),
        ),
    ]
