"""Logs of reading, changing and erasing; exports, legal holds; tables watched."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import customers.sealed
from customers.migrations._watching import FUNCTIONS, NO_FUNCTIONS, append_only, watched

LOGS = ("customers_accessentry", "customers_auditentry", "customers_erasure")
WATCHED = {
    "customers_customer": (
        ["kind", "language", "country", "region", "status", "account_status"],
        "id",
    ),
    "customers_contactpoint": (["kind", "state", "is_primary"], "customer_id"),
    "customers_postaladdress": (["country", "state"], "customer_id"),
    "customers_legalhold": ([], "customer_id"),
}


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_only_sealed_addresses"),
        ("customers", "0008_region"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name="AccessEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("who", models.CharField(max_length=150)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("message", "Read a message"),
                            ("source", "Took a message as a file"),
                            ("reply", "Read a reply"),
                            ("invoice", "Read an invoice copy"),
                            ("print_file", "Took a print file"),
                            ("address_list", "Took a list of addresses"),
                            ("bank", "Looked at bank details"),
                            ("export_asked", "Asked for a person's data"),
                            ("export", "Took a person's data"),
                            ("log", "Took the access log"),
                        ],
                        max_length=16,
                    ),
                ),
                ("whose", models.BigIntegerField(blank=True, null=True)),
                (
                    "which",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="A reference or a number.",
                        max_length=120,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "access entries",
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["at"], name="access_entry_time"
                    ),
                    models.Index(
                        fields=["whose", "-id"], name="access_entry_of_person"
                    ),
                    models.Index(fields=["who", "-id"], name="access_entry_by_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("who", models.CharField(blank=True, default="", max_length=150)),
                ("verb", models.CharField(max_length=8)),
                ("what", models.CharField(help_text="The table.", max_length=64)),
                ("row", models.CharField(blank=True, default="", max_length=64)),
                ("whose", models.BigIntegerField(blank=True, null=True)),
                ("rows", models.PositiveIntegerField(default=1)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("before", models.JSONField(blank=True, default=dict)),
                ("after", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["at"], name="audit_entry_time"
                    ),
                    models.Index(
                        condition=models.Q(("whose__isnull", False)),
                        fields=["whose", "-id"],
                        name="audit_entry_of_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("number_print", models.BinaryField(max_length=32)),
                ("whose", models.BigIntegerField(help_text="The key of the customer.")),
                ("at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=150)),
                (
                    "approved_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                (
                    "changed",
                    models.JSONField(
                        default=dict,
                        help_text="How many rows of which table were changed or deleted.",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("erase_person", "Can ask for and approve a person's erasure")
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("number_print",), name="erasure_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("placed_by", models.CharField(max_length=150)),
                ("placed_at", models.DateTimeField()),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legal_hold",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "permissions": [("keep_evidence", "Can place and lift legal holds")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="PersonExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Being made"),
                            ("ready", "Ready"),
                            ("failed", "Could not be made"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("asked_by", models.CharField(max_length=150)),
                ("asked_at", models.DateTimeField()),
                ("taken_until", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField()),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, default="", max_length=200)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exports",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [("export_person", "Can take a person's data out")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("body", customers.sealed.SealedBinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="customers.personexport",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ErasureRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a second person"),
                            ("done", "Erased"),
                            ("refused", "Not erased"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("asked_by", models.CharField(max_length=150)),
                ("asked_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="erasure_requests",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("customer",),
                        name="erasure_request_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "done", "refused"])),
                        name="erasure_request_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(
                                ("decided_by", models.F("asked_by")), _negated=True
                            ),
                            _connector="OR",
                        ),
                        name="erasure_request_four_eyes",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="personexport",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["id"],
                name="person_export_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="personexport",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "ready", "failed"])),
                name="person_export_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="exportpart",
            constraint=models.UniqueConstraint(
                fields=("export", "number"), name="export_part_once"
            ),
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        *(migrations.RunSQL(*append_only(table)) for table in LOGS),
        *(
            migrations.RunSQL(*watched(table, shown=shown, whose=whose))
            for table, (shown, whose) in WATCHED.items()
        ),
    ]
