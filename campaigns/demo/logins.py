"""The three people who may log in to the demo, and the groups they stand for.

Their passwords are printed on the screen, so nobody else may ever rely on them: only
the loading of the demo company creates these people.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission, User

from campaigns.groups import GROUPS, LOOKING, SEES_ALL, give, viewing


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
        ("Agents", "Legal", "Data protection"),
        "pauses, starts and holds, approves texts that others wrote and erasures that "
        "others asked for",
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
RUNNING = "Administrators"


def create_logins() -> None:
    """Create the groups with their rights, and the three people in them."""
    for name in (LOOKING, *GROUPS, RUNNING):
        group, _ = Group.objects.get_or_create(name=name)
        if name == RUNNING:
            group.permissions.set(Permission.objects.all())
            continue
        give(group, GROUPS.get(name, ()), Permission.objects)
        if name in SEES_ALL:
            group.permissions.add(*viewing(Permission.objects))
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
