"""A person who is erased is gone, except for what law keeps; and stays gone."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction

from campaigns.actions import tick
from consent.models import ConsentEvent, PreferenceChange, Suppression
from consent.verify import faults_of
from customers import erasure_file
from customers.erased import number_print
from customers.erasing import (
    ErasureRefused,
    erase_person,
    replay_erasures,
)
from customers.holdings import holdings, rooms
from customers.imports.run import Figures
from customers.models import (
    Allocation,
    Customer,
    Erasure,
    Hold,
    Invoice,
    LegalHold,
    Payment,
    RejectedRow,
)
from customers.sealed import SealedField
from notices import outbound
from notices.messages import message_of
from notices.models import (
    Answer,
    Attempt,
    Notice,
    Outbound,
    PrintFile,
    PrintItem,
    PrintRun,
    SentCopy,
)
from notices.printing.pages import fingerprints
from notices.starter import install_starters
from notices.states import State
from tests.customers.files import take
from tests.customers.holding import (
    EMAIL,
    NAME,
    NUMBER,
    OLD_EMAIL,
    SECRETS,
    make_mina,
    stop_of,
)
from tests.factories import (
    NOW,
    TODAY,
    make_alice,
    make_hold,
    make_invoice,
    make_notice,
    make_reply,
    make_user,
)
from tests.notices.printing import make_letter, make_print_stream, printed, texts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.DULY_HOME = str(tmp_path)


def import_rows(kind: str, rows: list[dict[str, str]]) -> Figures:
    """Import rows given by field."""
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    folder = Path(tempfile.mkdtemp(dir=settings.DULY_HOME))
    return take(folder, kind, "\n".join(lines))


def _erase(customer: Customer) -> dict[str, int]:
    done = erase_person(customer=customer, asked_by="ada", now=NOW, approved_by="bob")
    erasure_file.write_missing()  # as after the commit
    return done.changed


def _dump() -> Iterator[tuple[str, str]]:
    """Yield every row of every table as text, sealed values opened."""
    for model in apps.get_models():
        sealed = [
            one.name
            for one in model._meta.concrete_fields
            if isinstance(one, SealedField)
        ]
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row
                yield table, _bytes_in(row)
        for one in model._base_manager.only("pk", *sealed) if sealed else ():
            yield table, " ".join(str(getattr(one, name)) for name in sealed)


def _bytes_in(row: str) -> str:
    """Return what stands in the bytea columns of a row, as text."""
    found = [part.strip('"),') for part in row.split("\\x")[1:]]
    return " ".join(
        bytes.fromhex(part).decode("latin-1")
        for part in (one.split(",")[0].strip('")\\') for one in found)
        if len(part) % 2 == 0 and all(sign in "0123456789abcdef" for sign in part)
    )


def _found() -> set[tuple[str, str]]:
    return {
        (table, secret) for table, row in _dump() for secret in SECRETS if secret in row
    }


def test_the_scene_holds_something_in_every_table_that_gives_something_up() -> None:
    mina = make_mina()

    empty = {
        holding.table
        for holding in holdings()
        if (holding.is_deleted or holding.blanks) and not holding.rows(mina).exists()
    }

    # Print runs have a test of their own, and a legal hold keeps her.
    assert empty == {"notices_printitem", "customers_legalhold"}
    assert len(_found()) > 20


def test_nothing_of_an_erased_person_stands_in_any_table() -> None:
    mina = make_mina()
    content = ContentType.objects.get_for_model(Customer)
    LogEntry.objects.create(
        user=make_user(),
        content_type=content,
        object_id=str(mina.pk),
        object_repr=str(mina),
        action_flag=2,
        change_message=f"was {NAME}",
    )

    _erase(mina)

    assert _found() == set()


def test_what_law_keeps_stays() -> None:
    mina = make_mina()

    _erase(mina)

    invoice = Invoice.objects.get(customer=mina.pk)
    assert (invoice.amount, invoice.purpose) == (120, "")
    assert Payment.objects.filter(customer=mina.pk).exists()
    assert Allocation.objects.filter(invoice=invoice).exists()
    assert Suppression.objects.filter(fingerprint=stop_of(OLD_EMAIL)).exists()
    assert Notice.objects.filter(customer=mina.pk).count() == 3
    row = Customer.objects.get(pk=mina.pk)
    assert (row.number, row.name) == (f"erased-{mina.pk}", "Erased")


def test_the_chain_of_consents_still_verifies() -> None:
    mina = make_mina()
    before = ConsentEvent.objects.filter(customer=mina).count()

    _erase(mina)

    assert ConsentEvent.objects.filter(customer=mina).count() == before > 0
    assert list(faults_of(mina)) == []


def test_a_proof_of_what_was_sent_stays_without_its_words() -> None:
    mina = make_mina()
    copy = SentCopy.objects.get()
    was = bytes(copy.sha256)

    _erase(mina)

    copy.refresh_from_db()
    assert (bytes(copy.body), copy.size, bytes(copy.sha256)) == (b"", 0, was)
    assert {one.destination for one in Attempt.objects.all()} == {""}


def test_what_was_chosen_stays_as_figures_that_name_nobody() -> None:
    mina = make_mina()

    changed = _erase(mina)

    kept = PreferenceChange.objects.get(customer=mina)
    assert kept.changes == {"reminders:sms": [True, False]}
    told = Answer.objects.get(customer=mina)
    assert (told.kind, told.facts, told.text) == ("details", {}, "")
    assert told.marks.get().mark == 4
    assert told.plan is not None
    assert told.plan.instalments.exists()
    assert not told.files.exists()
    assert changed["consent_linkrequest"] == 2
    assert changed["consent_demonstration"] == 1


def test_what_was_planned_never_goes() -> None:
    mina = make_mina()
    planned = Notice.objects.get(state=State.SCHEDULED)

    _erase(mina)

    planned.refresh_from_db()
    assert (planned.state, planned.reason) == (State.CANCELLED, "erased")


def test_nobody_else_is_touched() -> None:
    alice = make_alice()
    make_notice(alice, state=State.SENT)
    before = [row for table, row in _dump() if "Alice" in row or "alice@" in row]
    mina = make_mina()

    _erase(mina)

    assert [row for _, row in _dump() if "Alice" in row or "alice@" in row] == before


def test_only_what_really_changed_is_reported_and_a_second_time_is_nothing() -> None:
    mina = make_mina()

    changed = _erase(mina)
    again = _erase(mina)

    assert changed["customers_contactpoint"] == 3
    assert changed["customers_rejectedrow"] == 3
    assert changed["notices_attempt"] == 2
    assert "consent_consentevent" not in changed
    assert "customers_payment" not in changed
    assert again == {}
    assert Erasure.objects.get().changed == changed


def test_what_comes_in_later_goes_the_second_time() -> None:
    mina = make_mina()
    _erase(mina)
    make_reply(mina, text="Pumpernickel is well", state="done", handled_at=NOW)

    assert _erase(mina) == {"notices_reply": 1}
    assert _found() == set()


@pytest.mark.parametrize(
    "case", ["owed", "dispute", "flight", "legal", "reply", "answer", "call"]
)
def test_nobody_is_erased_while_something_is_left_to_do(case: str) -> None:
    mina = make_mina()
    says = {
        "owed": "still open",
        "dispute": "in dispute",
        "flight": "being sent",
        "legal": "legal hold (case 12)",
        "reply": "waits for an answer",
        "answer": "told us on their page",
        "call": "on the call desk",
    }[case]
    match case:
        case "owed":
            make_invoice(mina)
        case "dispute":
            make_hold(mina, reason=Hold.Reason.DISPUTE)
        case "flight":
            make_notice(mina, state=State.HANDING_OFF)
        case "legal":
            LegalHold.objects.create(
                customer=mina, reason="case 12", placed_by="ada", placed_at=NOW
            )
        case "reply":
            make_reply(mina)
        case "answer":
            Answer.objects.update(state="open")
        case "call":
            make_notice(mina, state=State.CALLING, channel="call")

    with pytest.raises(ErasureRefused) as refused:
        _erase(mina)

    assert says in str(refused.value)
    assert Customer.objects.get(pk=mina.pk).name == NAME
    assert not Erasure.objects.exists()


# An import does not bring anybody back -----------------------------------------


def test_an_import_of_an_erased_number_is_refused_and_keeps_nothing() -> None:
    mina = make_mina()
    _erase(mina)

    figures = import_rows(
        "customers", [{"number": NUMBER, "name": NAME, "email": EMAIL}]
    )

    assert (figures.new, figures.rejected) == (0, 1)
    row = RejectedRow.objects.get()
    assert (row.code, row.cells) == ("erased", {})
    assert "was erased on 2026-03-10" in row.sentence
    assert _found() == set()


def test_a_bad_row_of_an_erased_person_keeps_nothing_either() -> None:
    mina = make_mina()
    _erase(mina)

    import_rows(
        "customers", [{"number": NUMBER, "name": NAME, "email": "no address at all"}]
    )
    import_rows(
        "customers",
        [{"number": NUMBER, "name": NAME}, {"number": NUMBER, "name": NAME}],
    )

    assert _found() == set()


def test_everybody_else_is_imported_as_ever() -> None:
    _erase(make_mina())

    figures = import_rows("customers", [{"number": "N1", "name": "New"}])

    assert (figures.new, figures.rejected) == (1, 0)


def test_an_invoice_for_an_erased_number_says_so() -> None:
    _erase(make_mina())

    import_rows(
        "invoices",
        [
            {
                "number": "I1",
                "customer": NUMBER,
                "issued_on": "2026-03-01",
                "due_on": "2026-03-10",
                "amount": "1.00",
                "currency": "EUR",
            }
        ],
    )

    assert [row.code for row in RejectedRow.objects.all()] == ["erased"]
    assert _found() == set()


# After a restore ------------------------------------------------------------------


def _restored() -> Customer:
    """Return her as a backup from before brings her back: another row, all of it."""
    with connection.cursor() as cursor:
        for table in ("customers_erasure", "customers_auditentry"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM customers_erasure")
        for table in ("customers_erasure", "customers_auditentry"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return make_mina()


def test_a_restored_backup_is_erased_again() -> None:
    _erase(make_mina())
    _restored()
    assert _found() != set()

    done = replay_erasures(now=NOW)

    assert [one.total > 0 for one in done] == [True]
    assert _found() == set()
    assert Erasure.objects.get().number_print == number_print(NUMBER)
    assert replay_erasures(now=NOW) == []


def test_what_the_backup_still_shows_as_owed_does_not_keep_a_person() -> None:
    _erase(make_mina())
    mina = _restored()
    make_invoice(mina)

    replay_erasures(now=NOW)

    assert _found() == set()


def test_an_import_is_refused_even_if_the_backup_never_knew_the_person() -> None:
    mina = make_mina()
    _erase(mina)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_erasure DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM customers_erasure")
        cursor.execute("ALTER TABLE customers_erasure ENABLE TRIGGER USER")

    replay_erasures(now=NOW)
    figures = import_rows("customers", [{"number": NUMBER, "name": NAME}])

    assert figures.rejected == 1


def test_the_file_names_nobody_and_is_its_owners_alone() -> None:
    _erase(make_mina())

    text = erasure_file.path().read_text()

    assert not any(secret in text for secret in SECRETS)
    assert erasure_file.path().stat().st_mode & 0o777 == 0o600
    assert json.loads(text)["approved_by"] == "bob"


def test_a_line_left_half_written_is_written_again() -> None:
    _erase(make_mina())
    path = erasure_file.path()
    path.write_bytes(path.read_bytes()[:-20])

    assert erasure_file.write_missing() == 1
    assert len(list(erasure_file.lines())) == 1


def test_a_damaged_file_is_an_error_that_says_what_to_do() -> None:
    _erase(make_mina())
    path = erasure_file.path()
    path.write_text("not json\n" + path.read_text())

    with pytest.raises(erasure_file.LedgerDamaged, match="Line 1 of"):
        replay_erasures(now=NOW)


# The command ----------------------------------------------------------------------


def _command(*args: str) -> Any:
    out = StringIO()
    call_command("erase_person", *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_says_what_changed_and_nothing_the_second_time() -> None:
    make_mina()

    first = _command(NUMBER, "--yes")
    second = _command(NUMBER, "--yes")

    assert first["rows"] == sum(first["changed"].values()) > 15
    assert second == {"changed": {}, "rows": 0}
    assert Erasure.objects.get().asked_by.startswith("command (")


def test_the_command_refuses_in_words_and_changes_nothing() -> None:
    make_invoice(make_mina())
    before = sorted(_dump())

    with pytest.raises(CommandError, match=r"1 invoice is still open.*Nothing was"):
        _command(NUMBER, "--yes")

    assert sorted(_dump()) == before


def test_the_command_knows_nobody_by_a_wrong_number() -> None:
    with pytest.raises(CommandError, match="There is no customer X"):
        _command("X", "--yes")


def test_without_yes_the_number_must_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    make_mina()
    monkeypatch.setattr("builtins.input", lambda _: "yes")

    with pytest.raises(CommandError, match="Nothing was changed"):
        _command(NUMBER)

    assert Customer.objects.filter(number=NUMBER).exists()


# Every table is reckoned with -------------------------------------------------------


def _leads_to_customer() -> set[str]:
    """Return every table from which foreign keys lead to a customer."""
    reached = {Customer}
    while True:
        more = {
            model
            for model in apps.get_models(include_auto_created=True)
            for one in model._meta.concrete_fields
            if isinstance(one, models.ForeignKey) and one.related_model in reached
        } - reached
        if not more:
            return {model._meta.db_table for model in reached}
        reached |= more


def test_every_table_that_leads_to_a_person_is_exported_and_erased_or_says_why() -> (
    None
):
    known = {holding.table for holding in holdings()}
    harmless = {table for room in rooms() for table in room.harmless}

    assert _leads_to_customer() - known - harmless == set()


def test_a_column_that_is_added_has_to_be_thought_of() -> None:
    """Every text column of a table that stays is blanked, or named here as nobody's."""
    unblanked = {
        f"{holding.table}.{one.name}"
        for holding in holdings()
        if not holding.is_deleted
        for one in holding.model._meta.concrete_fields
        if isinstance(
            one, models.CharField | models.TextField | models.JSONField | SealedField
        )
        and not one.choices
        and one.name not in holding.blanks
    }

    assert unblanked == NOBODYS


# Codes, references, staff, and the facts of figures; the profile's own name and
# number are replaced by customers.erasing itself.
NOBODYS = {
    "consent_consentevent.actor",
    "consent_consentevent.channel",
    "consent_consentevent.commitments",
    "consent_consentevent.disclosure_ref",
    "consent_consentevent.evidence",
    "consent_consentevent.jurisdiction",
    "consent_consentevent.language",
    "consent_consentevent.ui_version",
    "consent_preferencechange.changes",
    "consent_preferencechange.notice_reference",
    "consent_suppression.source",
    "customers_accessentry.which",
    "customers_accessentry.who",
    "customers_plan.handled_by",
    "customers_auditentry.after",
    "customers_auditentry.before",
    "customers_auditentry.row",
    "customers_auditentry.verb",
    "customers_auditentry.what",
    "customers_auditentry.who",
    "customers_customer.country",
    "customers_customer.language",
    "customers_customer.name",
    "customers_customer.number",
    "customers_customer.region",
    "customers_customer.time_zone",
    "customers_erasure.approved_by",
    "customers_erasure.asked_by",
    "customers_erasure.changed",
    "customers_erasurerequest.asked_by",
    "customers_erasurerequest.decided_by",
    "customers_invoice.currency",
    "customers_invoice.number",
    "customers_payment.currency",
    "customers_payment.reference",
    "customers_plan.currency",
    "customers_plan.decided_by",
    "notices_answer.handled_by",
    "notices_answer.reference",
    "notices_attempt.currency",
    "notices_attempt.idempotency_key",
    "notices_attempt.provider",
    "notices_attempt.provider_reference",
    "notices_callrecord.by",
    "notices_callrecord.currency",
    "notices_callrecord.done_by",
    "notices_calltask.locked_by",
    "notices_deliveryevent.event_id",
    "notices_deliveryevent.provider",
    "notices_notice.dedupe_key",
    "notices_notice.kind",
    "notices_notice.legal",
    "notices_notice.reason",
    "notices_notice.reference",
    "notices_printitem.country",
    "notices_printitem.reason",
    "notices_reply.handled_by",
    "notices_reply.provider",
    "notices_reply.provider_reference",
    "notices_sandboxmessage.media_type",
    "notices_sandboxmessage.reference",
    "notices_sentcopy.media_type",
}


# Letters, and the house that a backup is restored in ------------------------------


def test_letters_are_taken_out_of_their_print_file_and_others_stay() -> None:
    install_starters(["en"])
    stream = make_print_stream()
    hers = make_letter(stream, name=NAME, postcode="ZZ9 9QQ")
    others = make_letter(stream, name="Alice Late", postcode="LS1 1AA")
    run = printed(stream.brand)
    PrintRun.objects.filter(pk=run.pk).update(state="posted", posted_on=TODAY)
    Notice.objects.filter(print_items__run=run).update(state="sent", sent_at=NOW)
    Invoice.objects.update(status="paid", open_amount=0, paid_on=TODAY)
    before = message_of(Notice.objects.get(pk=others.pk), NOW).body
    file = PrintFile.objects.get()
    was = texts(bytes(file.body))
    assert any(NAME in page for page in was)

    changed = _erase(Customer.objects.get(pk=hers.customer_id))

    assert (changed["notices_printfile"], changed["notices_printitem"]) == (1, 1)
    file.refresh_from_db()
    pages = texts(bytes(file.body))
    assert len(pages) == len(was)
    assert not any(NAME in page for page in pages)
    assert any("Alice Late" in page for page in pages)
    assert NAME.encode() not in bytes(file.body)
    after = message_of(Notice.objects.get(pk=others.pk), NOW).body
    assert texts(after) == texts(before)
    item = PrintItem.objects.get(notice=others)
    assert item.first_page is not None
    (mark,) = fingerprints(bytes(file.body), [(item.first_page, item.pages)])
    assert mark == bytes(item.sha256)
    assert _found() == set()
    assert _erase(Customer.objects.get(pk=hers.customer_id)) == {}


def test_a_print_file_still_cannot_be_changed_by_anybody_else() -> None:
    install_starters(["en"])
    stream = make_print_stream()
    make_letter(stream)
    printed(stream.brand)

    with pytest.raises(IntegrityError, match="it stands"), transaction.atomic():
        PrintFile.objects.update(body=b"x")


def test_naming_a_restored_house_the_real_one_erases_again_first() -> None:
    _erase(make_mina())
    _restored()
    Outbound.objects.update(
        installation="another", stopped_at=NOW, cause="copy", reason="seen"
    )

    outbound.adopt(by="ada", now=NOW)

    assert _found() == set()
    assert outbound.is_open()


def test_a_damaged_file_keeps_a_restored_house_from_sending() -> None:
    _erase(make_mina())
    path = erasure_file.path()
    path.write_text("not json\n" + path.read_text())
    Outbound.objects.update(
        installation="another", stopped_at=NOW, cause="copy", reason="seen"
    )

    with pytest.raises(outbound.OutboundError, match="Line 1 of"):
        outbound.adopt(by="ada", now=NOW)

    assert not outbound.is_open()


def test_every_pass_of_the_scheduler_erases_whom_a_backup_brought_back() -> None:
    _erase(make_mina())
    _restored()

    tick(now=NOW, ring=False)

    assert _found() == set()


def test_nobody_takes_in_an_erased_number_by_hand() -> None:
    _erase(make_mina())

    with pytest.raises(ValidationError, match="was erased on 2026-03-10"):
        Customer(number=NUMBER, name=NAME).full_clean()
