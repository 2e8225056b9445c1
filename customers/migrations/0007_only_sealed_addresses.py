"""The plain addresses go, and what holds of the sealed ones is said to the database."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

import customers.blind
import customers.sealed


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_seal_addresses")]

    operations = [
        migrations.RemoveField("contactpoint", "value_plain"),
        migrations.RemoveField("contactpoint", "raw_plain"),
        migrations.RemoveField("postaladdress", "line1_plain"),
        migrations.RemoveField("postaladdress", "line2_plain"),
        migrations.AlterField(
            "contactpoint", "value", customers.sealed.SealedTextField(max_length=320)
        ),
        migrations.AlterField(
            "contactpoint", "value_index", customers.blind.BlindIndexField(of="value")
        ),
        migrations.AlterField(
            "postaladdress",
            "line1",
            customers.sealed.SealedTextField(max_length=200, default="", blank=True),
        ),
        migrations.AlterField(
            "postaladdress", "line1_index", customers.blind.BlindIndexField(of="line1")
        ),
        migrations.AlterField(
            "postaladdress",
            "line2",
            customers.sealed.SealedTextField(max_length=200, default="", blank=True),
        ),
        migrations.AlterField(
            "postaladdress", "line2_index", customers.blind.BlindIndexField(of="line2")
        ),
        migrations.AddConstraint(
            "contactpoint",
            models.UniqueConstraint(
                name="contact_point_once", fields=["customer", "kind", "value_index"]
            ),
        ),
        migrations.AddConstraint(
            "contactpoint",
            models.CheckConstraint(
                name="contact_point_not_blank", condition=~Q(value_index=b"")
            ),
        ),
        migrations.AddIndex(
            "contactpoint",
            models.Index(fields=["value_index"], name="contact_point_value_index"),
        ),
    ]
