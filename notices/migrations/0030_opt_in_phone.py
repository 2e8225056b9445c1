"""The number by which a firm's customers agree to e-mail on the telephone."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0029_days_and_hours")]

    operations = [
        migrations.AddField(
            model_name="brand",
            name="opt_in_phone",
            field=models.CharField(
                db_default="",
                default="",
                help_text="Where customers say yes or no to e-bills by phone. Texts "
                "about going paperless name it.",
                max_length=40,
                verbose_name="number to agree by phone",
            ),
        ),
    ]
