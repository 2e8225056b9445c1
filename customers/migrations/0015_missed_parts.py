"""Missed parts of plans: when, and who looked after them."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("customers", "0014_own_copy")]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="missed_on",
            field=models.DateField(
                blank=True, help_text="When a missed part ended it.", null=True
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="handled_by",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Who looked after the missed part.",
                max_length=150,
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="handled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(
                condition=Q(("handled_at__isnull", True), ("state", "missed")),
                fields=["customer"],
                name="plan_missed",
            ),
        ),
    ]
