"""What a customer chose, as rows; what was changed stands for good."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import customers.sealed

# The function is that of the history of consents (0002).
REFUSE = """
CREATE TRIGGER consent_preference_change_no_rewrite
    BEFORE UPDATE OR DELETE ON consent_preferencechange
    FOR EACH ROW EXECUTE FUNCTION consent_history_refuses();
CREATE TRIGGER consent_preference_change_no_truncate
    BEFORE TRUNCATE ON consent_preferencechange
    FOR EACH STATEMENT EXECUTE FUNCTION consent_history_refuses();
"""
ALLOW = """
DROP TRIGGER consent_preference_change_no_truncate ON consent_preferencechange;
DROP TRIGGER consent_preference_change_no_rewrite ON consent_preferencechange;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0010_disclosures"),
        ("customers", "0008_region"),
    ]

    operations = [
        migrations.CreateModel(
            name="LinkRequest",
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
                ("email", customers.sealed.SealedTextField(max_length=320)),
                (
                    "customer_number",
                    customers.sealed.SealedTextField(
                        blank=True, default="", max_length=64
                    ),
                ),
                ("language", models.CharField(default="en", max_length=12)),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ContactChange",
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
                    "kind",
                    models.CharField(
                        choices=[("email", "E-mail"), ("mobile", "Mobile phone")],
                        max_length=8,
                    ),
                ),
                ("value", customers.sealed.SealedTextField(max_length=320)),
                ("address_print", models.BinaryField(max_length=32)),
                ("form_id", models.UUIDField()),
                ("notice_reference", models.CharField(max_length=32, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_changes",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "form_id"), name="contact_change_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["email", "mobile"])),
                        name="contact_change_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactWish",
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
                    "channel_order",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("email", "E-mail"),
                                ("sms", "Text message"),
                                ("call", "Phone call"),
                                ("letter", "Letter"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        help_text="Tried in this order, before the other channels of a step.",
                        size=None,
                    ),
                ),
                (
                    "best_time",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("morning", "In the morning"),
                            ("afternoon", "In the afternoon"),
                            ("evening", "In the evening"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "pay_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Day of the month on which money comes in: a hint for staff.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wish",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "channel_order__contained_by",
                                ["email", "sms", "call", "letter"],
                            )
                        ),
                        name="contact_wish_channels_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("best_time__in", ["", "morning", "afternoon", "evening"])
                        ),
                        name="contact_wish_time_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pay_day__isnull", True),
                            ("pay_day__range", (1, 31)),
                            _connector="OR",
                        ),
                        name="contact_wish_pay_day_in_a_month",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
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
                    "category",
                    models.CharField(
                        choices=[
                            ("bills", "Bills"),
                            ("reminders", "Payment reminders"),
                            ("contract_notices", "Changes to the contract"),
                            ("service_news", "News about the service"),
                            ("offers", "Offers"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("sms", "Text message"),
                            ("call", "Phone call"),
                            ("letter", "Letter"),
                        ],
                        max_length=8,
                    ),
                ),
                ("is_on", models.BooleanField()),
                ("since", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preferences",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "category", "channel"),
                        name="preference_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category__in", ["reminders", "service_news", "offers"])
                        ),
                        name="preference_can_be_switched",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ["email", "sms", "call", "letter"])
                        ),
                        name="preference_channel_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PreferenceChange",
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
                    "method",
                    models.CharField(
                        choices=[
                            ("web", "Preference page"),
                            ("stop_page", "Stop page"),
                            ("one_click", "Unsubscribe button of a mailbox"),
                        ],
                        max_length=12,
                    ),
                ),
                ("form_id", models.UUIDField(blank=True, null=True)),
                (
                    "notice_reference",
                    models.CharField(blank=True, default="", max_length=32),
                ),
                ("changes", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="preference_changes",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(
                        fields=["customer", "-id"], name="preference_change_history"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("form_id__isnull", False)),
                        fields=("customer", "form_id"),
                        name="preference_change_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("method__in", ["web", "stop_page", "one_click"])
                        ),
                        name="preference_change_method_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
