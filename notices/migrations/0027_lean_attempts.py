"""Fewer indexes on attempts, which every message writes twice."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0026_seams"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="idempotency_key",
            field=models.CharField(max_length=120),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="notice",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="notices.notice",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                fields=("idempotency_key",), name="attempt_key_once"
            ),
        ),
    ]
