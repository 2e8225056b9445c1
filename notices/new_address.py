"""Messages about a new address, which go to an address of their own.

One asks at the new address to have it confirmed, before it is the customer's; one tells
the address it is to replace, which may not be the customer's any more when it goes.
Such a notice says in its key which it is; both addresses stand, sealed, beside the
change (consent.models.ContactChange), never in the notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q

from consent.fingerprints import fingerprint_of
from consent.models import ContactChange, Suppression
from notices.models import Notice

_NEW = "details:new:"
_OLD = "details:old:"


def key_of(change: ContactChange) -> str:
    """Return the key of the one message that asks to confirm a change."""
    return f"{_NEW}{change.pk}"


def key_of_old(change: ContactChange) -> str:
    """Return the key of the one message that tells the old address of a change."""
    return f"{_OLD}{change.pk}"


def is_for_new(notice: Notice) -> bool:
    """Whether a notice goes to an address that is yet to be confirmed."""
    return notice.dedupe_key.startswith(_NEW)


def has_own_address(notice: Notice) -> bool:
    """Whether a notice goes to an address of its own, whichever we use by now."""
    return notice.dedupe_key.startswith((_NEW, _OLD))


def new_addresses(notices: Iterable[Notice]) -> Mapping[str, str]:
    """Return the addresses that such notices go to, by reference; empty for one that
    stopped us meanwhile.

    One query where there are any and another where an old one is told, none otherwise.
    """
    new = {one.reference for one in notices if is_for_new(one)}
    old = {
        int(one.dedupe_key.removeprefix(_OLD)): one
        for one in notices
        if one.dedupe_key.startswith(_OLD)
    }
    if not new and not old:
        return {}
    changes = list(
        ContactChange.objects.filter(Q(notice_reference__in=new) | Q(pk__in=old))
    )
    found = {
        one.notice_reference: one.value
        for one in changes
        if one.notice_reference in new
    }
    told = {old[one.pk]: one.old for one in changes if one.pk in old and one.old}
    return found | _still_open(told)


def _still_open(told: Mapping[Notice, str]) -> dict[str, str]:
    """Return where warnings go, by reference: nowhere if that address stopped us."""
    if not told:
        return {}
    prints = {notice: fingerprint_of(address) for notice, address in told.items()}
    stopped = {
        (channel, bytes(print_))
        for channel, print_ in Suppression.objects.filter(
            fingerprint__in=set(prints.values())
        ).values_list("channel", "fingerprint")
    }
    return {
        notice.reference: "" if (notice.channel, prints[notice]) in stopped else address
        for notice, address in told.items()
    }
