"""What the firm says, to whom, by which channel, and the proof of it.

A Notice is one intended contact. Its states and their allowed moves are the table in
notices.states; the CHECK constraints here hold the rest of the promise. This room knows
of no ladder and no campaign: a Stream is all it sees of them.
"""

from __future__ import annotations

from notices.models.announcements import (
    Announcement,
    AnnouncementRelease,
    AnnouncementText,
    Importance,
)
from notices.models.answers import Answer, AnswerFile, AnswerLimits
from notices.models.brand import Brand, Envelope, Paper, Slip
from notices.models.calls import CallRecord, CallTask
from notices.models.documents import Document
from notices.models.glossary import Term
from notices.models.intake import ProviderCall, Reply
from notices.models.lanes import ProviderLane
from notices.models.notices import (
    REFERENCE_ALPHABET,
    REFERENCE_LENGTH,
    Notice,
    NoticeItem,
    Stream,
    new_reference,
    new_references,
)
from notices.models.printing import PrintEvent, PrintFile, PrintItem, PrintRun
from notices.models.proof import (
    Attempt,
    CopyDictionary,
    DeliveryEvent,
    SandboxMessage,
    SentCopy,
)
from notices.models.readers import ReviewLink, ReviewQuestion, WordingEvent
from notices.models.surveys import Survey, SurveyMark, SurveyQuestion
from notices.models.watch import Heartbeat, Outbound, OutboundEvent
from notices.models.wording import ON_PAPER, Channel, TemplateVersion

__all__ = [
    "ON_PAPER",
    "REFERENCE_ALPHABET",
    "REFERENCE_LENGTH",
    "Announcement",
    "AnnouncementRelease",
    "AnnouncementText",
    "Answer",
    "AnswerFile",
    "AnswerLimits",
    "Attempt",
    "Brand",
    "CallRecord",
    "CallTask",
    "Channel",
    "CopyDictionary",
    "DeliveryEvent",
    "Document",
    "Envelope",
    "Heartbeat",
    "Importance",
    "Notice",
    "NoticeItem",
    "Outbound",
    "OutboundEvent",
    "Paper",
    "PrintEvent",
    "PrintFile",
    "PrintItem",
    "PrintRun",
    "ProviderCall",
    "ProviderLane",
    "Reply",
    "ReviewLink",
    "ReviewQuestion",
    "SandboxMessage",
    "SentCopy",
    "Slip",
    "Stream",
    "Survey",
    "SurveyMark",
    "SurveyQuestion",
    "TemplateVersion",
    "Term",
    "WordingEvent",
    "new_reference",
    "new_references",
]
