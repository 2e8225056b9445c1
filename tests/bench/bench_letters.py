"""Letters: claim → gate → render → run PDF + manifest, against one HTML a letter.

One process each, in turns. The reference sets the very letters ours printed, each from
its finished HTML page, as WeasyPrint's own documentation tells; loading of facts,
permission, evidence, proof of replay and manifest stand on our side alone. The time of
a wall clock for ours, and for the reference, which waits for nothing, of the processor;
it runs in a child, so that the peak of memory is ours alone.
"""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from campaigns.tick import run as run_pass
from customers.models import Customer, PostalAddress
from notices.facts import load_facts
from notices.models import Notice, PrintRun
from notices.printing import manifest
from notices.printing.closing import close_some
from notices.printing.runs import begin_closing, open_run
from notices.render import compile_version
from notices.render.run import Letter
from notices.states import State
from tests.bench.bench_plan import _fresh
from tests.bench.bench_replay import apart, set_naively
from tests.bench.ledgers import NOW, add_late_customers, make_house, peak_rss_mb

ROUNDS = 3
# Letters of a round that the reference sets; all take it the same time.
REFERENCE_SHARE = 4


def _add_addresses(tag: str) -> None:
    ids = Customer.objects.filter(number__startswith=tag).values_list("pk", flat=True)
    PostalAddress.objects.bulk_create(
        PostalAddress(
            customer_id=pk,
            line1=f"{pk} High Street",
            city="Leeds",
            postcode=f"LS{pk % 29} 4AP",
            country="GB",
        )
        for pk in ids
    )


def run(n: int) -> dict[str, Any]:
    """Measure both sides in turns on ``n`` letters in all; rates in letters/s."""
    campaign = make_house()
    campaign.stream.policy.optional_paper_ok = True
    campaign.stream.policy.save(update_fields=["optional_paper_ok"])
    campaign.ladder.steps.update(channels=["letter"])
    per_round = max(n // ROUNDS, REFERENCE_SHARE)
    ours = reference = 0.0
    referred = 0
    runs: list[PrintRun] = []
    for turn in range(ROUNDS):
        tag = f"L{turn}-"
        add_late_customers(tag, per_round)
        _add_addresses(tag)
        run_pass(campaign=_fresh(campaign), now=NOW)
        started = time.perf_counter()
        runs.append(_print_run(campaign.brand))
        ours += time.perf_counter() - started

        letters = _letters(runs[-1], per_round // REFERENCE_SHARE or 1)
        reference += apart(lambda letters=letters: set_naively(letters))  # type: ignore[misc]
        referred += len(letters)
    printed = Notice.objects.filter(state=State.PRINTING).count()
    assert printed == per_round * ROUNDS, printed
    stored = sum(file.size for one in runs for file in one.files.defer("body"))
    ours_rate, reference_rate = printed / ours, referred / reference
    return {
        "bench": "letters",
        "n": printed,
        "ours_per_s": round(ours_rate, 1),
        "reference": "WeasyPrint HTML(...).write_pdf(), one a letter",
        "reference_per_s": round(reference_rate, 1),
        "ratio": round(ours_rate / reference_rate, 2),
        "peak_rss_mb": peak_rss_mb(),
        "bytes_per_letter": round(stored / printed),
        "pages_per_letter": round(sum(one.pages for one in runs) / printed, 2),
    }


def _print_run(brand: Any) -> PrintRun:
    """Make a run of all that is due, close it, and write its manifests."""
    made = open_run(brand=brand, now=timezone.now())
    begin_closing(run=made, now=timezone.now(), ring_workers=False)
    close_some(run_id=made.pk, clock=timezone.now, seconds=float("inf"))
    made.refresh_from_db()
    assert made.state == PrintRun.State.CLOSED, made.state
    assert manifest.as_csv(made) and manifest.as_json(made)
    return made


def _letters(run: PrintRun, number: int) -> list[Letter]:
    """Return some letters of a run with the facts they were printed from."""
    items = run.items.select_related("notice__template")[:number]
    facts = load_facts([item.notice_id for item in items], timezone.now())
    return [
        (
            compile_version(item.notice.template, item.notice.channel),
            facts[item.notice_id],
        )
        for item in items
    ]
