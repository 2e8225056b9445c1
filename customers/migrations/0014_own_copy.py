"""Since when an address is the one to use, and copies of their data that customers ask
for themselves. Addresses from before count as long known: nothing says when they came.
"""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0013_seams"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactpoint",
            name="primary_since",
            field=models.DateTimeField(
                editable=False,
                help_text="Since when this very address is the one to use.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="contactpoint",
            name="primary_since",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                editable=False,
                help_text="Since when this very address is the one to use.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="personexport",
            name="asked_with",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The message whose link the customer asked by.",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="personexport",
            name="form_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="personexport",
            name="taken_at",
            field=models.DateTimeField(
                blank=True, help_text="When the customer took it last.", null=True
            ),
        ),
        migrations.AddField(
            model_name="personexport",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="personexport",
            index=models.Index(
                condition=models.Q(
                    ("form_id__isnull", False), ("told_at__isnull", True)
                ),
                fields=["id"],
                name="person_export_untold",
            ),
        ),
        migrations.AddConstraint(
            model_name="personexport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("form_id__isnull", False)),
                fields=("customer", "form_id"),
                name="person_export_once",
            ),
        ),
    ]
