"""Messages that go to an address before it is the customer's: to have it confirmed.

Such a notice says in its key that it is one; the address stands, sealed, beside the
change it confirms (consent.models.ContactChange), never in the notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from consent.models import ContactChange
from notices.models import Notice

_PREFIX = "details:new:"


def key_of(change: ContactChange) -> str:
    """Return the key of the one message that asks to confirm a change."""
    return f"{_PREFIX}{change.pk}"


def is_for_new(notice: Notice) -> bool:
    """Whether a notice goes to an address that is yet to be confirmed."""
    return notice.dedupe_key.startswith(_PREFIX)


def new_addresses(notices: Iterable[Notice]) -> Mapping[str, str]:
    """Return the addresses that such notices go to, by reference.

    One query where there are any, none otherwise.
    """
    asked = [one.reference for one in notices if is_for_new(one)]
    if not asked:
        return {}
    changes = ContactChange.objects.filter(notice_reference__in=asked)
    return {one.notice_reference: one.value for one in changes}
