"""Profiles by name: each one used is kept, and may be named instead of its file."""

from __future__ import annotations

from pathlib import Path

from customers.imports.profile import Profile
from customers.imports.refused import FileRefused
from customers.models import ImportProfile


def profile_named(named: str) -> Profile:
    """Return the profile of a JSON file, or the kept one of that name.

    :raises FileRefused: ``profile_unreadable`` or ``bad_profile``, saying which
        profiles are kept.
    """
    if Path(named).exists():
        return Profile.load(named)
    kept = ImportProfile.objects.filter(name=named).first()
    if kept is not None:
        return Profile.from_dict(kept.definition, name=kept.name)
    names = ", ".join(ImportProfile.objects.values_list("name", flat=True))
    raise FileRefused(
        "profile_unreadable",
        f"There is no profile {named!r}, neither a file nor a kept one. "
        f"Kept are: {names or 'none yet'}.",
    )


def keep(profile: Profile) -> ImportProfile | None:
    """Keep a profile under the name of its file, in the caller's transaction.

    The newest of a name stands. Returns None for an import without a profile.
    """
    if not profile.name:
        return None
    kept, _ = ImportProfile.objects.update_or_create(
        name=profile.name, defaults={"definition": dict(profile.stated)}
    )
    return kept
