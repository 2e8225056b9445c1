"""The state or province a customer lives in, where rules of law differ by it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_only_sealed_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="region",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="State or province, as ISO 3166-2 has it after the country: PA. Empty for a US address: told from its ZIP code.",
                max_length=3,
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("region", ""),
                    ("region__regex", "^[A-Z0-9]{1,3}$"),
                    _connector="OR",
                ),
                name="customer_region_iso",
            ),
        ),
    ]
