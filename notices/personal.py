"""What this room holds of a person (customers.holdings): messages, with their bytes as
they went, what providers said of them, replies, calls, letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from customers.holdings import CHUNK, File, Holding, Room, known_by
from customers.models import Customer
from notices.messages import SUFFIXES, stored_message
from notices.models import (
    Answer,
    AnswerFile,
    Attempt,
    CallRecord,
    CallTask,
    DeliveryEvent,
    Notice,
    NoticeItem,
    PrintItem,
    ProviderCall,
    Reply,
    SandboxMessage,
    SentCopy,
    SurveyMark,
)
from notices.printing.blanking import blank_letters
from notices.render import RenderError
from notices.states import State

IN_FLIGHT = {
    State.CLAIMED: "being sent",
    State.HANDING_OFF: "being sent",
    State.UNKNOWN: "sent, and nobody knows whether it arrived",
    State.PRINTING: "in the print room",
    State.CALLING: "on the call desk",
}
TO_COME = (State.SCHEDULED, State.HELD)


def _references(customer: Customer) -> QuerySet[Notice, str]:
    return Notice.objects.filter(customer=customer).values_list("reference", flat=True)


def _in_sandbox(customer: Customer) -> QuerySet[SandboxMessage]:
    return SandboxMessage.objects.filter(reference__in=_references(customer))


def _provider_calls(customer: Customer) -> QuerySet[ProviderCall]:
    """Return calls of providers that name a message or an address of a customer."""
    words = [word.encode() for word in _addresses(customer)]
    named = set(_references(customer))
    calls = ProviderCall.objects.only("pk", "reference", "body")
    # Read one by one: what stands in them is theirs to arrange, and may be sealed.
    found = [
        call.pk
        for call in calls.iterator(chunk_size=CHUNK)
        if call.reference in named or _names(bytes(call.body or b"").lower(), words)
    ]
    return ProviderCall.objects.filter(pk__in=found)


def _names(body: bytes, words: Iterable[bytes]) -> bool:
    return any(word in body or word.replace(b"@", b"%40") in body for word in words)


def _addresses(customer: Customer) -> list[str]:
    """Return e-mail addresses and the digits of phones: what a raw call would hold."""
    return [
        word.lstrip("+")
        for word in known_by(customer)
        if "@" in word or (word.startswith("+") and word[1:].isdigit())
    ]


def _replies(customer: Customer) -> QuerySet[Reply]:
    """Return a customer's replies, those among them that nobody has matched yet."""
    words = known_by(customer)
    strays = [
        reply.pk
        for reply in Reply.objects.filter(customer=None).only("pk", "sender")
        if reply.sender.strip().casefold() in words
    ]
    own = Reply.objects.filter(customer=customer).values_list("pk", flat=True)
    return Reply.objects.filter(pk__in=[*own, *strays])


def _hinders(customer: Customer) -> Iterator[str]:
    flying = Notice.objects.filter(customer=customer, state__in=list(IN_FLIGHT))
    for notice in flying.order_by("pk")[:3]:
        where = IN_FLIGHT[State(notice.state)]
        yield f"Message {notice.reference} is {where}: wait, or settle its fate first."
    gathered = PrintItem.objects.filter(
        notice__customer=customer, state=PrintItem.State.WAITING
    )
    if gathered.exists():
        yield "A letter waits in an open print run: close or cancel that run first."
    if Reply.objects.filter(customer=customer, state=Reply.State.OPEN).exists():
        yield "A reply waits for an answer: answer it first."
    if Answer.objects.filter(customer=customer, state=Answer.State.OPEN).exists():
        yield "What they told us on their page waits for somebody: deal with it first."


def _files(customer: Customer) -> Iterator[File]:
    notices = Notice.objects.filter(customer=customer).order_by("pk")
    for notice in notices.iterator(chunk_size=CHUNK):
        try:
            message = stored_message(notice)
        except RenderError as error:
            yield f"messages/{notice.reference}-missing.txt", [str(error).encode()]
            continue
        if message is not None:
            yield f"messages/{notice.reference}{message.suffix}", [message.body]
    files = AnswerFile.objects.filter(answer__customer=customer).order_by("pk")
    for file in files.select_related("answer").iterator(chunk_size=1):
        suffix = SUFFIXES.get(file.media_type, "")
        name = f"answers/{file.answer.reference}-{file.pk}{suffix}"
        yield name, [bytes(file.body)]


def _erases(customer: Customer) -> dict[str, int]:
    waiting = Notice.objects.filter(customer=customer, state__in=TO_COME)
    cancelled = waiting.update(state=State.CANCELLED, reason="erased")
    found = {"notices_notice:cancelled": cancelled} if cancelled else {}
    pages = blank_letters(PrintItem.objects.filter(notice__customer=customer))
    return found | ({"notices_printfile": pages} if pages else {})


def _tells(customer: Customer) -> Iterator[str]:
    attempts = Attempt.objects.filter(notice__customer=customer)
    for attempt in attempts.only("destination").iterator(chunk_size=CHUNK):
        yield attempt.destination
    for reply in Reply.objects.filter(customer=customer).only("sender"):
        yield reply.sender


ROOM = Room(
    name="notices",
    holdings=(
        Holding(
            SentCopy,
            "Copies",
            "The words of messages go; when each went, by which channel and the "
            "fingerprint of its bytes stay.",
            whose="notice__customer",
            blanks={"body": b"", "size": 0},
            leaves_out=frozenset({"body", "dictionary"}),
        ),
        Holding(
            Attempt,
            "Attempts",
            "When we tried, and with what result; the address goes.",
            whose="notice__customer",
            blanks={"destination": "", "error": ""},
        ),
        Holding(
            DeliveryEvent,
            "Delivery events",
            "What became of a message; the provider's own words go.",
            whose="notice__customer",
            blanks={"raw": {}},
        ),
        Holding(
            SandboxMessage,
            "Sandbox messages",
            "Trial messages; the address goes.",
            found=_in_sandbox,
            blanks={"destination": ""},
        ),
        Holding(
            ProviderCall,
            "Provider calls",
            "What providers told us, as it came in.",
            found=_provider_calls,
            is_deleted=True,
            leaves_out=frozenset({"body", "dedupe_key"}),
        ),
        Holding(
            Reply,
            "Replies",
            "That and when somebody answered; what they wrote goes.",
            found=_replies,
            blanks={"sender": "", "subject": "", "text": ""},
        ),
        Holding(
            AnswerFile,
            "Files with answers",
            "Pictures and PDFs that came with answers.",
            whose="answer__customer",
            is_deleted=True,
            leaves_out=frozenset({"body"}),
        ),
        Holding(
            SurveyMark,
            "Survey marks",
            "Marks from 1 to 5 stay for the figures; own words go.",
            whose="answer__customer",
            blanks={"text": ""},
        ),
        Holding(
            Answer,
            "Answers",
            "That and when somebody answered, and of which sort; days, amounts, "
            "numbers and words go.",
            whose="customer",
            blanks={"facts": {}, "text": ""},
            leaves_out=frozenset({"form_id", "handled_by"}),
        ),
        Holding(
            Answer.invoices.through,
            "Invoices in answers",
            "Which invoice an answer was about.",
            whose="answer__customer",
        ),
        Holding(
            CallRecord,
            "Calls",
            "That and when we called; the number and the note go.",
            whose="notice__customer",
            blanks={"phone": "", "note": ""},
        ),
        Holding(
            CallTask,
            "Call tasks",
            "That a call lay on the desk; number and script go.",
            whose="notice__customer",
            blanks={"phone": "", "script": ""},
            leaves_out=frozenset({"locked_by", "locked_until"}),
        ),
        Holding(
            PrintItem,
            "Letters",
            "That a letter stood in a print run; the address and its pages go.",
            whose="notice__customer",
            blanks={"address": "", "place": "", "return_reason": ""},
        ),
        Holding(
            Notice,
            "Messages",
            "That a message went, of which sort and when: the figures of a campaign.",
            whose="customer",
            blanks={"about": {}},
            leaves_out=frozenset({"claim_token", "lease_until", "dedupe_key", "lane"}),
        ),
        Holding(
            NoticeItem,
            "Invoices in messages",
            "Which invoice a message spoke of.",
            whose="notice__customer",
        ),
    ),
    hinders=_hinders,
    files=_files,
    erases=_erases,
    tells=_tells,
    harmless={
        "notices_answer_holds": "Two keys a row; they go with the holds.",
    },
)
