"""What a migrated database is given: the rules of law that come with Duly."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from consent.models import RulePack
from consent.rulings import install_shipped


def after_migrate(
    sender: AppConfig, apps: Apps, using: str, verbosity: int = 1, **_: Any
) -> None:
    """Install the shipped packs once their table is there, and let Legal approve.

    The right is given with the first packs only: what a firm takes from the group
    later is not given back.
    """
    try:
        apps.get_model("consent", "RulePack")
    except LookupError:
        return
    is_first = not RulePack.objects.exists()
    install_shipped(now=timezone.now())
    if is_first:
        create_permissions(sender, verbosity=0, using=using)
        rights = Permission.objects.filter(
            content_type__app_label="consent",
            codename__in=["approve_rulepack", "change_rulepack", "view_rulepack"],
        )
        for group in Group.objects.filter(name="Legal"):
            group.permissions.add(*rights)
