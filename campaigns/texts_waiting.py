"""The texts that wait for somebody's approval, for Today. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from notices.models import TemplateVersion
from notices.starter.catalogue import title_of
from notices.stops import to_approve_by

# What Today names one by one; the list of texts has the others.
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class TextsWaiting:
    """Texts this person may approve: the oldest with their titles, and how many more
    there are."""

    named: tuple[tuple[str, TemplateVersion], ...] = ()
    more: int = 0


def texts_to_approve(user: User | AnonymousUser | AbstractBaseUser) -> TextsWaiting:
    """Return what waits for this person: at most two queries.

    Nothing for who may not approve, or not open Settings, where texts are.
    """
    if not isinstance(user, User) or not user.is_staff:
        return TextsWaiting()
    if not user.has_perm("notices.approve_templateversion"):
        return TextsWaiting()
    waiting = to_approve_by(
        user.get_username(), may_bind=user.has_perm("notices.bind_templateversion")
    )
    named = tuple((title_of(text.key), text) for text in waiting[:MOST_NAMED])
    more = waiting.count() - len(named) if len(named) == MOST_NAMED else 0
    return TextsWaiting(named, more)
