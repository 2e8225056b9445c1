"""What an allowed message owes its reader: the obligations of the rule book.

The renderer fails where the words of an obligation are missing. Decides nothing.
"""

from __future__ import annotations

from consent.categories import ANSWERS
from consent.decision import Obligation
from consent.facts import Channel, Notice
from consent.request import Request


def obligations(request: Request) -> tuple[Obligation, ...]:
    """Return what the notice must carry when it goes by the channel asked for."""
    notice = request.notice
    due = list(_channel_obligations(request.channel, notice))
    if request.channel in ("email", "sms") and request.is_collection:
        due.append(Obligation.REG_F_OPT_OUT_TEXT)
    if notice.courtesy:
        due.append(Obligation.MARK_AS_COURTESY_COPY)
    if notice.kind == "stop_confirmation":
        due.append(Obligation.NO_MARKETING_TEXT)
    return tuple(due)


def _channel_obligations(channel: Channel, notice: Notice) -> tuple[Obligation, ...]:
    if channel == "sms":
        return (Obligation.SMS_BRAND_AND_STOP_TEXT,)
    if channel == "email" and notice.is_required:
        return (
            Obligation.ARCHIVE_DOCUMENT_HASH,
            Obligation.PAPER_COPY_AND_WITHDRAW_LINK,
        )
    if channel == "email" and notice.kind in ANSWERS:
        return ()
    if channel == "email":
        return (Obligation.LIST_UNSUB_ONE_CLICK,)
    if channel == "letter" and notice.legal == "paper_only":
        return (Obligation.PROOF_OF_MAILING,)
    return ()
