"""What customers answer on their page, what they may choose there, and surveys."""

from __future__ import annotations

import datetime
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import customers.sealed
import notices.models.brand
import notices.models.notices
import notices.models.surveys


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_offers"),
        ("notices", "0024_privacy"),
    ]

    operations = [
        migrations.AddField(
            model_name="brand",
            name="pay_url",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Where customers pay online: https://…, with {reference} and {amount} where the payment page takes them.",
                max_length=300,
                validators=[notices.models.brand.validate_pay_url],
                verbose_name="pay page",
            ),
        ),
        migrations.CreateModel(
            name="Answer",
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
                    "reference",
                    models.CharField(
                        default=notices.models.notices.new_reference, max_length=12
                    ),
                ),
                ("form_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("paid", "Says it is paid"),
                            ("promise", "Will pay on a day"),
                            ("parts", "Pays in parts"),
                            ("call", "Wants to be called"),
                            ("details", "Has other details"),
                            ("dispute", "Something is wrong with the bill"),
                            ("hardship", "Needs care"),
                            ("not_me", "Is not the customer"),
                            ("read", "Has read the notice"),
                            ("question", "Has a question"),
                        ],
                        max_length=8,
                    ),
                ),
                ("facts", customers.sealed.SealedJSONField()),
                (
                    "text",
                    customers.sealed.SealedTextField(
                        blank=True, default="", max_length=2000
                    ),
                ),
                ("received_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for staff"),
                            ("done", "Dealt with"),
                            ("replaced", "Replaced by a later answer"),
                        ],
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
                    "call",
                    models.ForeignKey(
                        blank=True,
                        help_text="The call that was asked for, where it lies on the desk.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="asked_in",
                        to="notices.notice",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="customers.customer",
                    ),
                ),
                (
                    "holds",
                    models.ManyToManyField(
                        blank=True, related_name="answers", to="customers.hold"
                    ),
                ),
                (
                    "invoices",
                    models.ManyToManyField(
                        blank=True, related_name="answers", to="customers.invoice"
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        blank=True,
                        help_text="What it answers; empty where the link came with no message.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="notices.notice",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="answers",
                        to="customers.plan",
                    ),
                ),
            ],
            options={
                "ordering": ["-received_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="AnswerFile",
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
                ("name", customers.sealed.SealedTextField(max_length=120)),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("body", customers.sealed.SealedBinaryField()),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="notices.answer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AnswerLimits",
            fields=[
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="answer_limits",
                        serialize=False,
                        to="notices.brand",
                    ),
                ),
                (
                    "paid_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        help_text="Bank days until reminders go on, if the money has not come.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="wait after “I have paid”",
                    ),
                ),
                (
                    "promise_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="Days ahead that a customer may promise to pay on.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(180),
                        ],
                        verbose_name="longest promise",
                    ),
                ),
                (
                    "parts_most",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(12),
                        ],
                        verbose_name="most parts",
                    ),
                ),
                (
                    "parts_smallest",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("20.00"),
                        help_text="In the currency of the bill.",
                        max_digits=12,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0.01"))
                        ],
                        verbose_name="smallest part",
                    ),
                ),
                (
                    "parts_days",
                    models.PositiveSmallIntegerField(
                        default=92,
                        help_text="Days until the last part is paid.",
                        validators=[
                            django.core.validators.MinValueValidator(14),
                            django.core.validators.MaxValueValidator(730),
                        ],
                        verbose_name="longest plan",
                    ),
                ),
                (
                    "parts_at_once",
                    models.BooleanField(
                        default=True,
                        help_text="Without it staff say yes or no to each plan.",
                        verbose_name="parts are agreed at once",
                    ),
                ),
                (
                    "calls_from",
                    models.TimeField(
                        default=datetime.time(9, 0), verbose_name="we call from"
                    ),
                ),
                (
                    "calls_until",
                    models.TimeField(
                        default=datetime.time(17, 0), verbose_name="we call until"
                    ),
                ),
                (
                    "help_name",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Shown to who is having difficulty, such as a free advice service.",
                        max_length=120,
                        verbose_name="who helps with debts",
                    ),
                ),
                (
                    "help_url",
                    models.URLField(
                        blank=True, default="", verbose_name="their address"
                    ),
                ),
            ],
            options={
                "verbose_name": "what customers may choose",
                "verbose_name_plural": "what customers may choose",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("calls_from__lt", models.F("calls_until"))),
                        name="answer_limits_calls_in_order",
                        violation_error_message="“Until” must come after “from”.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Survey",
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
                ("name", models.CharField(max_length=120)),
                (
                    "is_open",
                    models.BooleanField(
                        default=True,
                        help_text="The newest open survey of a firm is shown.",
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="surveys",
                        to="notices.brand",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SurveyQuestion",
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
                    "position",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3),
                        ]
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("scale", "From 1 to 5"),
                            ("yes_no", "Yes or no"),
                            ("text", "Own words"),
                        ],
                        default="scale",
                        max_length=8,
                    ),
                ),
                (
                    "words",
                    models.JSONField(
                        help_text='By language: {"en": "How easy was this?", "pl": "…"}. Readers of another language see the English words.',
                        validators=[notices.models.surveys.one_text_a_language],
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="notices.survey",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="SurveyMark",
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
                    "mark",
                    models.PositiveSmallIntegerField(
                        help_text="1 to 5; 1 is yes.", null=True
                    ),
                ),
                (
                    "text",
                    customers.sealed.SealedTextField(
                        blank=True, default="", max_length=500
                    ),
                ),
                ("given_at", models.DateTimeField()),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="notices.answer",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="notices.surveyquestion",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["received_at", "id"],
                name="answer_open",
            ),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                fields=["customer", "-received_at"], name="answer_timeline"
            ),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(fields=["received_at", "kind"], name="answer_by_reason"),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(
                fields=("reference",), name="answer_reference_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(
                fields=("form_id",), name="answer_form_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "paid",
                            "promise",
                            "parts",
                            "call",
                            "details",
                            "dispute",
                            "hardship",
                            "not_me",
                            "read",
                            "question",
                        ],
                    )
                ),
                name="answer_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "done", "replaced"])),
                name="answer_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "open"), ("handled_at__isnull", False), _connector="OR"
                ),
                name="answer_done_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyquestion",
            constraint=models.UniqueConstraint(
                fields=("survey", "position"), name="survey_question_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1), ("position__lte", 3)),
                name="survey_has_three_questions",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveymark",
            constraint=models.UniqueConstraint(
                fields=("question", "answer"), name="survey_mark_once"
            ),
        ),
    ]
