"""The crash campaign: real workers killed with -9 while a campaign goes out.

One module for both forms: ``tests/processes/test_crash.py`` runs it short, ``manage.py
bench crash`` long. A house of its own (its Valkey is emptied and its PostgreSQL started
anew on the way), a mail server in a process of its own that remembers what it took, and
afterwards the sums: every notice in one state, none at the server twice, none missing
but what is marked unknown.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.smtp_server import SmtpServer, Taken
from tests.house import OwnHouse, own_house

POOL = 2  # processes of one worker, each with one line to the mail server
# What one line may leave unknown when its process goes: the message on the wire.
IN_DOUBT_PER_LINE = 1
LEASE = "8"
# No step of a campaign takes longer, unless it hangs.
PATIENCE_SECONDS = 180.0

FILL = """
from tests.bench.ledgers import add_late_customers, make_house
make_house()
add_late_customers("K", {number})
"""
# What staff see at the end of a campaign.
STATES = """
SELECT n.reference, n.state, count(a.id) FILTER (WHERE a.result = 'accepted')
FROM notices_notice AS n LEFT JOIN notices_attempt AS a ON a.notice_id = n.id
GROUP BY n.id
"""
UNDER_WAY = """
SELECT count(*) FROM notices_notice
WHERE state IN ('scheduled', 'claimed', 'handing_off')
"""


@dataclass(slots=True)
class Outcome:
    """What a campaign came to; ``broken`` names the promises that did not hold."""

    notices: int
    kills: int = 0
    lines_lost: int = 0
    states: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    missing: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)

    @property
    def unknown(self) -> int:
        """How many notices nobody knows the fate of."""
        return self.states["unknown"]

    def judge(
        self, rows: list[tuple[str, str, int]], taken: list[Taken], selected: int
    ) -> None:
        """Compare what our rows say with what the mail server saw."""
        self.states = Counter(state for _, state, _ in rows)
        seen = Counter(one.reference for one in taken)
        ids = Counter(one.message_id for one in taken)
        sent = {reference for reference, state, _ in rows if state == "sent"}
        unknown = {reference for reference, state, _ in rows if state == "unknown"}
        self.twice = sum(times > 1 for times in seen.values())
        self.missing = len(sent - set(seen))
        allowed = self.lines_lost * IN_DOUBT_PER_LINE
        promises = {
            f"{selected} were selected, {len(rows)} have a state": (
                len(rows) == selected == self.notices
            ),
            f"other states than sent and unknown: {dict(self.states)}": (
                set(self.states) <= {"sent", "unknown"}
            ),
            f"{self.twice} were taken twice": not self.twice,
            "a Message-ID came twice": all(times == 1 for times in ids.values()),
            f"{self.missing} are sent by our word and not by the server's": (
                not self.missing
            ),
            "the server has some that are neither sent nor unknown": (
                set(seen) <= sent | unknown
            ),
            f"{self.unknown} are unknown, more than {allowed}": (
                self.unknown <= allowed
            ),
            "a notice has two accepted attempts": all(times < 2 for *_, times in rows),
        }
        self.broken = [words for words, holds in promises.items() if not holds]


class CrashCampaign:
    """One campaign, and the hand that kills its workers."""

    def __init__(
        self, house: OwnHouse, server: SmtpServer, *, notices: int, kills: int
    ) -> None:
        self.house = house
        self.server = server
        self.outcome = Outcome(notices)
        # Seeded, so that a failure can be looked for again; the machine adds its own.
        self.chance = random.Random(notices * 1000 + kills)
        # How many have gone when the next kill comes; the last falls well before the
        # end, so that no kill hits an idle worker.
        self.goals = sorted(self.chance.sample(range(1, notices * 9 // 10), kills))
        self.worker = self._new_worker()

    def run(self) -> Outcome:
        """Fill, kill, break the services, let the rest go out, and judge."""
        started = time.monotonic()
        self.house.start_ticking()
        mishaps: dict[int, Callable[[], None]] = {
            len(self.goals) // 3: self.house.lose_the_bell,
            2 * len(self.goals) // 3: self._lose_postgres,
        }
        for number, goal in enumerate(self.goals):
            self._wait_until(lambda goal=goal: self.server.count() >= goal, look=0.005)  # type: ignore[misc]
            time.sleep(self.chance.uniform(0, 0.03))
            mishaps.get(number, lambda: None)()
            # Each fourth time the whole worker goes, else one process of its pool.
            self._kill(whole=number % 4 == 3)
        self._wait_until(lambda: self.house.ask(UNDER_WAY) == 0)
        self.outcome.seconds = time.monotonic() - started
        with self.house.connect() as connection:
            rows = connection.execute(STATES).fetchall()
        selected = int(self.house.ask("SELECT count(*) FROM customers_invoice"))
        self.outcome.judge(rows, self.server.taken(), selected)
        return self.outcome

    def _new_worker(self) -> subprocess.Popen[bytes]:
        return self.house.start_worker(EMAIL_URL=self.server.url(), LEASE_SECONDS=LEASE)

    def _kill(self, *, whole: bool) -> None:
        if whole:
            self.house.kill(self.worker)
            self.outcome.lines_lost += POOL
            self.worker = self._new_worker()
        else:
            self._wait_until(lambda: bool(self.house.children(self.worker)), look=0.005)
            with suppress(ProcessLookupError):
                os.kill(
                    self.chance.choice(self.house.children(self.worker)), signal.SIGKILL
                )
            self.outcome.lines_lost += 1
        self.outcome.kills += 1

    def _lose_postgres(self) -> None:
        self.house.restart_postgres()
        self.outcome.lines_lost += POOL

    def _wait_until(self, condition: Callable[[], bool], look: float = 0.2) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"It stands still.\n{self.house.logs()}")
            time.sleep(look)


def crash(folder: Path, *, notices: int, kills: int) -> Outcome:
    """Run one campaign in a folder of its own and return what it came to."""
    with own_house(folder) as house, SmtpServer(folder) as server:
        house.manage("shell", "-c", FILL.format(number=notices))
        return CrashCampaign(house, server, notices=notices, kills=kills).run()
