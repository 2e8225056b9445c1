"""Every right a page asks for is held by somebody who is not an administrator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User

from campaigns.groups import GROUPS, LOOKING, ROOMS, give

_RIGHT = re.compile(
    rf"""["'.]((?:{"|".join(ROOMS)})\.(?:add|change|delete|view|approve|bind|publish|"""
    r"""make|run|export|erase|keep|stop)_[a-z]+)\b"""
)
_PLACES = (
    *(f"{room}/**/views/**/*.py" for room in ROOMS),
    *(f"{room}/admin/**/*.py" for room in ROOMS),
    *(f"{room}/admin.py" for room in ROOMS),
    "campaigns/texts_waiting.py",
    "templates/**/*.html",
)


def asked_for() -> set[str]:
    """Return the rights named in views and templates, as "room.codename"."""
    root = Path(settings.BASE_DIR)
    files = {path for place in _PLACES for path in root.glob(place)}
    found = {
        right
        for path in files
        for right in _RIGHT.findall(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 25
    return found


def test_each_right_that_a_page_asks_for_is_held_by_a_group_that_comes_with_duly() -> (
    None
):
    held = set().union(*GROUPS.values())
    looks = {right for right in asked_for() if ".view_" in right}

    assert asked_for() - held - looks == set()


@pytest.mark.django_db
def test_each_right_of_a_group_is_one_that_there_is() -> None:
    known = {
        f"{room}.{codename}"
        for room, codename in Permission.objects.values_list(
            "content_type__app_label", "codename"
        )
    }

    assert set().union(*GROUPS.values()) <= known


@pytest.mark.django_db
def test_a_new_database_has_the_groups_with_their_rights() -> None:
    for name, rights in GROUPS.items():
        user = User.objects.create(username=name)
        user.groups.add(Group.objects.get(name=name))
        assert user.has_perms(rights), name
    viewer = User.objects.create(username="viewer")
    viewer.groups.add(Group.objects.get(name=LOOKING))
    assert viewer.has_perm("customers.view_customer")
    assert not viewer.has_perm("customers.view_accessentry")
    assert not [right for right in viewer.get_all_permissions() if "view_" not in right]


@pytest.mark.django_db
def test_two_people_of_data_protection_can_erase_and_read_who_looked() -> None:
    group = Group.objects.create(name="Ours")
    give(group, GROUPS["Data protection"], Permission.objects)
    user = User.objects.create(username="dora")
    user.groups.add(group)

    assert user.has_perms(
        [
            "customers.erase_person",
            "customers.export_person",
            "customers.keep_evidence",
            "customers.view_accessentry",
        ]
    )
    assert not user.has_perm("campaigns.change_campaign")
