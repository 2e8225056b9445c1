"""Empty sides are counted, letters keep their country, a posting may be taken back."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0016_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="printitem",
            name="blanks",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Empty ones among its pages: the back of a page is torn.",
            ),
        ),
        migrations.AddField(
            model_name="printitem",
            name="country",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of the address, as printed.",
                max_length=2,
            ),
        ),
        migrations.AlterField(
            model_name="printevent",
            name="verb",
            field=models.CharField(
                choices=[
                    ("opened", "Made"),
                    ("closing", "Closing begun"),
                    ("closed", "Closed"),
                    ("written", "Written to a folder"),
                    ("posted", "Marked as posted"),
                    ("unposted", "Not posted after all"),
                    ("cancelled", "Cancelled"),
                    ("reprinted", "Printed again"),
                    ("returned", "Came back"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="printitem",
            name="pages",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="In its file, the empty ones among them included."
            ),
        ),
    ]
