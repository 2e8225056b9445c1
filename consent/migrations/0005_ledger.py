"""The history gains its chain: places, hashes, what was shown, and what can be erased."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import customers.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0005_links"),
        ("customers", "0004_reply_hold"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentDetail",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="detail",
                        serialize=False,
                        to="consent.consentevent",
                    ),
                ),
                ("address", customers.sealed.SealedTextField(blank=True, null=True)),
                ("ip", customers.sealed.SealedTextField(blank=True, null=True)),
                ("user_agent", customers.sealed.SealedTextField(blank=True, null=True)),
                ("url", customers.sealed.SealedTextField(blank=True, null=True)),
                ("words", customers.sealed.SealedTextField(blank=True, null=True)),
                ("more", customers.sealed.SealedJSONField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ConsentSubject",
            fields=[
                (
                    "ref",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("salt", customers.sealed.SealedBinaryField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="consentevent",
            name="consent_event_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="consentevent",
            name="consent_event_method_known",
        ),
        migrations.RemoveIndex(
            model_name="consentevent",
            name="consent_event_history",
        ),
        migrations.AddField(
            model_name="consentevent",
            name="address_print",
            field=models.BinaryField(blank=True, max_length=32, null=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="basis",
            field=models.CharField(
                blank=True,
                choices=[
                    ("esign_consent", "Consent to electronic records"),
                    ("contract", "Contract"),
                    ("legal_obligation", "Legal obligation"),
                    ("vat_acceptance", "Acceptance of e-invoices"),
                    ("mandate", "E-invoicing mandate"),
                    ("promo_consent", "Consent to offers"),
                ],
                default="",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="categories",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("bills", "Bills"),
                        ("reminders", "Payment reminders"),
                        ("contract_notices", "Changes to the contract"),
                        ("service_news", "News about the service"),
                        ("offers", "Offers"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="channel",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="commitments",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="disclosure_ref",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="effective_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="hash",
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="hwsw_version",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="jurisdiction",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="language",
            field=models.CharField(blank=True, default="", max_length=12),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="prev_hash",
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="record_id",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="rendered_sha256",
            field=models.BinaryField(blank=True, max_length=32, null=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="salt_ref",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="schema_version",
            field=models.PositiveSmallIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="seq",
            field=models.PositiveIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="ui_version",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="valid_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="consentstate",
            name="address_print",
            field=models.BinaryField(blank=True, max_length=32, null=True),
        ),
        migrations.AddField(
            model_name="consentstate",
            name="categories",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("bills", "Bills"),
                        ("reminders", "Payment reminders"),
                        ("contract_notices", "Changes to the contract"),
                        ("service_news", "News about the service"),
                        ("offers", "Offers"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="consentstate",
            name="effective_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="consentstate",
            name="hwsw_version",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="consentstate",
            name="valid_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consent_events",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="method",
            field=models.CharField(
                choices=[
                    ("import", "Import"),
                    ("agent", "Told to staff"),
                    ("sms_keyword", "Text message"),
                    ("reply", "Reply to an e-mail"),
                    ("provider", "Told by the provider"),
                    ("web", "Web page"),
                    ("paper_form", "Paper form"),
                    ("one_click", "Unsubscribe button"),
                    ("phone", "Phone call"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="recorded_at",
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("offered", "Invited"),
                    ("served", "Was shown what it means"),
                    ("pending", "Said yes, access not yet shown"),
                    ("granted", "Agreed"),
                    ("refused", "Wants paper"),
                    ("unproven", "Agreed, by an imported note without proof"),
                    ("withdrawn", "Withdrew"),
                    ("stale", "Agreed under requirements that have changed"),
                    ("expired", "Ended by its date"),
                    ("superseded", "Replaced by a newer consent"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="consentstate",
            name="state",
            field=models.CharField(
                choices=[
                    ("offered", "Invited"),
                    ("served", "Was shown what it means"),
                    ("pending", "Said yes, access not yet shown"),
                    ("granted", "Agreed"),
                    ("refused", "Wants paper"),
                    ("unproven", "Agreed, by an imported note without proof"),
                    ("withdrawn", "Withdrew"),
                    ("stale", "Agreed under requirements that have changed"),
                    ("expired", "Ended by its date"),
                    ("superseded", "Replaced by a newer consent"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.UniqueConstraint(
                fields=("customer", "seq"), name="consent_event_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "offered",
                            "served",
                            "pending",
                            "granted",
                            "refused",
                            "unproven",
                            "withdrawn",
                            "stale",
                            "expired",
                            "superseded",
                        ],
                    )
                ),
                name="consent_event_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "method__in",
                        [
                            "import",
                            "agent",
                            "sms_keyword",
                            "reply",
                            "provider",
                            "web",
                            "paper_form",
                            "one_click",
                            "phone",
                        ],
                    )
                ),
                name="consent_event_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "basis__in",
                        [
                            "",
                            "esign_consent",
                            "contract",
                            "legal_obligation",
                            "vat_acceptance",
                            "mandate",
                            "promo_consent",
                        ],
                    )
                ),
                name="consent_event_basis_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "categories__contained_by",
                        [
                            "bills",
                            "reminders",
                            "contract_notices",
                            "service_news",
                            "offers",
                        ],
                    )
                ),
                name="consent_event_categories_known",
            ),
        ),
        migrations.AddField(
            model_name="consentsubject",
            name="customer",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consent_subject",
                to="customers.customer",
            ),
        ),
    ]
