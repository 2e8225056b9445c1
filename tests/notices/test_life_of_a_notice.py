"""The life of a notice under everything that can happen to it, in any order.

A state machine drives the product's own verbs over real rows: workers that claim and
die, answers of every kind, sweeps, pauses, payments, staff, and clocks that jump. A
trigger notes every change of state; the sandbox's own book says what was taken.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
from django.db import connection, transaction
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from customers.actions import record_payment
from notices import dispatch
from notices.actions import (
    cancel_held,
    release_held,
    resolve_unknown,
    set_stream_state,
    sweep_stuck,
)
from notices.claims import claim
from notices.intake.meaning import OUTCOMES
from notices.intake.news import act
from notices.intake.told import News, NotYet
from notices.models import Attempt, DeliveryEvent, Notice, SandboxMessage, Stream
from notices.senders import Event, Outgoing, Receipt, SendError
from notices.senders.sandbox import SandboxSender
from notices.settling import journals
from notices.starter import install_starters
from notices.states import MOVES, State
from tests.factories import NOW, make_stream, number
from tests.notices.passing import SECONDS, expire_leases, time_passes
from tests.notices.test_dispatch import make_reminder

pytestmark = pytest.mark.django_db

Kind = DeliveryEvent.Kind

NOTE_MOVES = """
CREATE TEMPORARY TABLE moves_seen (source text, target text);
CREATE FUNCTION note_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO moves_seen VALUES (OLD.state, NEW.state);
    RETURN NULL;
END $$;
CREATE TRIGGER note_move AFTER UPDATE OF state ON notices_notice
FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION note_move();
"""

# What the provider does to one message: whether it takes it, and what we hear.
FATES: dict[str, tuple[bool, Receipt | SendError | None]] = {
    "taken": (True, Receipt("ok")),
    "delivered at once": (True, Receipt("ok", (Event("d", Kind.DELIVERED),))),
    "bounced at once": (True, Receipt("ok", (Event("b", Kind.HARD_BOUNCE),))),
    "refused": (False, SendError("550", permanent=True)),
    "no such address": (
        False,
        SendError("550 5.1.1", permanent=True, suppresses="hard_bounce"),
    ),
    "try later": (False, SendError("451")),
    "busy": (False, SendError("421", backs_off=True)),
    "not even tried": (False, SendError("no time", untried=True)),
    "answer lost, taken": (True, SendError("lost", unknown=True)),
    "answer lost, not taken": (False, SendError("lost", unknown=True)),
    # None: the worker dies on the wire.
    "worker dies, taken": (True, None),
    "worker dies, not taken": (False, None),
}

DEATHS = [name for name in sorted(FATES) if name.startswith("worker dies")]
ANSWERS = [name for name in sorted(FATES) if name not in DEATHS]
MEANWHILE = ["pause", "pay", "drain", "lose the lease", "report"]
# What a provider may say of what it took, in any order and as often as it likes.
WORDS = ["accepted", "delivered", "soft", "hard", "complaint"]
PROVIDERS = st.sampled_from(["sandbox", "mute"])


class WorkerDied(BaseException):
    """What a kill -9 is to the code that runs: nothing after it happens."""


@dataclass
class Provider:
    """A provider with a fate for each message to come; all it takes is on record.

    The one called sandbox can be asked afterwards, the mute one cannot.
    """

    provider: str
    fates: list[str]
    width: int = 0  # in the worker's own thread, which has the rows of this test
    seen: list[str] = field(default_factory=list)
    meanwhile: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, message: Outgoing) -> Receipt:
        self.seen.append(message.reference)
        takes, answer = FATES[self.fates.pop(0) if self.fates else "taken"]
        if takes:
            SandboxSender().send(message)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        if answer is None:
            raise WorkerDied
        if isinstance(answer, SendError):
            raise answer
        # A provider's ids are its own for each message.
        events = (Event(f"{message.reference}:{e.kind}", e.kind) for e in answer.events)
        return Receipt(f"{answer.provider_reference}", tuple(events))


class LifeOfANotice(RuleBasedStateMachine):
    """Everything that may happen, in any order."""

    scene: ClassVar[Stream]
    patch: ClassVar[pytest.MonkeyPatch]

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.stream = self.scene
        self.now = NOW
        self.composed: list[Notice] = []
        self.paid: set[str] = set()
        self.has_been_paused = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)
        self.stream.state = Stream.State.RUNNING

    # What happens ---------------------------------------------------------------

    @initialize(many=st.integers(2, 4))
    def begin(self, many: int) -> None:
        for _ in range(many):
            self.compose()

    def compose(self) -> None:
        notice = make_reminder(self.stream)
        # Due now, also where the clock has gone back.
        Notice.objects.filter(pk=notice.pk).update(not_before=self.now)
        self.composed.append(notice)

    # Work is most of what happens, hence three rules of it.
    @rule(provider=PROVIDERS, fates=st.lists(st.sampled_from(ANSWERS), min_size=1))
    def work(self, provider: str, fates: list[str]) -> None:
        """One worker drains, and lives to write down every answer."""
        self._work(provider, fates, "")

    @rule(
        provider=PROVIDERS,
        before=st.integers(0, 1),
        fate=st.sampled_from(DEATHS),
        with_its_machine=st.booleans(),
    )
    def work_and_die(
        self, provider: str, before: int, fate: str, with_its_machine: bool
    ) -> None:
        """One worker dies on the wire, with its journal or without; somebody sweeps,
        and another goes on."""
        self._work(provider, ["taken"] * before + [fate], "")
        if with_its_machine:
            for journal in journals().glob("*"):
                journal.unlink()
        self.sweep()
        self._work(provider, [], "")

    @rule(
        provider=PROVIDERS,
        fates=st.lists(st.sampled_from(ANSWERS), max_size=3),
        meanwhile=st.sampled_from(MEANWHILE),
    )
    def work_while(self, provider: str, fates: list[str], meanwhile: str) -> None:
        """Something else happens while a message is on the wire."""
        self._work(provider, fates, meanwhile)
        self.resume()

    @rule(size=st.integers(1, 3))
    def claim_and_die(self, size: int) -> None:
        claim(
            stream_id=self.stream.pk,
            channel="email",
            now=self.now,
            size=size,
            token=uuid.uuid4(),
        )

    @rule()
    def sweep(self) -> None:
        expire_leases()
        sweep_stuck()

    @rule(
        leap=st.sampled_from(
            [
                dt.timedelta(minutes=1),
                dt.timedelta(hours=3),
                dt.timedelta(days=1),
                -dt.timedelta(hours=1),
            ]
        )
    )
    def clock_jumps(self, leap: dt.timedelta) -> None:
        self.now += leap

    @precondition(lambda self: not self.has_been_paused)
    @rule()
    def pause_and_try(self) -> None:
        """Nothing goes while staff have paused; then they resume."""
        self.has_been_paused = True
        self.pause()
        self._work("mute", ["taken"], "")
        self.resume()

    def resume(self) -> None:
        set_stream_state(stream=self.stream, state=Stream.State.RUNNING)

    @rule(which=st.integers(0, 5))
    def customer_pays(self, which: int) -> None:
        self._pay(self.composed[which % len(self.composed)])

    @precondition(lambda self: SandboxMessage.objects.exists())
    @rule(which=st.integers(0, 5), word=st.sampled_from(WORDS), times=st.integers(1, 2))
    def provider_reports(self, which: int, word: str, times: int) -> None:
        """The provider says something of a message it took, early, late or twice."""
        taken = SandboxMessage.objects.order_by("pk")
        for _ in range(times):
            self._hear(taken[which % taken.count()].reference, word)

    @precondition(lambda self: self._first(State.UNKNOWN))
    @rule(arrived=st.booleans())
    def staff_settle_an_unknown(self, arrived: bool) -> None:
        notice = self._first(State.UNKNOWN)
        assert notice
        assert resolve_unknown(notice=notice, arrived=arrived, by="ada", now=self.now)

    @precondition(lambda self: self._first(State.HELD))
    @rule(back=st.booleans())
    def staff_decide_about_a_held_one(self, back: bool) -> None:
        notice = self._first(State.HELD)
        assert notice
        if back:
            release_held(notice=notice, now=self.now)
        else:
            cancel_held(notice=notice)

    # What always holds ----------------------------------------------------------

    @invariant()
    def every_move_is_in_the_table(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT source, target FROM moves_seen")
            for source, target in cursor.fetchall():
                assert State(target) in MOVES[State(source)], (source, target)

    @invariant()
    def nobody_is_written_to_twice(self) -> None:
        taken = Counter(SandboxMessage.objects.values_list("reference", flat=True))
        assert not [one for one, times in taken.items() if times > 1]

    @invariant()
    def no_notice_has_two_accepted_attempts(self) -> None:
        accepted = Attempt.objects.filter(result=Attempt.Result.ACCEPTED)
        times = Counter(accepted.values_list("notice_id", flat=True))
        assert not [one for one, number in times.items() if number > 1]

    @invariant()
    def every_notice_is_accounted_for(self) -> None:
        states = dict(Notice.objects.values_list("pk", "state"))
        assert set(states) == {one.pk for one in self.composed}
        sent = {State.SENT, State.DELIVERED}
        unattempted = set(
            Notice.objects.filter(state__in=sent, attempts=None).values_list("pk")
        )
        assert not unattempted, "sent without an attempt"

    # How it is done -------------------------------------------------------------

    def pause(self) -> None:
        set_stream_state(stream=self.stream, state=Stream.State.PAUSED)

    def _first(self, state: State) -> Notice | None:
        return Notice.objects.filter(state=state).order_by("pk").first()

    def _work(self, provider: str, fates: list[str], meanwhile: str) -> None:
        time_passes()
        paused = self.stream.state != Stream.State.RUNNING
        if not Notice.objects.waiting().filter(not_before__lte=self.now).exists():
            self.compose()
        paid = set(self.paid)
        sender = self._drain(provider, fates, meanwhile)
        assert not (paused and sender.seen), "sent for a paused stream"
        assert not paid & set(sender.seen), "sent for what was paid before"

    def _drain(self, provider: str, fates: list[str], meanwhile: str) -> Provider:
        sender = Provider(provider, list(fates))
        sender.meanwhile = {
            "pause": self.pause,
            "pay": lambda: self._pay(self.composed[-1]),
            "drain": lambda: self._second_worker(provider),
            # Before we have written down that it was taken.
            "report": lambda: self._hear(sender.seen[-1], "delivered"),
            # Only of one that cannot be asked: no living worker of the others is on
            # the wire that long (dispatch gives up at half the lease).
            "lose the lease": (lambda: self.sweep(True))
            if provider == "mute"
            else None,
        }.get(meanwhile)
        self.patch.setattr("notices.dispatch.sender_for", lambda _: sender)
        with suppress(WorkerDied):
            dispatch.drain(
                stream_id=self.stream.pk,
                channel="email",
                clock=lambda: self.now,
                seconds=SECONDS,
            )
        return sender

    def _hear(self, reference: str, word: str) -> None:
        """Act on a provider's word as the intake does: once, or not yet."""
        if not SandboxMessage.objects.filter(reference=reference).exists():
            return  # it speaks only of what it took
        told = News(
            provider="postmark",
            channel="email",
            outcome=OUTCOMES[word],
            event_id=f"{reference}:{word}",
            reference=reference,
            address="",
            occurred_at=self.now,
        )
        with suppress(NotYet), transaction.atomic():
            act(told, now=self.now)

    def _second_worker(self, provider: str) -> None:
        self._drain(provider, [], "")

    def _pay(self, notice: Notice) -> None:
        if notice.reference in self.paid:
            return
        self.paid.add(notice.reference)
        invoice = notice.items.get().invoice
        record_payment(
            customer=notice.customer,
            reference=f"PAY-{number()}",
            amount=Decimal(invoice.amount),
            currency=invoice.currency,
            received_on=self.now.date(),
            invoice=invoice,
        )


def test_nothing_that_can_happen_breaks_the_promise(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    install_starters(["en"])
    settings.DULY_HOME = tmp_path
    with connection.cursor() as cursor:
        cursor.execute(NOTE_MOVES)
    LifeOfANotice.scene = make_stream()
    LifeOfANotice.patch = monkeypatch

    run_state_machine_as_test(
        LifeOfANotice,
        settings=hypothesis_settings(
            max_examples=36,
            stateful_step_count=14,
            deadline=None,
            # The same walks every time, and no shrinking, which takes minutes here:
            # the walk that fails is printed as it was.
            derandomize=True,
            database=None,
            phases=[Phase.generate],
        ),
    )
