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
        ("notices", "make_calls"),
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
    groups: tuple[str, ...]
    may: str


LOGINS = (
    Login("vera", "vera-looks-around", ("Viewers",), "looks at everything"),
    Login(
        "adam",
        "adam-answers-calls",
        ("Agents", "Legal"),
        "pauses, starts and holds, and approves texts that others wrote",
    ),
    Login(
        "ada",
        "ada-runs-the-house",
        ("Administrators",),
        "may do everything, but not approve her own texts",
    ),
)
# Whoever works in Settings, where texts are: the stock pages ask for it.
SETTLED = frozenset({"Administrators", "Legal"})


def create_logins() -> None:
    """Create the groups with their rights, and the three people in them."""
    groups = {
        "Viewers": _viewing(),
        "Agents": [*_viewing(), *_acting()],
        "Legal": _approving(),
        "Administrators": Permission.objects.all(),
    }
    for name, rights in groups.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(rights)
    for login in LOGINS:
        user = User.objects.create_user(
            login.username,
            # Where a test of a text goes; in the demo it goes to the sandbox.
            email=f"{login.username}@larkmoor.example",
            password=login.password,
            first_name=login.username.capitalize(),
            is_staff=not SETTLED.isdisjoint(login.groups),
        )
        user.groups.set(Group.objects.filter(name__in=login.groups))


def are_created() -> bool:
    """Say whether the people of the demo may log in here."""
    usernames = [login.username for login in LOGINS]
    return User.objects.filter(username__in=usernames).count() == len(LOGINS)


def _viewing() -> Iterable[Permission]:
    return Permission.objects.filter(
        content_type__app_label__in=ROOMS, codename__startswith="view_"
    )


def _approving() -> Iterable[Permission]:
    return Permission.objects.filter(
        Q(
            content_type__app_label="notices",
            codename__in=(
                "view_templateversion",
                "approve_templateversion",
                "bind_templateversion",
            ),
        )
        | Q(
            content_type__app_label="consent",
            codename__in=("view_rulepack", "change_rulepack", "approve_rulepack"),
        )
    )


def _acting() -> Iterable[Permission]:
    wanted = Q(pk__in=())
    for room, codename in AGENT_RIGHTS:
        wanted |= Q(content_type__app_label=room, codename=codename)
    return Permission.objects.filter(wanted)
