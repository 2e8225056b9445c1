"""Letters are put in order sign by sign; runs tell of being written to a folder."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0009_room_for_subjects")]

    operations = [
        migrations.AlterField(
            model_name="printitem",
            name="place",
            field=models.CharField(
                db_collation="C",
                help_text="What letters are put in order by: the post code.",
                max_length=300,
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
                    ("cancelled", "Cancelled"),
                    ("reprinted", "Printed again"),
                    ("returned", "Came back"),
                ],
                max_length=10,
            ),
        ),
    ]
