"""What providers tell us is kept as it came, and so are replies of customers."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_reply_hold"),
        ("notices", "0013_providers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deliveryevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("delivered", "Delivered"),
                    ("hard_bounce", "Address does not exist"),
                    ("soft_bounce", "Could not deliver"),
                    ("complaint", "Marked as spam"),
                    ("returned", "Came back"),
                    ("refused", "Not taken on by the provider"),
                    ("unsubscribed", "Unsubscribed"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="ProviderCall",
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
                ("provider", models.CharField(max_length=20)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("tracking", "What became of an e-mail"),
                            ("inbound", "An e-mail of a customer"),
                            ("sms_status", "What became of a text message"),
                            ("sms_inbound", "A text message of a customer"),
                        ],
                        max_length=12,
                    ),
                ),
                ("dedupe_key", models.CharField(max_length=64, unique=True)),
                (
                    "content_type",
                    models.CharField(blank=True, default="", max_length=200),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="The notice that the address named, if it did.",
                        max_length=40,
                    ),
                ),
                ("body", models.BinaryField(help_text="Emptied once it is read.")),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "Not read yet"),
                            ("done", "Done"),
                            ("ignored", "Nothing to do"),
                            ("failed", "Could not be read"),
                        ],
                        default="new",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "new")),
                        fields=["not_before", "id"],
                        name="provider_call_to_read",
                    ),
                    models.Index(fields=["received_at"], name="provider_call_by_age"),
                    models.Index(
                        condition=models.Q(("state", "failed")),
                        fields=["id"],
                        name="provider_call_failed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["new", "done", "ignored", "failed"])
                        ),
                        name="provider_call_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
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
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message")],
                        max_length=8,
                    ),
                ),
                ("provider", models.CharField(max_length=20)),
                ("provider_reference", models.CharField(max_length=64)),
                ("sender", models.CharField(max_length=320)),
                ("subject", models.CharField(blank=True, default="", max_length=300)),
                ("text", models.TextField(blank=True, default="")),
                ("attachments", models.PositiveSmallIntegerField(default=0)),
                (
                    "classified",
                    models.CharField(
                        choices=[
                            ("stop", "Asks us to stop"),
                            ("maybe_stop", "Seems to ask us to stop"),
                            ("start", "Allows messages again"),
                            ("help", "Asks for help"),
                            ("other", "Writes to us"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Waits for an answer"), ("done", "Answered")],
                        default="open",
                        max_length=8,
                    ),
                ),
                (
                    "handled_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty while nobody knows whose address it came from.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="customers.customer",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replies",
                        to="customers.hold",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        blank=True,
                        help_text="What it answers, where that is known.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="notices.notice",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "replies",
                "ordering": ["-received_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["received_at", "id"],
                        name="reply_open",
                    ),
                    models.Index(
                        fields=["customer", "-received_at"], name="reply_timeline"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "provider_reference"), name="reply_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "done"])),
                        name="reply_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "classified__in",
                                ["stop", "maybe_stop", "start", "help", "other"],
                            )
                        ),
                        name="reply_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "open"),
                            ("handled_at__isnull", False),
                            _connector="OR",
                        ),
                        name="reply_done_says_when",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="templateversion",
            name="template_version_kind_known",
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "upcoming",
                            "friendly",
                            "reminder",
                            "call",
                            "formal",
                            "final",
                            "paperless",
                            "paperless_stopped",
                            "payment_address",
                            "bank_details",
                            "minimum_payment",
                            "bill_date",
                            "amount",
                            "terms",
                            "procedure",
                            "our_details",
                            "your_details",
                            "promise_confirmed",
                            "promise_broken",
                            "plan_confirmed",
                            "part_payment",
                            "payment_thanks",
                            "apology",
                            "correction",
                            "appointment",
                            "event",
                            "stop_confirmation",
                            "help_reply",
                        ],
                    )
                ),
                name="template_version_kind_known",
            ),
        ),
    ]
