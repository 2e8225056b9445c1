"""Which papers go with each notice: attached, linked, or enclosed behind a letter.

Gathered for a whole batch: the copies of the invoices still owed, and the documents of
the stream in the customer's language. An e-mail carries up to ``MOST_ATTACHED`` bytes
of them; what is over becomes a link to the very same version.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.urls import reverse

from customers.models import InvoiceCopy
from notices.models import Channel, Document, Notice
from notices.owed import NOTHING, Owed
from notices.render import Attachment, Link

PDF = "application/pdf"
# What nearly every mailbox takes, with room for the third that encoding adds.
MOST_ATTACHED = 5 * 1024 * 1024
# How long a link to a paper opens.
LINK_DAYS = 180
_SALT = "notices.papers"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper that may go with a notice; its body is loaded only where it goes."""

    kind: str
    pk: int
    title: str
    file_name: str
    size: int
    sha256: bytes = b""


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of one notice: those to carry, and those to link to."""

    attached: tuple[Paper, ...] = ()
    linked: tuple[Paper, ...] = ()


def papers_of(notices: Sequence[Notice], owed: Mapping[int, Owed]) -> dict[int, Papers]:
    """Return what goes with each notice, without the bodies.

    A query for documents and one for copies, and none where there are none.
    """
    mailed = [one for one in notices if one.channel in {Channel.EMAIL, Channel.LETTER}]
    if not mailed:
        return {}
    documents = _documents({one.stream_id for one in mailed})
    copies = _copies(mailed, owed)
    found = {}
    for notice in mailed:
        papers = [
            *copies[notice.pk],
            *_in_language(documents[notice.stream_id], notice.template.language),
        ]
        if papers:
            found[notice.pk] = _shared_out(papers, notice.channel)
    return found


def _shared_out(papers: Iterable[Paper], channel: str) -> Papers:
    """Attach what an e-mail can carry, the first first; a letter carries all."""
    attached: list[Paper] = []
    linked: list[Paper] = []
    room = MOST_ATTACHED
    for paper in papers:
        if channel == Channel.LETTER or paper.size <= room:
            attached.append(paper)
            room -= paper.size
        else:
            linked.append(paper)
    return Papers(tuple(attached), tuple(linked))


def _documents(stream_ids: set[int]) -> Mapping[int, list[Document]]:
    """Return every version of the papers chosen for each stream, newest first.

    A campaign chooses a paper, not a version of it: what is uploaded later goes too.
    """
    chosen = Document.objects.filter(streams__in=stream_ids).values_list(
        "streams", "key"
    )
    keys: dict[int, set[str]] = defaultdict(set)
    for stream, key in chosen:
        keys[stream].add(key)
    wanted = {key for each in keys.values() for key in each}
    found: dict[int, list[Document]] = defaultdict(list)
    if not wanted:
        return found
    every = Document.objects.filter(key__in=wanted).defer("body")
    for document in every.order_by("key", "-version"):
        for stream, mine in keys.items():
            if document.key in mine:
                found[stream].append(document)
    return found


def _in_language(documents: Sequence[Document], language: str) -> list[Paper]:
    """Return one paper a key: in the reader's language, else English, else what is."""
    best: dict[str, Document] = {}
    wanted = (language, language.partition("-")[0], "en")

    def rank(document: Document) -> int:
        tongue = document.language
        return wanted.index(tongue) if tongue in wanted else len(wanted)

    for document in documents:
        known = best.get(document.key)
        if known is None or rank(document) < rank(known):
            best[document.key] = document
    return [
        Paper(
            "document",
            one.pk,
            one.title,
            one.file_name,
            one.size,
            bytes(one.sha256),
        )
        for one in best.values()
    ]


def _copies(
    notices: Sequence[Notice], owed: Mapping[int, Owed]
) -> Mapping[int, list[Paper]]:
    """Return the copies of the invoices that each e-mail still speaks of."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for notice in notices:
        if notice.channel == Channel.EMAIL and notice.stream.attaches_invoices:
            for line in owed.get(notice.pk, NOTHING).lines:
                if line.has_copy:
                    numbers[line.number].append(notice.pk)
    found: dict[int, list[Paper]] = defaultdict(list)
    if not numbers:
        return found
    rows = (
        InvoiceCopy.objects.filter(invoice__number__in=list(numbers))
        .order_by("invoice__due_on", "invoice__number")
        .values_list("pk", "invoice__number", "file_name", "size", "sha256")
    )
    for pk, number, file_name, size, sha256 in rows:
        for notice_id in numbers[number]:
            found[notice_id].append(
                Paper("invoice", pk, number, file_name, size, bytes(sha256))
            )
    return found


def bodies_of(papers: Iterable[Paper]) -> dict[tuple[str, int], bytes]:
    """Return the bytes of papers by kind and number: two queries at most."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for paper in papers:
        wanted[paper.kind].add(paper.pk)
    found: dict[tuple[str, int], bytes] = {}
    for kind, model in _MODELS.items():
        if wanted[kind]:
            rows = model._default_manager.filter(Q(pk__in=wanted[kind]))
            for pk, body in rows.values_list("pk", "body"):
                found[kind, pk] = bytes(body)
    return found


_MODELS = {"document": Document, "invoice": InvoiceCopy}


def attachment_of(paper: Paper, body: bytes) -> Attachment:
    """Return a paper as it goes with an e-mail."""
    return Attachment(paper.file_name, PDF, body)


def link_to(paper: Paper, now: dt.datetime) -> Link:
    """Return the public link to a paper, good for ``LINK_DAYS`` from ``now``.

    The address is empty where no public address is set up; rendering refuses that.
    """
    base = settings.PUBLIC_URL
    return Link(paper.title, base + path_to(paper, now) if base else "")


def path_to(paper: Paper, now: dt.datetime) -> str:
    """Return the path of :func:`link_to`, for a page of our own."""
    expires_on = now.date() + dt.timedelta(days=LINK_DAYS)
    token = _signer().sign_object(
        [paper.kind, paper.pk, expires_on.toordinal(), _mark(paper.sha256)]
    )
    return reverse("paper", args=[token])


def paper_at(token: str, today: dt.date) -> tuple[str, bytes] | None:
    """Return the file name and bytes a link leads to; None if wrong or too old."""
    try:
        kind, pk, last_day, mark = _signer().unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    if today.toordinal() > last_day or kind not in _MODELS:
        return None
    rows = _MODELS[kind]._default_manager.filter(pk=pk)
    found = rows.values_list("file_name", "body", "sha256").first()
    # Another file in its place is not what the notice spoke of.
    if found is None or _mark(bytes(found[2])) != mark:
        return None
    return found[0], bytes(found[1])


def _mark(sha256: bytes) -> str:
    return sha256[:8].hex()


def _signer() -> signing.Signer:
    # Without a time stamp: the same notice is to give the same bytes.
    return signing.Signer(salt=_SALT)
