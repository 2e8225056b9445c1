"""Who stands for an address: a file or staff, or who was told at the one before.

And when telling somebody of their file failed last.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0015_missed_parts")]

    operations = [
        # Those of before were brought by files and by staff for the most part.
        migrations.AddField(
            model_name="contactpoint",
            name="is_vouched",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="The firm's file or staff say that it is theirs. Not so of "
                "what the holder of a link brought: tick it once you are sure who "
                "they are.",
                verbose_name="vouched for",
            ),
        ),
        migrations.AddField(
            model_name="contactpoint",
            name="told_with",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="Of what a link brought: the message to the address before.",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="personexport",
            name="tried_at",
            field=models.DateTimeField(
                blank=True, help_text="When telling them failed last.", null=True
            ),
        ),
    ]
