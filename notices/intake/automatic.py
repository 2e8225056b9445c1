"""Tells mail that a machine wrote from mail that a person wrote (RFC 3834 and habits).

Nobody is held to what their holiday notice says, and no bounce is a reply.
"""

from __future__ import annotations

from email.message import Message

_MACHINES = (
    "mailer-daemon@",
    "postmaster@",
    "no-reply@",
    "noreply@",
    "donotreply@",
    "auto-reply@",
    "autoreply@",
)
_PRESENCE = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autoresponder")
_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "bulk", "junk", "list"})


def is_automatic(
    message: Message, sender: str, envelope_sender: str | None = None
) -> bool:
    """Whether a mail was written by a machine: an absence notice, a bounce, a list."""
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0]
    if submitted.strip().lower() != "no":
        return True
    if any(name in message for name in (*_PRESENCE, "List-Id", "List-Unsubscribe")):
        return True
    if str(message.get("Precedence", "")).strip().lower() in _PRECEDENCE:
        return True
    # An empty way back is how bounces and notices say: do not answer.
    if envelope_sender in {"", "<>"}:
        return True
    kind = message.get_content_type()
    is_report = kind in {"multipart/report", "message/delivery-status"}
    return is_report or sender.lower().startswith(_MACHINES)
