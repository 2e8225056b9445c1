"""The crash campaign: real workers killed with -9 while a campaign goes out.

One module for both forms: ``tests/processes/test_crash.py`` runs it short, ``manage.py
bench crash`` long. A house of its own (its Valkey is emptied and its PostgreSQL started
anew on the way), a mail server and a Twilio in processes of their own that remember
what they took, and afterwards the sums: every notice in one state, none at a server
twice, none missing but what is marked unknown.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.fakes.http_providers import settings_for
from tests.fakes.smtp_server import SmtpServer
from tests.house import OwnHouse, own_house

POOL = 2  # processes of one worker; each serves one channel at a time
# How many lines one process has to the provider of a channel. A line that breaks may
# leave one message unknown: the one on the wire.
LINES = {"email": 1, "sms": 4}
TEXT_LATENCY = "0.02"
# Of so many notices one is a text, the others are e-mails.
ONE_TEXT_IN = 4
LEASE = "8"
# No step of a campaign takes longer, unless it hangs.
PATIENCE_SECONDS = 180.0

FILL = """
from tests.bench.bench_sms import add_late_texters
from tests.bench.ledgers import add_late_customers, make_house
# Who has a mobile number gets a text, the others an e-mail.
make_house().ladder.steps.update(channels=["sms", "email"])
add_late_customers("K", {mails})
add_late_texters("T", {texts})
"""
GONE = "SELECT count(*) FROM notices_notice WHERE sent_at IS NOT NULL"
# What staff see at the end of a campaign.
STATES = """
SELECT n.reference, n.channel, n.state,
       count(a.id) FILTER (WHERE a.result = 'accepted')
FROM notices_notice AS n LEFT JOIN notices_attempt AS a ON a.notice_id = n.id
GROUP BY n.id
"""
UNDER_WAY = """
SELECT count(*) FROM notices_notice
WHERE state IN ('scheduled', 'claimed', 'handing_off')
"""


class Row(NamedTuple):
    """One notice at the end: where it stands, and how often somebody took it."""

    reference: str
    channel: str
    state: str
    accepted: int


@dataclass(slots=True)
class Outcome:
    """What a campaign came to; ``broken`` names the promises that did not hold."""

    notices: int
    kills: int = 0
    processes_lost: int = 0
    states: Counter[str] = field(default_factory=Counter)
    sent_by: Counter[str] = field(default_factory=Counter)  # channel
    twice: int = 0
    missing: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)

    @property
    def unknown(self) -> int:
        """How many notices nobody knows the fate of."""
        return self.states["unknown"]

    def judge(
        self, rows: list[Row], taken: list[str], mail_ids: list[str], selected: int
    ) -> None:
        """Compare what our rows say with what the servers saw.

        ``taken`` has the reference of every message a server took, ``mail_ids`` the
        Message-ID of every e-mail.
        """
        self.states = Counter(row.state for row in rows)
        self.sent_by = Counter(row.channel for row in rows if row.state == "sent")
        seen = Counter(taken)
        sent = {row.reference for row in rows if row.state == "sent"}
        unknown = {row.reference for row in rows if row.state == "unknown"}
        self.twice = sum(times > 1 for times in seen.values())
        self.missing = len(sent - set(seen))
        promises = {
            f"{selected} were selected, {len(rows)} have a state": (
                len(rows) == selected == self.notices
            ),
            f"other states than sent and unknown: {dict(self.states)}": (
                set(self.states) <= {"sent", "unknown"}
            ),
            f"{self.twice} were taken twice": not self.twice,
            "a Message-ID came twice": len(set(mail_ids)) == len(mail_ids),
            f"{self.missing} are sent by our word and not by the server's": (
                not self.missing
            ),
            "a server has some that are neither sent nor unknown": (
                set(seen) <= sent | unknown
            ),
            "a notice has two accepted attempts": all(row.accepted < 2 for row in rows),
            **self._doubts(rows),
        }
        self.broken = [words for words, holds in promises.items() if not holds]

    def _doubts(self, rows: Iterable[Row]) -> dict[str, bool]:
        """Return by channel whether no more is unknown than lines were broken."""
        unknown = Counter(row.channel for row in rows if row.state == "unknown")
        allowed = {name: lines * self.processes_lost for name, lines in LINES.items()}
        return {
            f"{unknown[name]} of {name} are unknown, more than {most}": (
                unknown[name] <= most
            )
            for name, most in allowed.items()
        }


@contextmanager
def twilio() -> Iterator[str]:
    """Run a Twilio in a process of its own; yield where it is."""
    fake = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.fakes.http_providers", "0"),
            *("--latency", TEXT_LATENCY),
        ],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert fake.stdout is not None
        yield f"http://127.0.0.1:{fake.stdout.readline().split()[1]}"
    finally:
        fake.kill()
        fake.wait()


def taken_by(twilio_url: str) -> list[str]:
    """Return the reference of every text a fake took."""
    with urllib.request.urlopen(f"{twilio_url}/_fake/taken") as answer:
        return [one["reference"] for one in json.load(answer)["taken"]]


class CrashCampaign:
    """One campaign, and the hand that kills its workers."""

    def __init__(
        self,
        house: OwnHouse,
        mails: SmtpServer,
        texts: str,
        *,
        notices: int,
        kills: int,
    ) -> None:
        self.house = house
        self.mails = mails
        self.texts = texts
        self.environment = {
            **settings_for(texts),
            "EMAIL_URL": mails.url(),
            "SMS_CONNECTIONS": str(LINES["sms"]),
            # With it Twilio is told our reference.
            "PUBLIC_URL": "https://bills.example.com",
            "LEASE_SECONDS": LEASE,
        }
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
        self.house.start_ticking(**self.environment)
        mishaps: dict[int, Callable[[], None]] = {
            len(self.goals) // 3: self.house.lose_the_bell,
            2 * len(self.goals) // 3: self._lose_postgres,
        }
        for number, goal in enumerate(self.goals):
            self._wait_until(lambda goal=goal: self._gone() >= goal, look=0.01)  # type: ignore[misc]
            time.sleep(self.chance.uniform(0, 0.03))
            mishaps.get(number, lambda: None)()
            # Each fourth time the whole worker goes, else one process of its pool.
            self._kill(whole=number % 4 == 3)
        self._wait_until(lambda: self.house.ask(UNDER_WAY) == 0)
        self.outcome.seconds = time.monotonic() - started
        with self.house.connect() as connection:
            rows = [Row(*row) for row in connection.execute(STATES).fetchall()]
        mails = self.mails.taken()
        self.outcome.judge(
            rows,
            [*(one.reference for one in mails), *taken_by(self.texts)],
            [one.message_id for one in mails],
            int(self.house.ask("SELECT count(*) FROM customers_invoice")),
        )
        return self.outcome

    def _gone(self) -> int:
        return int(self.house.ask(GONE))

    def _new_worker(self) -> subprocess.Popen[bytes]:
        return self.house.start_worker(**self.environment)

    def _kill(self, *, whole: bool) -> None:
        if whole:
            self.house.kill(self.worker)
            self.outcome.processes_lost += POOL
            self.worker = self._new_worker()
        else:
            self._wait_until(lambda: bool(self.house.children(self.worker)), look=0.005)
            with suppress(ProcessLookupError):
                os.kill(
                    self.chance.choice(self.house.children(self.worker)), signal.SIGKILL
                )
            self.outcome.processes_lost += 1
        self.outcome.kills += 1

    def _mind_the_worker(self) -> None:
        """Start a worker that ended by itself anew, as whoever supervises it does.

        Celery ends where a process of its pool dies while it is being started.
        """
        if self.worker.poll() is not None:
            self.outcome.processes_lost += POOL - 1
            self.worker = self._new_worker()

    def _lose_postgres(self) -> None:
        self.house.restart_postgres()
        self.outcome.processes_lost += POOL

    def _wait_until(self, condition: Callable[[], bool], look: float = 0.2) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self._mind_the_worker()
            if time.monotonic() > deadline:
                raise AssertionError(f"{self._where()}\n{self.house.logs()}")
            time.sleep(look)

    def _where(self) -> str:
        """Say where it stands still: notices by state, and the lanes."""
        with self.house.connect() as connection:
            states = connection.execute(
                "SELECT channel, state, reason, count(*), min(not_before), "
                "max(lease_until) FROM notices_notice GROUP BY 1, 2, 3"
            ).fetchall()
            lanes = connection.execute("SELECT * FROM notices_providerlane").fetchall()
        return "\n".join(
            map(str, ["It stands still.", self.outcome.kills, *states, *lanes])
        )


def crash(folder: Path, *, notices: int, kills: int, pattern: str = "") -> Outcome:
    """Run one campaign in a folder of its own and return what it came to.

    ``pattern`` is a migrated database to copy instead of migrating one.
    """
    texts = notices // ONE_TEXT_IN
    with (
        own_house(folder, pattern) as house,
        SmtpServer(folder) as mails,
        twilio() as url,
    ):
        house.manage("shell", "-c", FILL.format(mails=notices - texts, texts=texts))
        campaign = CrashCampaign(house, mails, url, notices=notices, kills=kills)
        return campaign.run()
