"""Cutovers to e-bills: only ever added to, written down in the access log, and theirs
to confirm who may run campaigns."""

from __future__ import annotations

from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from campaigns.groups import give
from customers.migrations._watching import append_only, watched

SHOWN = ("day", "switched", "paper", "unreachable", "confirmed_by")


def let_managers_confirm(apps, schema_editor):
    """Give the group Managers the new right, where there is one."""
    room = apps.get_app_config("campaigns")
    room.models_module = True
    create_permissions(room, apps=apps, verbosity=0)
    room.models_module = None
    permissions = apps.get_model("auth", "Permission").objects
    for group in apps.get_model("auth", "Group").objects.filter(name="Managers"):
        give(group, ["campaigns.add_cutover"], permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0004_groups"),
        ("customers", "0015_missed_parts"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cutover",
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
                ("day", models.DateField(unique=True)),
                ("switched", models.PositiveIntegerField()),
                ("paper", models.PositiveIntegerField()),
                ("unreachable", models.PositiveIntegerField()),
                ("confirmed_by", models.CharField(max_length=150)),
                ("confirmed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-day"],
                "default_permissions": ("add",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", ""), _negated=True),
                        name="cutover_says_who",
                    ),
                ],
            },
        ),
        migrations.RunSQL(*append_only("campaigns_cutover")),
        migrations.RunSQL(*watched("campaigns_cutover", shown=SHOWN)),
        migrations.RunPython(let_managers_confirm, migrations.RunPython.noop),
    ]
