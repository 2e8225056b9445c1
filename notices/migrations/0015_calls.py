"""Calls that people make: a task for each, and what came of every one."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_invoice_copies"),
        ("notices", "0014_intake"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallRecord",
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
                    "number",
                    models.PositiveSmallIntegerField(
                        help_text="Counted through the notice."
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("spoke", "Spoke, nothing agreed"),
                            ("promised", "Will pay on a day"),
                            ("paid", "Says it is paid"),
                            ("copy", "Wants a copy of the bill"),
                            ("parts", "Wants to pay in parts"),
                            ("dispute", "Something is wrong with the bill"),
                            ("hardship", "Is in difficulty"),
                            ("call_back", "Asked to be called at another time"),
                            ("no_answer", "No answer"),
                            ("busy", "Busy"),
                            ("message", "Left a message"),
                            ("wrong_number", "Wrong number"),
                            ("no_calls", "Wants no more calls"),
                        ],
                        max_length=12,
                    ),
                ),
                ("phone", models.CharField(max_length=320)),
                ("by", models.CharField(max_length=150)),
                ("started_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("promised_on", models.DateField(blank=True, null=True)),
                (
                    "amount",
                    models.DecimalField(
                        blank=True, decimal_places=3, max_digits=16, null=True
                    ),
                ),
                ("currency", models.CharField(blank=True, default="", max_length=3)),
                ("call_back_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "follow_up",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("check_payment", "Check whether it was paid"),
                            ("send_copy", "Send a copy of the bill"),
                            ("write_plan", "Agree the parts in writing"),
                            ("check_bill", "Check what is wrong with the bill"),
                            ("decide", "Decide how to help"),
                            ("find_number", "Find the right number"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("done_by", models.CharField(blank=True, default="", max_length=150)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CallTask",
            fields=[
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="call_task",
                        serialize=False,
                        to="notices.notice",
                    ),
                ),
                (
                    "laid_out_at",
                    models.DateTimeField(help_text="When it first came on the desk."),
                ),
                (
                    "callable_until",
                    models.DateTimeField(
                        help_text="When quiet hours begin in the first zone the phone may ring in."
                    ),
                ),
                (
                    "due_by",
                    models.DateTimeField(
                        help_text="From then on it is too late, and the ladder goes on without it."
                    ),
                ),
                (
                    "wanted_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the customer asked to be called.",
                        null=True,
                    ),
                ),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Calls that reached nobody."
                    ),
                ),
                ("locked_by", models.CharField(blank=True, default="", max_length=150)),
                ("locked_until", models.DateTimeField(blank=True, null=True)),
                (
                    "started_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it was last taken in hand.",
                        null=True,
                    ),
                ),
                ("phone", models.CharField(blank=True, default="", max_length=320)),
                (
                    "script",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="As it stood before who has it in hand.",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("make_calls", "Can make calls and note what came of them")
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_state_known",
        ),
        migrations.AlterField(
            model_name="notice",
            name="state",
            field=models.CharField(
                choices=[
                    ("scheduled", "In line"),
                    ("claimed", "On its way"),
                    ("handing_off", "Being handed over"),
                    ("printing", "In a print run"),
                    ("calling", "Call today"),
                    ("sent", "Handed over"),
                    ("delivered", "Delivered"),
                    ("held", "Waiting for staff"),
                    ("suppressed", "Not sent"),
                    ("failed", "Could not deliver"),
                    ("unknown", "Not known whether it went"),
                    ("cancelled", "Cancelled"),
                    ("expired", "Too late to be of use"),
                ],
                default="scheduled",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("state", "calling")),
                fields=["stream"],
                name="notice_calling",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "scheduled",
                            "claimed",
                            "handing_off",
                            "printing",
                            "calling",
                            "sent",
                            "delivered",
                            "held",
                            "suppressed",
                            "failed",
                            "unknown",
                            "cancelled",
                            "expired",
                        ],
                    )
                ),
                name="notice_state_known",
            ),
        ),
        migrations.AddField(
            model_name="callrecord",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="notices.notice",
            ),
        ),
        migrations.AddIndex(
            model_name="calltask",
            index=models.Index(
                condition=models.Q(("locked_by", ""), _negated=True),
                fields=["locked_by"],
                name="call_task_in_hand",
            ),
        ),
        migrations.AddConstraint(
            model_name="calltask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("locked_by", ""), ("locked_until__isnull", True)),
                    models.Q(
                        models.Q(("locked_by", ""), _negated=True),
                        ("locked_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="call_task_lock_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="callrecord",
            index=models.Index(
                condition=models.Q(
                    models.Q(("follow_up", ""), _negated=True),
                    ("done_at__isnull", True),
                ),
                fields=["id"],
                name="call_follow_ups",
            ),
        ),
        migrations.AddIndex(
            model_name="callrecord",
            index=models.Index(fields=["by", "-at"], name="call_record_lately"),
        ),
        migrations.AddConstraint(
            model_name="callrecord",
            constraint=models.UniqueConstraint(
                fields=("notice", "number"), name="call_record_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="callrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        [
                            "spoke",
                            "promised",
                            "paid",
                            "copy",
                            "parts",
                            "dispute",
                            "hardship",
                            "call_back",
                            "no_answer",
                            "busy",
                            "message",
                            "wrong_number",
                            "no_calls",
                        ],
                    )
                ),
                name="call_record_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="callrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "promised"), _negated=True),
                    models.Q(
                        ("amount__gt", 0),
                        ("promised_on__isnull", False),
                        models.Q(("currency", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="call_record_promise_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="callrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "call_back"), _negated=True),
                    ("call_back_at__isnull", False),
                    _connector="OR",
                ),
                name="call_record_call_back_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="callrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("at__gte", models.F("started_at"))),
                name="call_record_ends_after_start",
            ),
        ),
    ]
