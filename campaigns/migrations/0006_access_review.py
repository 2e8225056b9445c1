"""Access reviews: only ever added to, written down in the access log, and theirs to
confirm who read that log."""

from __future__ import annotations

from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from campaigns.groups import give
from customers.migrations._watching import append_only, watched

SHOWN = ("begins_on", "people", "silent", "reads", "taken", "confirmed_by")


def let_data_protection_confirm(apps, schema_editor):
    """Give the group Data protection the new right, where there is one."""
    room = apps.get_app_config("campaigns")
    room.models_module = True
    create_permissions(room, apps=apps, verbosity=0)
    room.models_module = None
    permissions = apps.get_model("auth", "Permission").objects
    for group in apps.get_model("auth", "Group").objects.filter(name="Data protection"):
        give(group, ["campaigns.add_accessreview"], permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0005_cutover"),
        ("customers", "0015_missed_parts"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessReview",
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
                    "begins_on",
                    models.DateField(
                        help_text="The first day of the quarter that was looked at.",
                        unique=True,
                    ),
                ),
                (
                    "people",
                    models.PositiveIntegerField(help_text="Who could log in."),
                ),
                (
                    "silent",
                    models.PositiveIntegerField(
                        help_text="Those of them who have not logged in since the "
                        "quarter began."
                    ),
                ),
                (
                    "reads",
                    models.PositiveIntegerField(
                        help_text="Documents of customers read."
                    ),
                ),
                (
                    "taken",
                    models.PositiveIntegerField(help_text="Files and lists taken out."),
                ),
                ("confirmed_by", models.CharField(max_length=150)),
                ("confirmed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-begins_on"],
                "default_permissions": ("add",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", ""), _negated=True),
                        name="access_review_says_who",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("begins_on__day", 1),
                            ("begins_on__month__in", [1, 4, 7, 10]),
                        ),
                        name="access_review_of_a_quarter",
                    ),
                ],
            },
        ),
        migrations.RunSQL(*append_only("campaigns_accessreview")),
        migrations.RunSQL(*watched("campaigns_accessreview", shown=SHOWN)),
        migrations.RunPython(let_data_protection_confirm, migrations.RunPython.noop),
    ]
