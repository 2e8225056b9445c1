"""Print runs, their files and letters; a notice may stand in a print run."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# A file of a run is the archive of its letters: it is never written again.
STANDS = """
CREATE FUNCTION notices_print_file_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'print file % is the archive of its letters, it stands', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER notices_print_file_stands
    BEFORE UPDATE ON notices_printfile
    FOR EACH ROW EXECUTE FUNCTION notices_print_file_stands();
"""

FALLS = """
DROP TRIGGER notices_print_file_stands ON notices_printfile;
DROP FUNCTION notices_print_file_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0005_announcements")]

    operations = [
        migrations.CreateModel(
            name="PrintEvent",
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
                    "verb",
                    models.CharField(
                        choices=[
                            ("opened", "Made"),
                            ("closing", "Closing begun"),
                            ("closed", "Closed"),
                            ("posted", "Marked as posted"),
                            ("cancelled", "Cancelled"),
                            ("reprinted", "Printed again"),
                            ("returned", "Came back"),
                        ],
                        max_length=10,
                    ),
                ),
                ("by", models.CharField(blank=True, default="", max_length=150)),
                ("at", models.DateTimeField()),
                ("what", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PrintFile",
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
                    models.PositiveIntegerField(help_text="Counted through the run."),
                ),
                ("part", models.CharField(help_text="The weight class.", max_length=8)),
                ("name", models.CharField(max_length=120)),
                ("body", models.BinaryField()),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.BinaryField(max_length=32)),
                ("letters", models.PositiveIntegerField()),
                ("pages", models.PositiveIntegerField()),
                ("sheets", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="PrintItem",
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
                    "place",
                    models.CharField(
                        help_text="What letters are put in order by: the post code.",
                        max_length=300,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("printed", "Printed"),
                            ("pulled", "Taken out"),
                            ("released", "Back in line"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=40)),
                ("sequence", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "first_page",
                    models.PositiveIntegerField(
                        blank=True, help_text="In its file, counted from 1.", null=True
                    ),
                ),
                ("pages", models.PositiveSmallIntegerField(default=0)),
                ("sheets", models.PositiveSmallIntegerField(default=0)),
                (
                    "sha256",
                    models.BinaryField(
                        default=bytes,
                        help_text="Of the letter's own pages.",
                        max_length=32,
                    ),
                ),
                (
                    "address",
                    models.TextField(
                        blank=True, default="", help_text="As printed, a line each."
                    ),
                ),
                ("returned_on", models.DateField(blank=True, null=True)),
                (
                    "return_reason",
                    models.CharField(blank=True, default="", max_length=200),
                ),
            ],
            options={
                "ordering": ["sequence", "id"],
            },
        ),
        migrations.CreateModel(
            name="PrintRun",
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
                        default="letter",
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("closing", "Being printed to files"),
                            ("closed", "Ready to print and post"),
                            ("posted", "Posted"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("duplex", models.BooleanField(help_text="Printed on both sides.")),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(blank=True, default="", max_length=150)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("posted_on", models.DateField(blank=True, null=True)),
                ("letters", models.PositiveIntegerField(default=0)),
                ("pages", models.PositiveIntegerField(default=0)),
                ("sheets", models.PositiveIntegerField(default=0)),
                ("pulled", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("run_print", "Can make, close and post print runs"),
                    ("export_print", "Can download letters and address lists"),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_state_known",
        ),
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
                ],
                max_length=16,
            ),
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
            model_name="printitem",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="notices.printfile",
            ),
        ),
        migrations.AddField(
            model_name="printitem",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="print_items",
                to="notices.notice",
            ),
        ),
        migrations.AddField(
            model_name="printrun",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="notices.brand",
            ),
        ),
        migrations.AddField(
            model_name="printitem",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="notices.printrun",
            ),
        ),
        migrations.AddField(
            model_name="printfile",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="files",
                to="notices.printrun",
            ),
        ),
        migrations.AddField(
            model_name="printevent",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="notices.printrun",
            ),
        ),
        migrations.AddConstraint(
            model_name="printrun",
            constraint=models.UniqueConstraint(
                fields=("brand", "number"), name="print_run_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="printrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["open", "closing", "closed", "posted", "cancelled"])
                ),
                name="print_run_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="printrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "posted"), _negated=True),
                    ("posted_on__isnull", False),
                    _connector="OR",
                ),
                name="print_run_posted_says_when",
            ),
        ),
        migrations.AddIndex(
            model_name="printitem",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["run", "place", "id"],
                name="print_item_next",
            ),
        ),
        migrations.AddIndex(
            model_name="printitem",
            index=models.Index(fields=["run", "state"], name="print_item_states"),
        ),
        migrations.AddConstraint(
            model_name="printitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "printed"])),
                fields=("notice",),
                name="print_item_in_one_live_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="printitem",
            constraint=models.UniqueConstraint(
                fields=("run", "sequence"), name="print_item_sequence_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="printitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "printed"), _negated=True),
                    models.Q(
                        ("file__isnull", False),
                        ("first_page__isnull", False),
                        ("pages__gt", 0),
                        ("sequence__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="print_item_printed_stands_in_a_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="printitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "pulled"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="print_item_pulled_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="printfile",
            constraint=models.UniqueConstraint(
                fields=("run", "number"), name="print_file_number_once"
            ),
        ),
        migrations.RunSQL(STANDS, FALLS),
    ]
