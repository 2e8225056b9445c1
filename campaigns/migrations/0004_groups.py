"""The groups that come with Duly, so that a firm need not invent them.

A group of the same name that a firm has made stays as it is; Legal, which an earlier
version made, is given what came since: to publish disclosures.
"""

from __future__ import annotations

from django.contrib.auth.management import create_permissions
from django.db import migrations

from campaigns.groups import GROUPS, LOOKING, SEES_ALL, give, viewing

NEW_FOR_LEGAL = (
    "consent.view_disclosure",
    "consent.change_disclosure",
    "consent.publish_disclosure",
)


def make_groups(apps, schema_editor):
    """Make the groups; in a new database the rights are not there yet."""
    for room in apps.get_app_configs():
        room.models_module = True
        create_permissions(room, apps=apps, verbosity=0)
        room.models_module = None
    groups = apps.get_model("auth", "Group").objects
    permissions = apps.get_model("auth", "Permission").objects
    for name in {LOOKING: None, **GROUPS}:
        group, is_new = groups.get_or_create(name=name)
        if name == "Legal":
            give(group, NEW_FOR_LEGAL, permissions)
        elif is_new:
            give(group, GROUPS.get(name, ()), permissions)
            if name in SEES_ALL:
                group.permissions.add(*viewing(permissions))


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_planned_start"),
        ("notices", "0029_days_and_hours"),
        ("consent", "0014_own_copy"),
        ("customers", "0015_missed_parts"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
