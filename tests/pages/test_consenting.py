"""The consent page: what each button records, and what looking never does."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from email import message_from_bytes
from email.policy import default
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import words
from campaigns.customer_reach import agreements
from consent.actions import suppress
from consent.fingerprints import fingerprint_of
from consent.links import mint
from consent.models import (
    AccessLink,
    ConsentDetail,
    ConsentEvent,
    Demonstration,
    Preference,
    PreferenceChange,
)
from consent.preferences import Source, change_switches
from consent.telling import Refusal
from customers.models import ContactPoint
from notices import addresses
from notices.actions import send_all_due
from notices.copies import unpack
from notices.facts import load_facts
from notices.intake.stopping import stop_queued_of
from notices.messages import message_of
from notices.models import Notice, SentCopy
from notices.pages.consent_offer import PROBLEMS
from notices.pages.words import LANGUAGES, words_for
from notices.people import people_of
from notices.render import compile_version, render
from tests.factories import make_consent, make_contact_point
from tests.pages.agreeing import CATEGORIES, form_id_in, open_door, publish
from tests.writes import rows_written

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def door(settings):
    settings.PUBLIC_URL = "https://bills.northwind.example"
    return open_door()


# Looking ------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["", "?step=withdraw", "?step=address", "?step=x"])
def test_looking_three_times_changes_nothing(door, step):
    door.choose()
    before = rows_written()
    for path in (door.path, door.grant_path):
        for _ in range(3):
            assert Client().get(f"{path}{step}").status_code == 200
            assert Client().head(f"{path}{step}").status_code == 200
    assert rows_written() == before


def test_the_page_asks_the_database_six_times_at_most(door):
    door.get()
    with CaptureQueriesContext(
        connection,
    ) as first:
        door.get()
    assert len(first) <= 6
    door.choose()
    with CaptureQueriesContext(connection) as second:
        Client().get(door.grant_path)
    assert len(second) <= 6


def test_nothing_is_ticked_and_both_choices_look_alike(door):
    body = door.get()
    assert "checked" not in body
    assert body.count('type="checkbox"') == 4
    assert '<button name="do" value="sample">' in body
    assert '<button name="do" value="paper">' in body


def test_the_known_address_is_masked(door):
    body = door.get()
    assert "a•••@e•••.com" in body
    assert "ada@example.com" not in body


def test_a_firm_that_tells_nothing_yet_sends_paper(settings):
    door = open_door()
    # Of another firm: this one has published nothing.
    door.brand.__class__.objects.filter(pk=door.brand.pk).update(key="silent")
    assert "E-mail cannot be chosen here yet" in door.get()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_shows_its_own_words(door, language):
    from consent.models import Disclosure

    body = door.get(f"?lang={language}")
    shown = Disclosure.objects.get(language=language)
    assert bytes(shown.rendered).decode() in body
    assert f"{shown.key}/{language}/1" in body


def test_the_page_of_a_business_speaks_of_its_contract(settings):
    door = open_door(kind="business")
    body = door.get()
    assert "rest on a clause of the contract" in body
    assert 'name="signed_by"' in body
    assert 'value="sample"' not in body


# Choosing -----------------------------------------------------------------------


def test_asking_for_the_sample_is_a_yes_that_is_not_proven(door):
    answer = door.choose()
    assert answer.status_code == 303
    assert door.events() == ["served", "pending"]
    assert door.state() == "pending"
    served, pending = ConsentEvent.objects.filter(customer=door.customer).order_by(
        "seq"
    )
    assert served.categories == []
    assert pending.categories == CATEGORIES
    assert bytes(pending.address_print) == fingerprint_of("ada@example.com")
    sample = Notice.objects.get(dedupe_key__startswith="sample:")
    assert sample.reference == pending.evidence["code_id"]
    assert "The sample is on its way" in door.get()


def test_what_was_shown_is_kept_as_the_very_bytes(door):
    page = door.get()
    door.choose()
    served = ConsentEvent.objects.get(customer=door.customer, state="served")
    shown = bytes(door.disclosure.rendered)
    assert shown.decode() in page
    assert bytes(served.rendered_sha256) == hashlib.sha256(shown).digest()
    assert served.disclosure_ref == door.disclosure.ref
    assert served.hwsw_version == 1
    assert served.ui_version


def test_keeping_paper_is_a_decision_with_a_receipt(door):
    answer = door.post(do="paper")
    assert door.events() == ["served", "refused"]
    receipt = Client().get(answer["Location"])
    assert "You keep paper" in receipt.content.decode()
    assert "You chose paper on" in door.get()
    assert not Notice.objects.filter(dedupe_key__startswith="sample:").exists()


def test_what_was_shown_is_recorded_even_where_nothing_was_chosen(door):
    answer = door.choose(categories=[])
    assert answer.status_code == 422
    assert "Please tick at least one kind of message" in answer.content.decode()
    assert door.events() == ["served"]


def test_a_form_posted_twice_is_one_record(door):
    form = form_id_in(door.get())
    for _ in range(2):
        assert door.choose(form=form).status_code == 303
    assert door.events() == ["served", "pending"]
    assert Notice.objects.filter(dedupe_key__startswith="sample:").count() == 1
    paper = str(uuid.uuid4())
    places = {door.post(do="paper", form=paper)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert door.events().count("refused") == 1


def test_words_that_changed_while_somebody_read_are_shown_again(door):
    old = door.disclosure.ref
    publish(door.brand)
    answer = door.choose(shown=old)
    assert "Please read them again" in answer.content.decode()
    assert door.events() == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"where": ""}, "Please choose an address"),
        ({"where": "other", "address": "ada"}, "like name@example.org"),
        (
            {"where": "other", "address": "a@b.org", "address_again": "c@b.org"},
            "The two addresses differ",
        ),
        (
            {"where": "other", "address": f"{SCRIPT}@b.org"},
            "like name@example.org",
        ),
        ({"categories": ["everything"]}, "everything is not one of"),
        ({"where": "other", "address": "a" * 4000}, "Please make this shorter"),
    ],
)
def test_a_faulty_answer_is_told_what_to_put_right(door, fields, said):
    answer = door.choose(**fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert SCRIPT not in answer.content.decode()
    assert "pending" not in door.events()


def test_a_customer_without_an_address_writes_it_twice(settings):
    door = open_door(email=None)
    assert 'name="where"' not in door.get()
    door.choose(where="", address="New@Example.org", address_again="new@example.org")
    assert door.state() == "pending"
    assert door.sample.address.lower() == "new@example.org"
    # Until it is proven, nothing of ours uses it.
    assert not door.customer.contact_points.exists()


def test_no_more_than_five_samples_go_out_in_a_day(door):
    for _ in range(5):
        assert door.choose().status_code == 303
    answer = door.choose()
    assert answer.status_code == 422
    assert "Five samples were asked for" in answer.content.decode()
    assert Notice.objects.filter(dedupe_key__startswith="sample:").count() == 5


def test_a_letters_code_opens_the_same_page(door):
    from consent.links import Door, open_code

    link = open_code(door.opened.code, Door.CONSENT, now=timezone.now())
    assert link is not None
    assert link.customer == door.opened.customer


# The sample ---------------------------------------------------------------------


def sample_mail(door):
    notice = Notice.objects.in_full().get(reference=door.sample.notice_reference)
    facts = load_facts([notice.pk], timezone.now())[notice.pk]
    sent = render(compile_version(notice.template, notice.channel), facts)
    return message_from_bytes(sent.body, policy=default)


def test_the_sample_is_a_tagged_pdf_with_the_code_in_it(door):
    door.choose()
    (attached,) = sample_mail(door).iter_attachments()
    body = attached.get_content()
    with pikepdf.open(BytesIO(body)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot
        assert str(pdf.Root.Lang) == "en"
        assert b"pdfuaid" in pdf.Root.Metadata.read_bytes()
    text = pypdfium2.PdfDocument(body)[0].get_textpage().get_text_bounded()
    assert door.code in text
    assert attached.get_content_type() == "application/pdf"


def test_the_code_stands_in_the_file_alone_and_the_link_in_the_mail(door):
    door.choose()
    mail = sample_mail(door)
    for kind in ("plain", "html"):
        said = mail.get_body((kind,)).get_content()
        assert door.code not in said
        assert f"https://bills.northwind.example{door.grant_path}" in said
    assert door.code.replace("-", "").lower().encode() not in bytes(
        door.sample.code_hash
    )


def test_the_sample_goes_through_the_gate_to_the_address_it_proves(door, settings):
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")
    door.choose(where="other", address="new@b.org", address_again="new@b.org")
    send_all_due(now=timezone.now())
    notice = Notice.objects.get(reference=door.sample.notice_reference)
    assert notice.state in {"sent", "delivered"}, (notice.state, notice.reason)
    assert notice.attempts.get().destination == "new@b.org"
    assert SentCopy.objects.filter(notice=notice).exists()
    door.prove()
    granted = ConsentEvent.objects.get(customer=door.customer, state="granted")
    kept = bytes(SentCopy.objects.get(notice=notice).sha256).hex()
    assert granted.evidence["sample_sha256"] == kept


def test_a_sample_that_was_replaced_goes_nowhere(door, settings):
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")
    door.choose()
    first = door.sample.notice_reference
    door.post(do="paper")
    send_all_due(now=timezone.now())
    sample = Notice.objects.get(reference=first)
    assert (sample.state, sample.reason) == ("suppressed", "ADDR_MISSING")


@pytest.fixture
def sandbox(settings):
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")


def switch_off(door, *categories):
    for category in categories:
        Preference.objects.create(
            customer=door.customer,
            category=category,
            channel="email",
            is_on=False,
            since=timezone.now(),
        )


def test_no_switch_stops_what_the_customer_just_asked_for(door, sandbox):
    switch_off(door, "service_news", "reminders")
    door.choose(where="other", address="new@b.org", address_again="new@b.org")
    send_all_due(now=timezone.now())
    # Agreed to bills alone: the receipt comes all the same.
    door.prove()
    send_all_due(now=timezone.now())
    asked = Notice.objects.filter(customer=door.customer).exclude(
        pk=door.opened.notice.pk
    )
    told = [(one.state, one.reason) for one in asked]
    # The sample, word of it to the address before, and the receipt.
    assert len(told) == 3
    assert all(state in {"sent", "delivered"} for state, _ in told), told


def recipients(door):
    """Return to whom what was sent went, by the first word of its key."""
    copies = SentCopy.objects.filter(notice__customer=door.customer)
    return {
        copy.notice.dedupe_key.partition(":")[0]: message_from_bytes(
            unpack(copy), policy=default
        )["To"]
        for copy in copies.select_related("notice")
    }


def test_a_receipt_does_not_follow_a_sample_to_an_address_not_proven_yet(door, sandbox):
    door.choose()
    send_all_due(now=timezone.now())
    door.prove()
    door.choose(where="other", address="new@b.org", address_again="new@b.org")
    # The receipt, and a sample to another address, wait side by side.
    send_all_due(now=timezone.now())
    assert recipients(door) == {
        "sample": "new@b.org",
        "receipt": "ada@example.com",
        "details": "ada@example.com",
    }


def test_a_receipt_goes_though_the_sample_beside_it_was_refused(door, sandbox):
    door.choose()
    send_all_due(now=timezone.now())
    door.prove()
    door.choose(where="other", address="new@b.org", address_again="new@b.org")
    Demonstration.objects.filter(outcome="").update(
        outcome="ended", ended_at=timezone.now()
    )
    send_all_due(now=timezone.now())
    assert recipients(door)["receipt"] == "ada@example.com"


def test_a_sample_that_is_replaced_leaves_the_line(door, sandbox):
    for address in ("one@b.org", "two@b.org"):
        door.choose(where="other", address=address, address_again=address)
    samples = Notice.objects.filter(dedupe_key__startswith="sample:").order_by("pk")
    assert [(one.state, one.reason) for one in samples] == [
        ("cancelled", "another_sample"),
        ("scheduled", ""),
    ]
    send_all_due(now=timezone.now())
    assert recipients(door)["sample"] == "two@b.org"


def test_what_is_in_line_outlives_a_switch(door, sandbox):
    door.choose()
    stop_queued_of("service_news", customers=[door.customer.pk], channel="email")
    assert Notice.objects.get(reference=door.sample.notice_reference).state == (
        "scheduled"
    )


def test_a_sample_has_no_button_that_switches_samples_off(door, sandbox):
    door.choose()
    send_all_due(now=timezone.now())
    notice = Notice.objects.in_full().get(reference=door.sample.notice_reference)
    mail = message_from_bytes(message_of(notice, timezone.now()).body, policy=default)
    assert mail["List-Unsubscribe"] is None


def test_an_address_that_bounced_gets_no_sample(door, sandbox):
    suppress(
        channel="email",
        address="ada@example.com",
        reason="hard_bounce",
        source="test",
        now=timezone.now(),
    )
    door.choose()
    send_all_due(now=timezone.now())
    sample = Notice.objects.get(reference=door.sample.notice_reference)
    assert (sample.state, sample.reason) == ("suppressed", "SUPP_HARD_BOUNCE")


def test_a_dead_address_gets_no_sample(door, sandbox):
    door.customer.contact_points.update(state="dead")
    door.choose()
    send_all_due(now=timezone.now())
    sample = Notice.objects.get(reference=door.sample.notice_reference)
    assert (sample.state, sample.reason) == ("suppressed", "ADDR_MISSING")


def test_nobody_reads_the_code_in_a_sample_that_has_not_gone(door):
    door.choose()
    notice = Notice.objects.in_full().get(reference=door.sample.notice_reference)
    mail = message_from_bytes(message_of(notice, timezone.now()).body, policy=default)
    (attached,) = mail.iter_attachments()
    pdf = pypdfium2.PdfDocument(attached.get_content())
    assert door.code not in pdf[0].get_textpage().get_text_bounded()


# Showing access -----------------------------------------------------------------


def test_the_code_and_the_postcode_make_the_consent(door):
    door.choose()
    assert "Can you open the sample?" in Client().get(door.grant_path).content.decode()
    answer = door.prove()
    assert answer.status_code == 303
    assert door.events() == ["served", "pending", "granted"]
    granted = ConsentEvent.objects.get(customer=door.customer, state="granted")
    assert granted.categories == CATEGORIES
    assert bytes(granted.address_print) == fingerprint_of("ada@example.com")
    assert granted.basis == "esign_consent"
    assert granted.method == "web"
    assert granted.evidence["code_id"] == door.sample.notice_reference
    receipt = Client().get(answer["Location"]).content.decode()
    assert str(granted.record_id) in receipt
    assert "A copy of this receipt is on its way" in receipt
    assert "We write to you by e-mail" in door.get()


def test_the_address_that_was_proven_is_the_one_in_use(door):
    door.choose(where="other", address="new@b.org", address_again="new@b.org")
    door.prove()
    point = door.customer.contact_points.get(kind="email", is_primary=True)
    assert (point.value, point.state) == ("new@b.org", ContactPoint.State.OK)


@pytest.mark.parametrize("fact", ["LS1 1AA", "ls11aa"])
def test_the_postcode_is_fact_enough(door, fact):
    door.choose()
    door.prove(fact=fact)
    assert door.state() == "granted"


def test_what_the_sample_itself_prints_is_no_fact(door):
    door.choose()
    number = door.customer.number
    assert number in sample_mail(door).get_body(("plain",)).get_content()
    for fact in (number, number[-4:]):
        assert door.prove(fact=fact).status_code == 422
    assert door.state() == "pending"


def test_the_number_is_asked_of_whom_no_postcode_is_known(door):
    door.customer.postal_address.delete()
    door.choose()
    page = Client().get(door.grant_path).content.decode()
    assert "The last four signs of your customer number" in page
    assert "postcode" not in page
    door.prove(fact=door.customer.number[-4:])
    assert door.state() == "granted"


@pytest.mark.parametrize(
    "wrong", [{"code": "AAA-AAA"}, {"fact": "XX9 9XX"}, {"fact": "-"}]
)
def test_a_wrong_word_grants_nothing_and_says_how_often_is_left(door, wrong):
    door.choose()
    answer = door.prove(**wrong)
    assert answer.status_code == 422
    assert "there are <bdi>4</bdi> more tries" in answer.content.decode()
    assert door.state() == "pending"


def test_after_five_wrong_codes_only_a_new_sample_helps(door):
    door.choose()
    right = door.code
    for _ in range(5):
        door.prove(code="AAA-AAA")
    assert door.prove(code=right).status_code == 303
    assert door.state() == "pending"
    assert "wrong five times" in Client().get(door.grant_path).content.decode()
    door.choose()
    door.prove()
    assert door.state() == "granted"


def test_a_link_used_again_shows_where_things_stand(door):
    door.choose()
    first = door.prove()
    link = AccessLink.objects.get(purpose="grant")
    assert link.used_at is not None
    # Two tabs: the second press finds the first one's receipt.
    assert door.prove()["Location"] == first["Location"]
    assert door.events().count("granted") == 1
    body = Client().get(door.grant_path).content.decode()
    assert "We write to you by e-mail" in body


def test_the_link_in_the_sample_takes_codes_for_three_days(door):
    door.choose()
    long_ago = timezone.now() - dt.timedelta(hours=73)
    AccessLink.objects.filter(purpose="grant").update(made_at=long_ago)
    Demonstration.objects.update(asked_at=long_ago)
    door.prove()
    assert door.state() == "pending"
    assert "takes no more codes" in Client().get(door.grant_path).content.decode()


def test_an_address_changed_meanwhile_is_not_agreed_to(door):
    door.choose()
    door.customer.contact_points.update(is_primary=False)
    make_contact_point(door.customer, value="other@example.com")
    answer = door.prove()
    assert door.state() == "pending"
    body = Client().get(answer["Location"]).content.decode()
    assert "Another e-mail address was put in for you" in body
    assert "Nothing has been agreed" in body


def test_the_link_of_a_message_proves_nothing(door):
    door.choose()
    door.post(do="prove", code=door.code, fact="LS1 1AA")
    assert door.state() == "pending"


def test_a_newer_sample_ends_the_one_before(door):
    door.choose()
    old_path, old_code = door.grant_path, door.code
    door.choose()
    door.post(old_path, do="prove", code=old_code, fact="LS1 1AA")
    assert door.state() == "pending"
    door.prove()
    assert door.state() == "granted"


def test_a_flood_of_guesses_is_stopped_across_samples(door, monkeypatch):
    from consent import floods

    monkeypatch.setattr(
        "notices.pages.consenting.GUESSES", floods.Limit("guess", one=3, all=100)
    )
    door.choose()
    for _ in range(3):
        door.prove(code="AAA-AAA")
    assert door.prove().status_code == 429
    assert door.state() == "pending"


# Going back ---------------------------------------------------------------------


def agree(door):
    door.choose()
    door.prove()


def test_one_button_goes_back_to_paper_at_once(door):
    agree(door)
    page = door.get("?step=withdraw")
    assert "everything comes by post again" in page
    answer = door.post(do="withdraw", form=form_id_in(page))
    assert door.state() == "withdrawn"
    receipt = Client().get(answer["Location"]).content.decode()
    assert "You are back on paper" in receipt
    assert "You went back to paper on" in door.get()


def test_the_receipt_of_going_back_to_paper_names_no_address_as_where_it_goes(door):
    agree(door)
    page = door.get("?step=withdraw")
    answer = door.post(do="withdraw", form=form_id_in(page))
    receipt = Client().get(answer["Location"]).content.decode()
    assert "<dt>E-mail address so far</dt>" in receipt
    assert "<dt>To</dt>" not in receipt


def test_withdrawing_twice_is_one_record(door):
    agree(door)
    places = {door.post(do="withdraw")["Location"] for _ in range(2)}
    assert len(places) == 1
    assert door.events().count("withdrawn") == 1


def test_who_has_paper_has_nothing_to_go_back_from(door):
    assert "You get paper already" in door.get("?step=withdraw")
    assert door.post(do="withdraw").status_code == 200
    assert door.events() == []


def test_a_new_address_takes_a_new_sample_and_the_old_consent_stands_till_then(door):
    agree(door)
    assert "Change the e-mail address" in door.get()
    door.choose(where="other", address="new@b.org", address_again="new@b.org")
    assert door.state() == "granted"
    door.prove()
    granted = ConsentEvent.objects.filter(customer=door.customer, state="granted")
    assert [bytes(one.address_print) for one in granted.order_by("seq")] == [
        fingerprint_of("ada@example.com"),
        fingerprint_of("new@b.org"),
    ]


# What was there before ----------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("unproven", "no proof that you saw"),
        ("stale", "show once more that you can open a sample"),
        ("expired", "You can give it again here"),
    ],
)
def test_a_consent_that_does_not_hold_invites_to_prove_it(door, state, said):
    make_consent(door.customer, state=state)
    assert said in door.get()
    agree(door)
    assert door.state() == "granted"


def test_a_consent_for_another_address_is_asked_anew(door):
    agree(door)
    door.customer.contact_points.update(is_primary=False)
    make_contact_point(door.customer, value="other@example.com")
    assert "was changed after you had agreed" in door.get()


def test_a_firm_agrees_by_its_contract_and_names_who_speaks(settings):
    door = open_door(kind="business")
    refused = door.post(do="agree", categories=CATEGORIES)
    assert refused.status_code == 422
    answer = door.post(do="agree", categories=CATEGORIES, signed_by="Jo Hill, Director")
    assert answer.status_code == 303
    granted = ConsentEvent.objects.get(customer=door.customer, state="granted")
    assert (granted.basis, granted.evidence.keys()) == ("contract", {"form"})
    assert ConsentDetail.objects.get(event=granted).words == "Jo Hill, Director"


def test_where_law_and_firm_ask_for_no_sample_the_known_address_is_enough(settings):
    door = open_door()
    publish(door.brand, needs_demonstration=False)
    assert 'value="agree"' in door.get()
    door.choose(do="agree")
    assert door.state() == "granted"
    # Another address is proven all the same.
    door.choose(do="agree", where="other", address="n@b.org", address_again="n@b.org")
    assert Demonstration.objects.get().address == "n@b.org"


def test_in_the_united_states_the_sample_is_asked_for_whatever_the_firm_says(settings):
    door = open_door(country="US")
    publish(door.brand, needs_demonstration=False)
    assert 'value="sample"' in door.get()
    door.choose(do="agree")
    assert door.state() == "pending"


# Receipts -----------------------------------------------------------------------


def test_the_receipt_can_be_kept_as_pdf_and_as_data(door):
    door.choose()
    place = door.prove()["Location"]
    pdf = Client().get(f"{place}.pdf")
    assert pdf["Content-Disposition"] == 'attachment; filename="receipt.pdf"'
    with pikepdf.open(BytesIO(pdf.content)) as file:
        assert file.Root.MarkInfo.Marked
    text = "".join(
        page.get_textpage().get_text_bounded()
        for page in pypdfium2.PdfDocument(pdf.content)
    )
    granted = ConsentEvent.objects.get(customer=door.customer, state="granted")
    assert str(granted.record_id) in text
    assert "Your right to paper" in text
    data = json.loads(Client().get(f"{place}.json").content)
    assert data["receipt_id"] == str(granted.record_id)
    assert data["event"][0]["event_state"] == "granted"
    assert data["event"][0]["previous_state"] == "pending"
    assert "ada@example.com" not in json.dumps(data)


def test_the_copy_by_mail_carries_both(door):
    agree(door)
    granted = ConsentEvent.objects.get(customer=door.customer, state="granted")
    notice = Notice.objects.in_full().get(dedupe_key=f"receipt:{granted.record_id}")
    mail = message_from_bytes(message_of(notice, timezone.now()).body, policy=default)
    names = [one.get_filename() for one in mail.iter_attachments()]
    assert names == ["receipt.pdf", "receipt.json"]
    token = mint(notice.reference).token
    assert f"/c/{token}" in mail.get_body(("plain",)).get_content()


def test_nobody_sees_the_receipt_of_somebody_else(door):
    door.choose()
    place = door.prove()["Location"]
    other = open_door(email="eve@example.com")
    record = place.rpartition("/")[2]
    for ending in ("", ".pdf", ".json"):
        answer = Client().get(f"{other.path}/receipt/{record}{ending}")
        assert answer.status_code == 404


def test_no_token_and_no_name_is_kept_where_it_does_not_belong(door):
    agree(door)
    for event in ConsentEvent.objects.filter(customer=door.customer):
        kept = json.dumps([event.evidence, event.actor, event.disclosure_ref])
        assert door.opened.token not in kept
        assert "ada@" not in kept
    for detail in ConsentDetail.objects.filter(event__customer=door.customer):
        assert door.opened.token not in detail.url


@pytest.mark.parametrize(
    ("number", "typed"),
    [
        ("NW-10OI", "1001"),
        ("NW-10OI", "nw l0 oi"),
        ("NW-4217", "42l7"),
        ("NW-0042", "oo42"),
        ("NW-0042", "\uff10\uff10\uff14\uff12"),
        ("NW-0042", "\u0660\u0660\u0664\u0662"),
    ],
)
def test_signs_that_nobody_tells_apart_on_paper_are_read_alike(door, number, typed):
    type(door.customer).objects.filter(pk=door.customer.pk).update(number=number)
    door.customer.postal_address.delete()
    door.choose()
    door.prove(fact=typed)
    assert door.state() == "granted"


def test_a_postcode_with_a_letter_for_a_nought_is_read(door):
    door.choose()
    door.prove(fact="LSI IAA")
    assert door.state() == "granted"


def test_scripts_in_every_field_stay_words(door):
    door.choose()
    answers = [
        door.prove(code=SCRIPT[:20], fact=SCRIPT[:40]),
        door.choose(where=SCRIPT, categories=[SCRIPT], shown=door.disclosure.ref),
        door.post(do=SCRIPT, shown=SCRIPT, form=SCRIPT),
    ]
    for answer in answers:
        assert b"<script>" not in answer.content
    assert door.state() == "pending"


def test_a_sample_reaches_a_new_address_of_somebody_who_has_agreed(door, settings):
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")
    agree(door)
    door.choose(where="other", address="new@b.org", address_again="new@b.org")
    send_all_due(now=timezone.now())
    notice = Notice.objects.get(reference=door.sample.notice_reference)
    assert notice.state in {"sent", "delivered"}, (notice.state, notice.reason)


def test_a_link_bound_to_another_address_grants_nothing(door):
    door.choose()
    AccessLink.objects.filter(purpose="grant").update(
        address_print=fingerprint_of("eve@example.com")
    )
    door.prove()
    assert door.state() == "pending"


def test_what_was_typed_is_not_asked_for_again(door):
    door.choose()
    body = door.prove(code="AAA-AAA").content.decode()
    assert 'value="AAA-AAA"' in body
    assert 'value="ls1 1aa"' in body


# Both pages say the same --------------------------------------------------------


def test_an_agreement_switches_on_what_it_names(door):
    switch_off(door, "reminders", "service_news")
    agree(door)
    on = dict(door.customer.preferences.values_list("category", "is_on"))
    assert on == {"reminders": True, "service_news": False}
    change = PreferenceChange.objects.get(customer=door.customer)
    assert change.changes == {"reminders:email": [False, True]}
    assert change.notice_reference == door.sample.notice_reference


def test_a_yes_without_a_sample_switches_on_too(settings):
    door = open_door(kind="business")
    switch_off(door, "reminders")
    door.post(do="agree", categories=CATEGORIES, signed_by="Jo Hill, Director")
    assert door.customer.preferences.get().is_on


def test_what_comes_on_paper_is_told_and_can_be_agreed_to(door):
    agree(door)
    change_switches(
        customer=door.customer,
        wanted={},
        to_paper=["bills"],
        source=Source(method="web"),
        now=timezone.now(),
    )
    page = door.get()
    mailed, _, paper = page.partition("<dt>On paper</dt>")
    assert "<dd>Reminders about payments</dd>" in mailed
    assert "<dd>Bills</dd>" in paper
    assert "<dd>Bills</dd>" not in mailed
    assert "Get these by e-mail too" in paper
    newest = ConsentEvent.objects.filter(customer=door.customer).latest("seq")
    assert words.consent(newest).word == "Agreed: goes on for Payment reminders"
    offer = door.get("?step=more")
    assert "also what comes that way already" in offer
    agree(door)
    covered = ConsentEvent.objects.filter(customer=door.customer).latest("seq")
    assert covered.categories == CATEGORIES


def test_an_older_consent_that_names_nothing_covers_what_was_asked_for_then(door):
    make_consent(door.customer)
    page = door.get()
    for one in ("Bills", "Reminders about payments", "Changes to my contract"):
        assert f"<dd>{one}</dd>" in page
    assert "On paper" not in page


def test_an_older_consent_says_nothing_about_an_address_given_since(door):
    make_consent(door.customer)
    move(door, "new@b.org")
    page = door.get()
    assert "was changed after you had agreed" in page
    assert "We write to you by e-mail" not in page
    assert agreements(door.customer)[0].status.word == "Agreed for another address"
    agree(door)
    assert agreements(door.customer)[0].status.word == "Agreed"


def test_a_note_without_proof_proves_nothing_for_a_new_address(door):
    make_consent(door.customer, state="unproven")
    move(door, "new@b.org")
    assert "no proof that you saw" in door.get()
    assert agreements(door.customer)[0].status.word == "Agreed, without proof"


def test_a_firm_changes_its_address_elsewhere_and_reads_of_no_sample(settings):
    door = open_door(kind="business")
    door.post(do="agree", categories=CATEGORIES, signed_by="Jo Hill, Director")
    assert f'href="/p/{door.opened.token}/email"' in door.get()
    move(door, "new@b.org")
    page = door.get()
    assert "for the e-mail address that we use now" in page
    assert "open a sample at the new one" not in page


def test_keeping_paper_after_a_yes_asks_to_take_it_back(door):
    agree(door)
    answer = door.post(do="paper")
    assert "step=withdraw" in answer["Location"]
    assert "refused" not in door.events()


def test_a_receipt_names_no_bytes_that_never_were(door):
    place = door.choose() and door.prove()["Location"]
    data = json.loads(Client().get(f"{place}.json").content)
    assert "sample_sha256" not in data["event"][0]["evidence"]


def move(door, address):
    """Give another address, and confirm it by the link sent there."""
    now = timezone.now()
    change = addresses.ask_change(
        customer=door.customer,
        person=people_of([door.customer.pk])[door.customer.pk],
        brand=door.brand,
        kind="email",
        value=address,
        form_id=uuid.uuid4(),
        now=now,
    )
    link = AccessLink.objects.get(notice_reference=change.notice_reference)
    assert addresses.confirm(change=change, link=link, now=now)


def test_every_refusal_of_a_choice_has_words_of_its_own() -> None:
    assert set(PROBLEMS) == set(Refusal)
    for problem in PROBLEMS.values():
        assert words_for("en", "", "consent").plain(problem)
