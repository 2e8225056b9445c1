"""The three people who may log in to the demo, and the groups they stand for.

Their passwords are printed on the screen, so nobody else may ever rely on them: only
the loading of the demo company creates these people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q

ROOMS = ("campaigns", "notices", "consent", "customers")

# What agents may do beside looking, as (room, codename).
AGENT_RIGHTS = frozenset(
    {
        ("campaigns", "change_campaign"),
        ("notices", "change_notice"),
        ("notices", "change_reply"),
        ("notices", "run_print"),
        ("notices", "export_print"),
        ("customers", "add_hold"),
        ("customers", "change_hold"),
        ("customers", "delete_hold"),
        ("customers", "add_payment"),
        ("consent", "add_consentevent"),
    }
)


@dataclass(frozen=True, slots=True)
class Login:
    """One person of the demo."""

    username: str
    password: str
    group: str
    may: str


LOGINS = (
    Login("vera", "vera-looks-around", "Viewers", "looks at everything"),
    Login("adam", "adam-answers-calls", "Agents", "pauses, starts and holds as well"),
    Login("ada", "ada-runs-the-house", "Administrators", "may do everything"),
)


def create_logins() -> None:
    """Create the groups with their rights, and the three people in them."""
    groups = {
        "Viewers": _viewing(),
        "Agents": [*_viewing(), *_acting()],
        "Administrators": Permission.objects.all(),
    }
    for name, rights in groups.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(rights)
    for login in LOGINS:
        is_admin = login.group == "Administrators"
        user = User.objects.create_user(
            login.username,
            password=login.password,
            first_name=login.username.capitalize(),
            is_staff=is_admin,
        )
        user.groups.add(Group.objects.get(name=login.group))


def are_created() -> bool:
    """Say whether the people of the demo may log in here."""
    usernames = [login.username for login in LOGINS]
    return User.objects.filter(username__in=usernames).count() == len(LOGINS)


def _viewing() -> Iterable[Permission]:
    return Permission.objects.filter(
        content_type__app_label__in=ROOMS, codename__startswith="view_"
    )


def _acting() -> Iterable[Permission]:
    wanted = Q(pk__in=())
    for room, codename in AGENT_RIGHTS:
        wanted |= Q(content_type__app_label=room, codename=codename)
    return Permission.objects.filter(wanted)
