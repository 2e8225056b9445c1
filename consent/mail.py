"""How a consent to e-mail stands for a notice to the very address we have."""

from __future__ import annotations

import datetime as dt

from consent.facts import EConsent
from consent.fingerprints import fingerprint_of
from consent.standing import Consent, e_consent
from consent.topics import TOPIC_OF


def stands(
    consent: Consent,
    *,
    kind: str,
    email: str | None,
    day: dt.date,
    hwsw_in_force: int | None = None,
) -> EConsent:
    """Return how a consent stands on ``day`` for a notice of ``kind`` to ``email``.

    A kind of no topic of its own, such as a warning of danger, is covered by any.
    ``hwsw_in_force`` as in :func:`consent.standing.e_consent`.
    """
    # Asked of every message: only a consent bound to an address costs a fingerprint.
    is_bound = consent.address_print is not None
    return e_consent(
        consent,
        category=TOPIC_OF.get(kind),
        address_print=fingerprint_of(email) if is_bound and email else None,
        day=day,
        hwsw_in_force=hwsw_in_force,
    )
