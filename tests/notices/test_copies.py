"""The exact bytes of every message, kept small and given back unchanged."""

from __future__ import annotations

import hashlib

import pytest

from notices import copies
from notices.copies import CopyDamaged, packers_for, unpack
from notices.facts import load_facts
from notices.models import CopyDictionary, SentCopy, TemplateVersion
from notices.render import compile_version, render
from notices.starter import install_starters
from tests.factories import NOW, make_customer, make_invoice, make_notice, make_stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def notices():
    """Three reminders of one text to three customers."""
    install_starters(["en"])
    text = TemplateVersion.objects.get(key="reminder", channel="written", language="en")
    stream = make_stream()
    people = [make_customer(name=name) for name in ("Alice", "Bob", "Zoë")]
    return [
        make_notice(one, invoices=[make_invoice(one)], stream=stream, template=text)
        for one in people
    ]


def store(notice) -> tuple[SentCopy, bytes]:
    facts = load_facts([notice.pk], NOW)[notice.pk]
    body = render(compile_version(notice.template, notice.channel), facts).body
    packer = packers_for([notice])[notice.pk]
    copy = SentCopy.objects.create(
        notice=notice,
        media_type="message/rfc822",
        body=packer.pack(body),
        dictionary_id=packer.dictionary_id,
        size=len(body),
        sha256=hashlib.sha256(body).digest(),
    )
    return copy, body


def test_a_message_comes_back_byte_for_byte_and_takes_a_few_hundred(notices):
    for notice in notices:
        copy, body = store(notice)

        assert unpack(SentCopy.objects.get(pk=copy.pk)) == body
        assert len(copy.body) < len(body) / 8


def test_one_dictionary_serves_all_messages_of_a_text(notices):
    for notice in notices:
        store(notice)

    assert CopyDictionary.objects.count() == 1


def test_a_dictionary_holds_nobodys_data(notices):
    store(notices[0])

    body = bytes(CopyDictionary.objects.get().body)

    customer = notices[0].customer
    for secret in (customer.name, customer.number, "example.com"):
        assert secret.encode() not in body


def test_another_letterhead_is_another_dictionary_and_old_copies_stay_readable(notices):
    copy, body = store(notices[0])
    brand = notices[0].stream.brand
    brand.name = "Southwind Water"
    brand.save()
    notices[1].stream.brand = brand

    store(notices[1])

    assert CopyDictionary.objects.count() == 2
    assert unpack(SentCopy.objects.get(pk=copy.pk)) == body


def test_a_changed_copy_is_found_out(notices):
    copy, _ = store(notices[0])
    SentCopy.objects.filter(pk=copy.pk).update(sha256=bytes(32))

    with pytest.raises(CopyDamaged, match=notices[0].reference):
        unpack(SentCopy.objects.get(pk=copy.pk))

    SentCopy.objects.filter(pk=copy.pk).update(body=b"not zstd at all")
    with pytest.raises(CopyDamaged, match="does not match its SHA-256"):
        unpack(SentCopy.objects.get(pk=copy.pk))


def test_a_dictionary_that_was_rolled_back_is_made_again(notices):
    packers_for(notices[:1])
    CopyDictionary.objects.all().delete()  # what a rollback leaves

    copy, body = store(notices[0])

    assert CopyDictionary.objects.count() == 1
    assert unpack(SentCopy.objects.get(pk=copy.pk)) == body


def test_two_batches_make_their_dictionaries_in_one_order(notices):
    """Else each would wait for the row the other has just made."""
    other = TemplateVersion.objects.filter(
        channel=notices[0].template.channel, language="en"
    ).exclude(pk=notices[0].template_id)
    ours = [notices[0], make_notice(template=other[0], stream=notices[0].stream)]
    ours.sort(key=lambda one: one.template_id)
    for batch in (ours, ours[::-1]):
        CopyDictionary.objects.all().delete()
        copies._packers.clear()
        packers_for(batch)
        made = CopyDictionary.objects.order_by("pk").values_list("template", flat=True)
        assert list(made) == [one.template_id for one in ours]
