"""A subject with its fields and conditions may be long."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0008_documents"),
    ]

    operations = [
        migrations.AlterField(
            model_name="templateversion",
            name="subject",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
    ]
