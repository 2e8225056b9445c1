"""Texts are drafted, read, approved and retired; notices carry facts of their own."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import notices.models.wording


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_what_an_invoice_is_for"),
        ("notices", "0002_hot_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="CopyDictionary",
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
                        choices=[
                            ("email", "E-mail"),
                            ("sms", "Text message"),
                            ("call", "Phone call"),
                            ("letter", "Letter"),
                            ("postcard", "Postcard"),
                        ],
                        max_length=8,
                    ),
                ),
                ("body", models.BinaryField()),
                ("sha256", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name_plural": "copy dictionaries",
            },
        ),
        migrations.AlterModelOptions(
            name="templateversion",
            options={
                "ordering": ["key", "channel", "language", "-version"],
                "permissions": [
                    ("approve_templateversion", "Can approve and retire wordings")
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_channel_known",
        ),
        migrations.RemoveConstraint(
            model_name="templateversion",
            name="template_version_channel_known",
        ),
        migrations.RemoveConstraint(
            model_name="templateversion",
            name="template_version_email_has_subject",
        ),
        migrations.AddField(
            model_name="brand",
            name="consequences_basis",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Where contract or law allow this, such as “Terms, §7”.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="duplex",
            field=models.BooleanField(default=True, help_text="Print on both sides."),
        ),
        migrations.AddField(
            model_name="brand",
            name="envelope",
            field=models.CharField(
                choices=[
                    ("din_b", "DIN 5008 form B (DL, C6/5)"),
                    ("din_a", "DIN 5008 form A (DL, C6/5)"),
                    ("uk_c5", "UK C5"),
                    ("uk_dl", "UK DL"),
                    ("us_10", "US No. 10"),
                ],
                default="din_b",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="fax",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="brand",
            name="holds_goods",
            field=models.BooleanField(
                default=False,
                help_text="We hold goods until late invoices are paid. Only then may a text say so.",
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="logo",
            field=models.BinaryField(
                blank=True,
                default=bytes,
                help_text="The letterhead's picture as PNG, checked and redrawn at upload.",
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="paper",
            field=models.CharField(
                choices=[("a4", "A4"), ("letter", "US Letter")],
                default="a4",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="passes_on_costs",
            field=models.BooleanField(
                default=False,
                help_text="The contract lets us pass on the cost of late payment.",
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="payments_contact",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Name and number of the department for payments, if it has its own.",
                max_length=120,
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="recycles",
            field=models.BooleanField(
                default=True, help_text="Ask readers of letters to recycle them."
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="refuses_orders",
            field=models.BooleanField(
                default=False,
                help_text="We take no new orders while invoices are late.",
            ),
        ),
        migrations.AddField(
            model_name="brand",
            name="slip",
            field=models.CharField(
                choices=[
                    ("plain", "Plain slip with the reference"),
                    ("epc", "SEPA slip with EPC QR code"),
                    ("swiss", "Swiss QR-bill"),
                ],
                default="plain",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="about",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="Facts of its own, by field: a change, a promise, a visit.",
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="approved_by",
            field=models.CharField(blank=True, default="", max_length=150),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="created_by",
            field=models.CharField(blank=True, default="", max_length=150),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="kind",
            field=models.CharField(
                choices=notices.models.wording.kind_choices,
                default="reminder",
                max_length=30,
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="note",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Why it was changed.",
                max_length=300,
                verbose_name="why",
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("in_review", "In review"),
                    ("approved", "Approved"),
                    ("retired", "Retired"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="translated_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="translations",
                to="notices.templateversion",
            ),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="waivers",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Reasons given for findings that were passed over, by their code.",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="channel",
            field=models.CharField(
                choices=[
                    ("email", "E-mail"),
                    ("sms", "Text message"),
                    ("call", "Phone call"),
                    ("letter", "Letter"),
                    ("postcard", "Postcard"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="sandboxmessage",
            name="channel",
            field=models.CharField(
                choices=[
                    ("email", "E-mail"),
                    ("sms", "Text message"),
                    ("call", "Phone call"),
                    ("letter", "Letter"),
                    ("postcard", "Postcard"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="templateversion",
            name="channel",
            field=models.CharField(
                choices=notices.models.wording.form_choices,
                max_length=8,
                verbose_name="for",
            ),
        ),
        migrations.AlterField(
            model_name="templateversion",
            name="published_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="brand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("holds_goods", False),
                        ("passes_on_costs", False),
                        ("refuses_orders", False),
                    ),
                    models.Q(("consequences_basis", ""), _negated=True),
                    _connector="OR",
                ),
                name="brand_consequences_have_basis",
                violation_error_message="Say on what contract or law the consequences rest.",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel__in", ["email", "sms", "call", "letter", "postcard"])
                ),
                name="notice_channel_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "channel__in",
                        [
                            "written",
                            "email",
                            "letter",
                            "sms",
                            "call",
                            "postcard",
                            "insert",
                            "public",
                        ],
                    )
                ),
                name="template_version_channel_known",
            ),
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
                        ],
                    )
                ),
                name="template_version_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "in_review", "approved", "retired"])
                ),
                name="template_version_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["approved", "retired"]), _negated=True),
                    ("published_at__isnull", False),
                    _connector="OR",
                ),
                name="template_version_published_when_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("channel__in", ["written", "email", "letter", "public"]),
                        _negated=True,
                    ),
                    models.Q(("subject", ""), _negated=True),
                    _connector="OR",
                ),
                name="template_version_email_has_subject",
            ),
        ),
        migrations.AddField(
            model_name="copydictionary",
            name="template",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dictionaries",
                to="notices.templateversion",
            ),
        ),
        migrations.AddField(
            model_name="sentcopy",
            name="dictionary",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="copies",
                to="notices.copydictionary",
            ),
        ),
    ]
