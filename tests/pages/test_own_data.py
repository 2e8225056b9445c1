"""A customer's own copy of their data: asked for on a page, opened by one link."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from campaigns.tasks import make_export
from campaigns.tidying import keep_in_order
from consent.actions import suppress
from consent.floods import COPIES, count
from consent.links import Door, mint, open_link, revoke_links
from consent.models import AccessLink
from customers import rights
from customers.erasing import erase_person
from customers.models import (
    AccessEntry,
    ContactPoint,
    Customer,
    Invoice,
    PersonExport,
    PostalAddress,
)
from customers.reaching import SETTLES, reach_at
from customers.vault import new_key
from notices import own_copy
from notices.facts import load_facts
from notices.models import Brand, Notice, Reply, TemplateVersion
from notices.own_copy import tell_finished
from notices.pages.words import LANGUAGES
from notices.render import compile_version, render
from notices.starter import install_starters
from tests.factories import make_contact_point, make_user
from tests.pages.opening import Opened, open_notice

pytestmark = pytest.mark.django_db
EMAIL = "ada.lovelace@example.com"


@pytest.fixture
def opened(settings):
    settings.PUBLIC_URL = "https://bills.example.com"
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")
    install_starters(["en", "pl"])
    return open_notice(name="Ada Lovelace", email=EMAIL, address=True, channel="email")


def look(opened: Opened, lang: str = "en") -> str:
    answer = Client().get(f"/p/{opened.token}/data?lang={lang}")
    assert answer.status_code == 200
    assert not answer.cookies
    return answer.content.decode()


def ask(opened: Opened, form: object = None):
    return Client().post(f"/p/{opened.token}/data", {"form": str(form or uuid4())})


def made(opened: Opened) -> PersonExport:
    """Return a copy that was asked for, made, and told of."""
    assert "being made" in ask(opened).content.decode()
    export = PersonExport.objects.get(customer=opened.customer, state="waiting")
    make_export(export.pk)
    export.refresh_from_db()
    return export


def mail_of(export: PersonExport) -> Notice:
    return Notice.objects.get(dedupe_key=f"own-copy:{export.pk}")


def door_of(export: PersonExport) -> str:
    return f"/o/{mint(mail_of(export).reference).token}"


def take(path: str, typed: str = "LS1 1AA"):
    return Client().post(path, {"answer": typed})


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content)


# Asking ------------------------------------------------------------------------


def test_the_preference_page_leads_to_it(opened):
    page = Client().get(f"/p/{opened.token}").content.decode()
    assert f'href="/p/{opened.token}/data"' in page


def test_the_page_says_what_it_holds_and_where_the_mail_goes(opened):
    page = look(opened)
    assert "Every message that went to you" in page
    assert "a•••@e•••.com" in page
    for secret in ("ada.lovelace", "Lovelace", "LS1"):
        assert secret not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_every_language(opened, language):
    assert f'lang="{language}"' in look(opened, language)


def test_looking_costs_six_queries_at_most_and_makes_nothing(
    opened, django_assert_max_num_queries
):
    with django_assert_max_num_queries(6):
        look(opened)
    assert not PersonExport.objects.exists()


def test_asking_notes_who_asked_and_by_which_link(opened):
    assert "a•••@e•••.com" in ask(opened).content.decode()
    export = PersonExport.objects.get()
    assert (export.asked_by, export.is_own) == ("the customer", True)
    assert export.asked_with == opened.notice.reference
    entry = AccessEntry.objects.get()
    assert (entry.who, entry.what) == ("the customer", "export_asked")
    assert opened.notice.reference in entry.which


def test_the_same_form_twice_is_one_copy_and_one_answer(opened):
    form = uuid4()
    first, again = ask(opened, form), ask(opened, form)
    assert first.status_code == again.status_code == 200
    assert again.content == first.content
    assert "already" not in again.content.decode()
    assert PersonExport.objects.count() == 1


def test_a_form_without_its_number_makes_nothing(opened):
    Client().post(f"/p/{opened.token}/data", {"form": "x"})
    assert not PersonExport.objects.exists()


def test_one_that_is_being_made_is_told_so_kindly(opened):
    ask(opened)
    assert "being made already" in ask(opened).content.decode()
    assert "being made already" in look(opened)
    assert PersonExport.objects.count() == 1


def test_there_is_one_a_day_and_the_next_day_another(opened):
    export = made(opened)
    for page in (look(opened), ask(opened).content.decode()):
        assert "You can ask for another one from" in page
    assert PersonExport.objects.count() == 1
    PersonExport.objects.filter(pk=export.pk).update(
        asked_at=timezone.now() - dt.timedelta(hours=25)
    )
    assert "is being made" in ask(opened).content.decode()


def test_one_that_staff_had_made_does_not_count(opened):
    staffs = rights.ask_export(customer=opened.customer, by="ada", now=timezone.now())
    make_export(staffs.pk)
    assert not Notice.objects.filter(template__key="own-copy").exists()
    ask(opened)
    assert PersonExport.objects.filter(form_id__isnull=False).count() == 1


def test_one_that_staff_have_under_way_becomes_the_customers_too(opened):
    staffs = rights.ask_export(customer=opened.customer, by="ada", now=timezone.now())
    assert "being made already" not in look(opened)
    form = uuid4()
    for _ in range(2):
        assert "a•••@e•••.com" in ask(opened, form).content.decode()
    export = PersonExport.objects.get()
    assert (export.pk, export.form_id) == (staffs.pk, form)
    assert (export.asked_by, export.asked_with) == ("ada", opened.notice.reference)
    assert [one.who for one in AccessEntry.objects.order_by("pk")] == [
        "ada",
        "the customer",
    ]
    assert "being made already" in ask(opened).content.decode()
    make_export(export.pk)
    assert body_of(take(door_of(export)))


def test_a_network_that_asks_for_many_waits_an_hour(opened):
    for _ in range(COPIES.one):
        count(COPIES, "127.0.0.1", now=timezone.now())
    assert ask(opened).status_code == 429
    assert not PersonExport.objects.exists()


def test_each_copy_counts_for_its_network(opened):
    for _ in range(COPIES.one):
        ask(open_notice(address=True, channel="email"))
    assert ask(opened).status_code == 429


# Where the link goes -------------------------------------------------------------


def test_when_it_is_ready_one_mail_goes_to_the_address_we_know(opened):
    export = made(opened)
    notice = mail_of(export)
    assert (notice.customer, notice.channel) == (opened.customer, "email")
    tell_finished(now=timezone.now())
    make_export(export.pk)
    assert Notice.objects.filter(template__key="own-copy").count() == 1
    assert not Reply.objects.exists()
    facts = load_facts([notice.pk], timezone.now())[notice.pk]
    assert facts.destination.address == EMAIL
    body = render(compile_version(notice.template, "email"), facts).body
    assert f"https://bills.example.com{door_of(export)}".encode() in body


def test_the_link_opens_nothing_but_the_copy_and_is_kept_as_a_hash(opened):
    token = door_of(made(opened)).rpartition("/")[2]
    now = timezone.now()
    for door in set(Door) - {Door.OWN_COPY}:
        assert open_link(token, door, now=now) is None
    assert open_link(token, Door.OWN_COPY, now=now) is not None
    week = now + dt.timedelta(days=7)
    assert open_link(token, Door.OWN_COPY, now=week) is None
    assert open_link(opened.token, Door.OWN_COPY, now=now) is None
    assert AccessLink.objects.filter(purpose="own_copy").count() == 1


def test_a_worker_that_died_before_the_word_of_it_leaves_that_to_the_clock(opened):
    ask(opened)
    export = PersonExport.objects.get()
    rights.make_export(export_id=export.pk, now=timezone.now())
    assert not Notice.objects.filter(template__key="own-copy").exists()
    keep_in_order(now=timezone.now())
    assert mail_of(export)


def new_address(opened: Opened) -> None:
    # Staff brought it: what a link brings is in test_trusted_addresses.
    brought = {"kind": "email", "value": "eve@example.org", "is_vouched": True}
    point = reach_at(customer=opened.customer, **brought)
    # In a row of one's own transaction the database's clock stands still.
    ContactPoint.objects.filter(pk=point.pk).update(primary_since=timezone.now())


def test_an_address_changed_lately_gets_nothing_of_the_kind(opened):
    new_address(opened)
    page = look(opened)
    assert "is new. Until" in page
    assert "e•••@e•••.org" not in page
    ask(opened)
    assert not PersonExport.objects.exists()
    ContactPoint.objects.filter(is_primary=True).update(
        primary_since=timezone.now() - SETTLES
    )
    ask(opened)
    assert PersonExport.objects.count() == 1


def test_the_database_itself_says_since_when_an_address_is_used(opened):
    reach_at(customer=opened.customer, kind="email", value="eve@example.org")
    new = ContactPoint.objects.get(customer=opened.customer, is_primary=True)
    assert timezone.now() - new.primary_since < dt.timedelta(hours=1)
    back = reach_at(customer=opened.customer, kind="email", value=EMAIL)
    back.refresh_from_db()
    assert back.primary_since is not None
    since = back.primary_since
    reach_at(customer=opened.customer, kind="email", value=EMAIL)
    back.refresh_from_db()
    assert back.primary_since == since


def test_a_key_that_is_missing_stops_no_clock_and_is_told_in_the_log(
    opened, settings, caplog
):
    ask(opened)
    export = PersonExport.objects.get()
    rights.make_export(export_id=export.pk, now=timezone.now())
    settings.FIELD_KEYS = f"other:{new_key()}"
    assert tell_finished(now=timezone.now()) == 0
    assert f"file {export.pk}" in caplog.text
    export.refresh_from_db()
    assert export.told_at is None


@pytest.mark.parametrize("error", [ValueError("Ada Lovelace"), DatabaseError("Ada")])
def test_one_that_breaks_stops_no_clock_and_its_words_stand_in_no_log(
    opened, monkeypatch, caplog, error
):
    ask(opened)
    other = open_notice(email="b@example.com", address=True, channel="email")
    ask(other)
    bad, good = PersonExport.objects.order_by("pk")
    tell = own_copy._tell

    def breaks(export, now):
        if export.pk == bad.pk:
            raise error
        return tell(export, now)

    monkeypatch.setattr(own_copy, "_tell", breaks)
    for export in (bad, good):
        rights.make_export(export_id=export.pk, now=timezone.now())
    keep_in_order(now=timezone.now())
    assert mail_of(good)
    assert f"file {bad.pk}: {type(error).__name__} in breaks" in caplog.text
    assert "Ada" not in caplog.text
    monkeypatch.undo()
    keep_in_order(now=timezone.now())
    assert mail_of(bad)


def test_those_that_fail_hold_no_place_before_the_others(opened, monkeypatch):
    monkeypatch.setattr(own_copy, "MOST_AT_ONCE", 2)
    exports = []
    for which in (opened, *(open_notice(**whom(at)) for at in range(2))):
        ask(which)
        exports.append(PersonExport.objects.latest("pk"))
        rights.make_export(export_id=exports[-1].pk, now=timezone.now())
    tell, failing = own_copy._tell, {one.pk for one in exports[:2]}

    def breaks(export, now):
        return 1 / 0 if export.pk in failing else tell(export, now)

    monkeypatch.setattr(own_copy, "_tell", breaks)
    assert tell_finished(now=timezone.now()) == 0
    assert tell_finished(now=timezone.now()) == 1
    assert mail_of(exports[2])


def whom(at: int) -> dict[str, object]:
    return {"email": f"p{at}@example.com", "address": True, "channel": "email"}


def test_an_address_that_changes_while_the_copy_is_made_gets_no_link(opened):
    ask(opened)
    new_address(opened)
    export = PersonExport.objects.get()
    make_export(export.pk)
    assert not Notice.objects.filter(template__key="own-copy").exists()
    assert "in use for only a few days" in Reply.objects.get().text
    assert tell_finished(now=timezone.now()) == 0


def test_a_link_dies_with_the_address_it_went_to(opened):
    path = door_of(made(opened))
    assert Client().get(path).status_code == 200
    new_address(opened)
    assert Client().get(path).status_code == 404
    assert take(path).status_code == 404


@pytest.mark.parametrize("why", ["none", "dead", "stopped", "unsure", "died", "text"])
def test_where_no_mail_can_go_the_page_says_so_and_staff_do_it(opened, why):
    points = ContactPoint.objects.filter(customer=opened.customer)
    if why == "none":
        points.delete()
    elif why == "stopped":
        suppress(
            channel="email",
            address=EMAIL,
            reason="stop",
            source="test",
            now=timezone.now(),
        )
    elif why == "died":
        Customer.objects.update(status="deceased")
    elif why == "text":
        TemplateVersion.objects.filter(key="own-copy").update(
            state="retired", retired_at=timezone.now()
        )
    else:
        points.update(state={"dead": "dead", "unsure": "unverified"}[why])
    page = look(opened)
    assert "no e-mail address of yours" in page
    assert "How to reach us" in page
    assert "Ask our staff" in page
    for _ in range(2):
        assert "within a month" in ask(opened).content.decode()
    assert not PersonExport.objects.exists()
    reply = Reply.objects.get()
    assert (reply.customer, reply.state, reply.hold) == (opened.customer, "open", None)
    assert "Make sure who they are" in reply.text


def test_a_house_without_a_public_address_promises_nothing(opened, settings):
    settings.PUBLIC_URL = ""
    assert "Ask our staff" in look(opened)


def test_who_could_not_be_asked_who_they_are_goes_to_staff(opened):
    PostalAddress.objects.all().delete()
    assert "nothing of the kind on file" in look(opened)
    ask(opened)
    assert not PersonExport.objects.exists()


def test_a_copy_that_could_not_be_made_is_staffs_and_may_be_asked_for_again(
    opened, monkeypatch
):
    ask(opened)
    export = PersonExport.objects.get()
    monkeypatch.setattr(rights, "write_person", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_export(export.pk)
    monkeypatch.undo()
    keep_in_order(now=timezone.now())
    assert "could not be made" in Reply.objects.get().text
    assert "is being made" in ask(opened).content.decode()


# Taking it -------------------------------------------------------------------------


def test_the_page_asks_who_it_is_and_names_nobody(opened):
    page = Client().get(door_of(made(opened)))
    shown = page.content.decode()
    assert page.status_code == 200
    assert "Your copy is ready" in shown
    assert "The postcode of your address" in shown
    for secret in ("Ada", "Lovelace", "LS1", opened.customer.number):
        assert secret not in shown
    assert not page.cookies
    assert "noindex" in page["X-Robots-Tag"]


def test_the_right_answer_is_answered_with_the_file(opened):
    export = made(opened)
    got = take(door_of(export), "ls1-1aa")
    body = body_of(got)
    assert got["Content-Type"] == "application/zip"
    assert got["Content-Disposition"] == 'attachment; filename="my-data.zip"'
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Cache-Control"] == "no-store"
    assert not got.cookies
    assert int(got["Content-Length"]) == len(body) == export.size
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    assert b"Ada Lovelace" in archive.read("profile.json")


def test_what_the_letter_printed_that_it_was_asked_with_is_not_asked_for(settings):
    settings.PUBLIC_URL = "https://bills.example.com"
    settings.CHANNELS = dict.fromkeys(("email", "sms", "letter"), "sandbox")
    install_starters(["en"])
    finder = open_notice(email=EMAIL, address=True, channel="letter")
    assert "nothing of the kind on file" in look(finder)
    ask(finder)
    assert not PersonExport.objects.exists()
    make_contact_point(finder.customer, kind="mobile", value="+447700900123")
    path = door_of(made(finder))
    assert "Your phone number" in Client().get(path).content.decode()
    assert take(path).status_code == 422
    assert take(path, "07700 900123")["Content-Type"] == "application/zip"


def test_a_number_that_is_gone_when_the_copy_is_made_leaves_nothing_to_ask(opened):
    finder = open_notice(
        email="b@example.com", address=True, channel="letter", mobile="+447700900123"
    )
    ask(finder)
    finder.customer.contact_points.filter(kind="mobile").delete()
    export = PersonExport.objects.get(customer=finder.customer)
    make_export(export.pk)
    assert not Notice.objects.filter(template__key="own-copy").exists()
    assert "neither a postcode nor a phone number" in Reply.objects.get().text


def test_each_time_it_is_taken_is_noted(opened):
    export = made(opened)
    path = door_of(export)
    for _ in range(2):
        body_of(take(path))
    taken = AccessEntry.objects.filter(what="export")
    assert [one.who for one in taken] == ["the customer"] * 2
    assert {one.whose for one in taken} == {opened.customer.pk}
    assert mail_of(export).reference in taken[0].which
    export.refresh_from_db()
    assert export.taken_at is not None


def test_a_wrong_answer_opens_nothing_and_is_noted_nowhere_as_taken(opened):
    export = made(opened)
    path = door_of(export)
    said = [take(path, "LS9 9ZZ").status_code for _ in range(5)]
    assert said == [422] * 4 + [403]
    assert take(path).status_code == 403
    assert not AccessEntry.objects.filter(what="export").exists()
    export.refresh_from_db()
    assert export.taken_at is None


def test_looking_at_the_link_changes_nothing(opened):
    export = made(opened)
    for method in (Client().get, Client().head):
        assert method(door_of(export)).status_code == 200
    export.refresh_from_db()
    assert export.taken_at is None
    link = AccessLink.objects.get(purpose="own_copy")
    assert (link.used_at, link.wrong_answers) == (None, 0)


def test_wrong_expired_revoked_and_deleted_are_the_same_bytes(opened):
    export = made(opened)
    path, asked = door_of(export), Client()
    wrong = asked.get(f"/o/{'0' * 26}")
    assert wrong.status_code == 404

    def same() -> bool:
        got, posted = asked.get(path), take(path)
        return got.content == wrong.content == posted.content

    assert not same()
    revoke_links([opened.customer.pk], now=timezone.now())
    assert same()
    old = timezone.now() - dt.timedelta(days=7)
    AccessLink.objects.update(revoked_at=None, made_at=old)
    assert same()
    AccessLink.objects.update(made_at=timezone.now())
    PersonExport.objects.update(expires_at=timezone.now())
    assert same()
    PersonExport.objects.all().delete()
    assert same()
    assert asked.get(f"/o/{opened.token}").content == wrong.content


def test_a_firm_that_asks_nothing_still_takes_a_press_of_the_button(opened):
    Brand.objects.update(asks_before_copies="")
    export = made(opened)
    assert 'name="answer"' not in Client().get(door_of(export)).content.decode()
    assert len(body_of(Client().post(door_of(export), {}))) == export.size


def test_erasing_somebody_takes_their_copies_and_links(opened):
    path = door_of(made(opened))
    Invoice.objects.update(status="paid", open_amount=0, paid_on=dt.date(2026, 5, 1))
    erase_person(
        customer=opened.customer,
        asked_by="ada",
        approved_by="bea",
        now=timezone.now(),
    )
    assert not PersonExport.objects.exists()
    assert Client().get(path).status_code == 404


def test_staff_see_that_the_person_asked_and_took_it(opened):
    client = Client()
    client.force_login(make_user("ada", is_superuser=True))
    ask(opened)
    address = f"/customers/{opened.customer.pk}/"
    assert "by the customer on their own page" in client.get(address).content.decode()
    export = PersonExport.objects.get()
    make_export(export.pk)
    page = client.get(address).content.decode()
    assert "not taken by the customer yet" in page
    assert f"/messages/{opened.notice.reference}/" in page
    body_of(take(door_of(export)))
    assert ", taken by the customer on" in client.get(address).content.decode()


def test_only_who_may_take_data_out_reads_the_mail_with_the_link(opened):
    export = made(opened)
    address = f"/messages/{mail_of(export).reference}/"
    token = door_of(export).rpartition("/")[2].encode()
    paths = (address, f"{address}mail/", f"{address}source/")

    def read(client: Client) -> list[bool]:
        return [token in client.get(path).content for path in paths]

    looker, exporter = Client(), Client()
    looker.force_login(make_user("vic"))
    exporter.force_login(make_user("ada", is_superuser=True))
    assert "may read it" in looker.get(address).content.decode()
    assert not any(read(looker))
    assert any(read(exporter))


def test_the_copy_itself_tells_no_staff_and_no_keys(opened):
    rights.ask_export(customer=opened.customer, by="ada the clerk", now=timezone.now())
    make_export(PersonExport.objects.get().pk)
    body = body_of(take(door_of(made(opened))))
    archive = zipfile.ZipFile(io.BytesIO(body))
    told = archive.read("exports.json")
    assert b"clerk" not in told
    assert b"asked_at" in told
    assert b"form_id" not in told
