"""Which roots were copied off the database is known, so that a failure shows."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0008_packs")]

    operations = [
        migrations.CreateModel(
            name="RootCopy",
            fields=[
                (
                    "root",
                    models.OneToOneField(
                        on_delete=models.deletion.PROTECT,
                        primary_key=True,
                        related_name="copy",
                        serialize=False,
                        to="consent.consentroot",
                    ),
                ),
                ("copied_at", models.DateTimeField()),
            ],
        ),
    ]
