"""Letters on paper: replayed, against a full layout of each by WeasyPrint.

The reference is what a straightforward program does for every letter: fill the page,
draw its codes with segno and let WeasyPrint make a PDF of it, fonts and style sheet
anew. Same texts, same customers, none of them met before. ``standard`` is the shipped
reminder with one to six invoices and two codes; ``hard`` mixes six texts, with names
and addresses that break lines, and some that no replay sets. Half as many letters make
the usual shapes known before; layouts of shapes first met in the measured rounds count,
the proof of a text is told apart. Letters of every round are compared with the full
way, page by page, and the run fails if one differs. Processor time. The reference and
the comparisons run in children, so that the peak of memory is that of replay alone:
texts, proof, shapes, and one round of letters with its file.
"""

from __future__ import annotations

import gc
import os
import random
import resource
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import segno
from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML

from notices.render import RenderError, compile_version, render
from notices.render.compiled import CompiledTemplate
from notices.render.facts import Facts, PostalDestination
from notices.render.letter import geometry, letter_values, stationery_of
from notices.render.liquid_text import fill
from notices.render.texts import subject_of
from notices.render.values import values_of
from notices.replay.engine import Replay
from notices.replay.proof import compared
from notices.replay.run import Letter, Printed, print_letters
from notices.replay.trust import Trust
from notices.samples import sample_facts
from tests.bench.ledgers import peak_rss_mb
from tests.notices.papers import GERMAN
from tests.notices.writing import STARTERS

STANDARD = ("reminder",)
HARD = (
    "reminder",
    "formal",
    "final",
    "plan-confirmed",
    "change-amount",
    "paperless-announcement",
)
ROUNDS = 3
# The reference is so much slower that it gets a part of every round's letters.
REFERENCE_SHARE = 100
COMPARED = 4  # letters of a round

_PARTS = (
    *("ba", "del", "fi", "go", "hä", "ka", "kü", "la", "lö", "me", "na", "pe", "ro"),
    *("ber", "dor", "gen", "hau", "lin", "mar", "ne", "sa", "schu", "te", "win"),
)
_PLACES = ("York", "Görlitz", "Bad Neuenahr-Ahrweiler", "Łódź", "Saint-Étienne")
_FOREIGN = ("محمد الأنصاري", "王小明", "Ελένη Παπαδοπούλου", "Анна Петрова", "שרה לוי")


def run(n: int) -> dict[str, Any]:
    """Measure both kinds of letters on ``n`` letters each; rates in letters/s."""
    found: dict[str, Any] = {"bench": "replay", "n": n}
    found["reference"] = "HTML(...).write_pdf() and segno for each letter"
    for name, keys in (("standard", STANDARD), ("hard", HARD)):
        for key, value in _measured(keys, n, is_hard=name == "hard").items():
            # The standard letter under the names that every benchmark has.
            found[key if name == "standard" else f"{name}_{key}"] = value
    found["peak_rss_mb"] = peak_rss_mb()
    return found


def _measured(keys: Sequence[str], n: int, *, is_hard: bool) -> dict[str, Any]:
    texts = [compile_version(STARTERS[key, "letter", "en"], "letter") for key in keys]
    trust = Trust(Replay())
    make = _letters(texts, is_hard=is_hard)
    started = time.process_time()
    for compiled in texts:
        assert trust.prove(compiled, make(0, compiled)[1]), compiled.key
    proof = time.process_time() - started
    _print(map(make, range(1, n // 2)), trust)  # shapes that most letters have
    per_round = max(n // ROUNDS, REFERENCE_SHARE)
    few = per_round // REFERENCE_SHARE
    ours = reference = 0.0
    size = pages = replayed = refused = 0
    laid_out = trust.replay.counts.laid_out
    for turn in range(ROUNDS):
        letters = [make(n + turn * per_round + at) for at in range(per_round)]
        gc.collect()
        started = time.process_time()
        printed, run_file = _print(letters, trust)
        ours += time.process_time() - started
        some = letters[:few]
        reference += apart(lambda some=some: set_naively(some))  # type: ignore[misc]
        size += len(run_file)
        replayed += printed.ways.replayed
        refused += printed.ways.refused
        pages += sum(one.pages for one in printed.outcomes if isinstance(one, Printed))
        chosen = random.Random(turn).sample(letters, COMPARED)
        apart(lambda chosen=chosen: _require_equal(chosen, trust))  # type: ignore[misc]
        del letters, printed, run_file
    held = []
    for turn in range(2):
        start = (ROUNDS + turn) * per_round + n
        _print((make(start + at) for at in range(per_round)), trust)
        gc.collect()
        held.append(_rss_mb())
    total = per_round * ROUNDS
    rate, reference_rate = total / ours, few * ROUNDS / reference
    return {
        "ours_per_s": round(rate),
        "reference_per_s": round(reference_rate, 2),
        "ratio": round(rate / reference_rate, 1),
        "pages_a_letter": round(pages / total, 2),
        "bytes_a_letter": round(size / total),
        "in_full_share": round((total - replayed - refused) / total, 4),
        "refused": refused,
        "layouts_in_run": trust.replay.counts.laid_out - laid_out,
        "proof_s_a_text": round(proof / len(texts), 2),
        "rss_growth_mb_a_round": round(held[1] - held[0], 1),
    }


def _print(letters: Iterable[Letter], trust: Trust) -> tuple[Any, bytes]:
    """Set letters and write their file."""
    printed = print_letters(letters, trust)
    good = [
        place
        for place, outcome in enumerate(printed.outcomes)
        if isinstance(outcome, Printed)
    ]
    return printed, printed.file(good, title="A run", duplex=False)


def set_naively(letters: Sequence[Letter]) -> None:
    """Set each letter as WeasyPrint's own documentation tells, its codes by segno."""
    path = finders.find("letter.css")
    assert isinstance(path, str)
    for compiled, facts in letters:
        values = values_of(facts, compiled.language, compiled.kind.subjects)
        number = facts.customer.number
        subject = subject_of(compiled, values, number)
        page_values = letter_values(compiled, facts, values, subject, draw=by_segno)
        assert compiled.html is not None
        page = fill(compiled.html, page_values, number)
        shape = geometry(stationery_of(facts), compiled.language)
        sheets = [CSS(string=Path(path).read_text(encoding="utf-8") + shape)]
        HTML(string=page).write_pdf(stylesheets=sheets)


def by_segno(payload: str) -> str:
    uri: str = segno.make_qr(payload, error="m").svg_data_uri(border=4, omitsize=True)
    return uri


def apart(task: Callable[[], None]) -> float:
    """Do something in a child, and return the processor seconds that it took.

    :raises RuntimeError: the child failed; it has said why.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        started = time.process_time()
        try:
            task()
            os.write(writing, str(time.process_time() - started).encode())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    os.waitpid(child, 0)
    if not said:
        raise RuntimeError("A child of the benchmark failed.")
    return float(said)


def _require_equal(letters: Sequence[Letter], trust: Trust) -> None:
    """Fail unless letters of a round look as the full way makes them."""
    for letter in letters:
        printed = print_letters([letter], trust)
        try:
            full = render(*letter)
        except RenderError as error:
            assert str(printed.outcomes[0]) == str(error)
            continue
        file = printed.file([0], title="One", duplex=False)
        difference = compared(full.body, file)
        assert not difference, difference.what


def _rss_mb() -> float:
    """Return the memory this process holds at present, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _letters(
    texts: Sequence[CompiledTemplate], *, is_hard: bool
) -> Callable[..., Letter]:
    """Return what makes the letter of a customer like no other, by number."""
    bases = {
        compiled.key: sample_facts(
            compiled.kind.key, "letter", brand=replace(GERMAN, slip="epc")
        )
        for compiled in texts
    }

    def make(number: int, compiled: CompiledTemplate | None = None) -> Letter:
        chance = random.Random(number)
        compiled = compiled or chance.choice(texts)
        return compiled, _customer(bases[compiled.key], chance, is_hard=is_hard)

    return make


def _customer(base: Facts, chance: random.Random, *, is_hard: bool) -> Facts:
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    reference = "".join(chance.choice(signs) for _ in range(12))
    name = f"{_word(chance)} {_word(chance)}"
    if is_hard and chance.random() < 0.02:
        name = chance.choice(_FOREIGN)
    elif is_hard and chance.random() < 0.1:
        name = " ".join(_word(chance) for _ in range(7)) + " GmbH & Co. KG"
    invoices = [
        replace(
            base.invoices[0],
            number=f"R-2026-{chance.randint(1000, 9999)}",
            purpose=chance.choice(("Electricity, April", "Water and waste water")),
            order_number="",
            currency="EUR",
            amount=(amount := Decimal(chance.randint(1500, 250000)) / 100),
            open_amount=amount,
        )
        for _ in range(chance.randint(1, 6) if base.invoices else 0)
    ]
    return replace(
        base,
        reference=reference,
        answer_url=f"https://bills.example/r/{reference}",
        customer=replace(
            base.customer, number=f"C-{chance.randint(10000, 99999)}", name=name
        ),
        destination=PostalDestination(
            line1=f"{_word(chance)}straße {chance.randint(1, 199)}",
            line2="c/o " + _word(chance) if is_hard and chance.random() < 0.2 else "",
            city=chance.choice(_PLACES),
            postcode=f"{chance.randint(10000, 99999)}",
            country="DE",
        ),
        invoices=tuple(invoices),
        total=sum((one.open_amount for one in invoices), Decimal(0)),
        currency="EUR" if invoices else base.currency,
    )


def _word(chance: random.Random) -> str:
    parts = [chance.choice(_PARTS) for _ in range(chance.randint(2, 4))]
    return "".join(parts).capitalize()
