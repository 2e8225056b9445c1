"""What customers are told before they agree is watched."""

from __future__ import annotations

from django.db import migrations

from customers.migrations._watching import watched

SHOWN = [
    "key",
    "version",
    "language",
    "categories",
    "terms_url",
    "paper_fee",
    "currency",
    "hwsw_version",
    "needs_demonstration",
    "state",
    "approved_by",
]


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0012_privacy"),
        ("customers", "0011_privacy"),
    ]

    operations = [
        migrations.RunSQL(*watched("consent_disclosure", shown=SHOWN)),
    ]
