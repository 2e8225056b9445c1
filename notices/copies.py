"""Packs the exact bytes of messages for years, and gives them back unchanged.

Messages of one text differ in a few words, so each is packed with a dictionary made
from its text: a sample message with nobody's data in it. A mail of three kilobytes
becomes a few hundred bytes. What is unpacked is held against its SHA-256.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial

import zstandard
from django.db import transaction

from notices.firm import brand_facts
from notices.models import Channel, CopyDictionary, Notice, SentCopy, TemplateVersion
from notices.render import BrandFacts, RenderError, compile_version, render
from notices.samples import sample_facts

log = logging.getLogger(__name__)

# The largest message that is unpacked for a page: a bound on memory, not on mail.
MOST_BYTES = 64 * 1024 * 1024
LEVEL = 3
# A PDF is packed already; a dictionary finds nothing in it.
_WORDED = frozenset({Channel.EMAIL, Channel.SMS, Channel.CALL})


class CopyDamaged(RenderError):
    """The stored bytes of a message are not those that left us."""

    def __init__(self, copy: SentCopy) -> None:
        super().__init__(
            "copy_damaged",
            f"The archived copy of notice {copy.notice.reference} does not match its "
            "SHA-256: it was changed after it was sent. Restore it from a backup.",
        )


@dataclass(frozen=True, slots=True)
class Packer:
    """Packs the messages of one text and firm; ``dictionary_id`` None: without one."""

    dictionary_id: int | None
    compressor: zstandard.ZstdCompressor
    # Two threads in one compressor end the process.
    _free: threading.Lock = field(default_factory=threading.Lock)

    def pack(self, body: bytes) -> bytes:
        """Return the bytes packed; several threads may ask at once."""
        with self._free:
            return self.compressor.compress(body)


_PLAIN = Packer(None, zstandard.ZstdCompressor(level=LEVEL))
# Only dictionaries that are committed: what was rolled back has a number, and no row.
_Key = tuple[int, str, BrandFacts]
_packers: dict[_Key, Packer] = {}
MOST_PACKERS = 512


def packers_for(notices: Iterable[Notice]) -> dict[int, Packer]:
    """Return the packer of each notice, made with the first message of a text.

    To be called within the transaction that stores the copies.
    """
    made: dict[_Key, Packer] = {}
    found = {}
    firms: dict[int, BrandFacts] = {}
    # In one order: of two batches that each store a first message in two languages,
    # neither has the row the other waits for.
    for notice in sorted(notices, key=_by_text):
        if notice.channel not in _WORDED:
            found[notice.pk] = _PLAIN
            continue
        firm = notice.stream.brand
        brand = firms.get(firm.pk) or firms.setdefault(firm.pk, brand_facts(firm))
        key = (notice.template_id, notice.channel, brand)
        packer = made.get(key) or _packers.get(key)
        if packer is None:
            packer = made[key] = _packer(notice, brand)
            transaction.on_commit(partial(_remember, key, packer))
        found[notice.pk] = packer
    return found


def forget() -> None:
    """Forget every dictionary this process knows, as after a change of database."""
    _packers.clear()
    _dictionary_of.cache_clear()


def _by_text(notice: Notice) -> tuple[int, str, int]:
    return notice.template_id, notice.channel, notice.stream.brand_id


def _remember(key: _Key, packer: Packer) -> None:
    if len(_packers) >= MOST_PACKERS:
        _packers.clear()
    _packers[key] = packer


def _packer(notice: Notice, brand: BrandFacts) -> Packer:
    sample = _sample(notice.template, notice.channel, brand)
    if not sample:
        return _PLAIN
    digest = hashlib.sha256(sample).digest()
    # Two workers may meet here; one row is enough for both.
    CopyDictionary.objects.bulk_create(
        [
            CopyDictionary(
                template=notice.template,
                channel=notice.channel,
                body=sample,
                sha256=digest,
            )
        ],
        ignore_conflicts=True,
    )
    row = CopyDictionary.objects.only("pk").get(sha256=digest)
    data = _dictionary(sample)
    data.precompute_compress(level=LEVEL)
    return Packer(row.pk, zstandard.ZstdCompressor(dict_data=data, level=LEVEL))


def _sample(version: TemplateVersion, channel: str, brand: BrandFacts) -> bytes:
    """Return a message of this text to nobody, or nothing where none can be made."""
    try:
        compiled = compile_version(version, channel)
        facts = sample_facts(
            version.kind, channel, language=version.language, brand=brand
        )
        return render(compiled, facts).body
    except RenderError as error:
        log.warning("No sample of %s could be made: %s", version, error.code)
        return b""


def _dictionary(sample: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(
        sample, dict_type=zstandard.DICT_TYPE_RAWCONTENT
    )


def unpack(copy: SentCopy) -> bytes:
    """Return the exact bytes of a message as they left us.

    :raises CopyDamaged: what is stored is not what was.
    """
    data = _dictionary_of(copy.dictionary_id) if copy.dictionary_id else None
    try:
        body: bytes = zstandard.ZstdDecompressor(dict_data=data).decompress(
            bytes(copy.body), max_output_size=MOST_BYTES
        )
    except zstandard.ZstdError as error:
        raise CopyDamaged(copy) from error
    if hashlib.sha256(body).digest() != bytes(copy.sha256):
        raise CopyDamaged(copy)
    return body


@lru_cache(maxsize=64)
def _dictionary_of(pk: int) -> zstandard.ZstdCompressionDict:
    return _dictionary(bytes(CopyDictionary.objects.get(pk=pk).body))
