"""What the firm says to everybody; what was put up is history and stays as it was."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import notices.models.announcements

STAND = """
CREATE FUNCTION notices_releases_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'release % of an announcement is history and stays', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER notices_releases_stand
    BEFORE UPDATE OR DELETE ON notices_announcementrelease
    FOR EACH ROW EXECUTE FUNCTION notices_releases_stand();
"""

FALL = """
DROP TRIGGER notices_releases_stand ON notices_announcementrelease;
DROP FUNCTION notices_releases_stand();
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_approved_words_stand")]

    operations = [
        migrations.CreateModel(
            name="Announcement",
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
                ("slug", models.SlugField(max_length=60, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=notices.models.announcements.announced_kinds,
                        max_length=30,
                    ),
                ),
                (
                    "importance",
                    models.CharField(
                        choices=[
                            ("urgent", "Urgent: act at once"),
                            ("important", "Important"),
                            ("routine", "Routine"),
                        ],
                        default="routine",
                        max_length=10,
                    ),
                ),
                ("about", models.JSONField(blank=True, default=dict)),
                ("publish_at", models.DateTimeField(blank=True, null=True)),
                ("withdraw_at", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "created_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False
                    ),
                ),
                (
                    "changed_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="notices.brand",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
                "permissions": [
                    ("publish_announcement", "Can publish and withdraw announcements")
                ],
            },
        ),
        migrations.CreateModel(
            name="AnnouncementRelease",
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
                    "action",
                    models.CharField(
                        choices=[
                            ("published", "Published"),
                            ("corrected", "Corrected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=150)),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                (
                    "importance",
                    models.CharField(
                        choices=[
                            ("urgent", "Urgent: act at once"),
                            ("important", "Important"),
                            ("routine", "Routine"),
                        ],
                        max_length=10,
                    ),
                ),
                ("publish_at", models.DateTimeField()),
                ("withdraw_at", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField()),
                ("content", models.JSONField(blank=True, default=dict)),
                (
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="notices.announcement",
                    ),
                ),
            ],
            options={
                "ordering": ["announcement", "-number"],
            },
        ),
        migrations.CreateModel(
            name="AnnouncementText",
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
                ("language", models.CharField(max_length=12)),
                ("heading", models.CharField(blank=True, default="", max_length=300)),
                ("body", models.TextField(blank=True, default="")),
                ("about", models.JSONField(blank=True, default=dict)),
                ("questions", models.JSONField(blank=True, default=list)),
                (
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="notices.announcement",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="notices.templateversion",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("importance__in", ["urgent", "important", "routine"])
                ),
                name="announcement_importance_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("publish_at__isnull", True),
                    ("withdraw_at__isnull", True),
                    ("withdraw_at__gt", models.F("publish_at")),
                    _connector="OR",
                ),
                name="announcement_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcementrelease",
            constraint=models.UniqueConstraint(
                fields=("announcement", "number"), name="announcement_release_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="announcementrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("action__in", ["published", "corrected", "withdrawn"])
                ),
                name="announcement_release_action_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcementtext",
            constraint=models.UniqueConstraint(
                fields=("announcement", "language"), name="announcement_text_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="announcementtext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("body", ""), ("heading", ""), ("template__isnull", False)
                    ),
                    models.Q(
                        ("template__isnull", True),
                        models.Q(("heading", ""), _negated=True),
                        models.Q(("body", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="announcement_text_of_one_source",
            ),
        ),
        migrations.RunSQL(STAND, FALL),
    ]
