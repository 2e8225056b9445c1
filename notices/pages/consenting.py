"""How a customer agrees to e-mail, keeps paper, or goes back to it.

One address for all of it: what is shown follows from where the customer stands, what is
posted from the button. Looking changes nothing; each answer ends on its receipt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from consent.ceremony import agree_without_sample, keep_paper, serve, withdraw
from consent.demonstrations import Result, show_access
from consent.floods import GUESSES, count, is_flooded
from consent.links import Door
from consent.models import Basis, ConsentEvent, Disclosure
from consent.telling import CeremonyError, Posted, known_address
from customers.masks import masked_email
from notices.consent_mail import NoWording, sample_sha256, send_receipt, send_sample
from notices.pages.consent_forms import OfferForm, ProveForm, ShownForm
from notices.pages.consent_stage import (
    SAMPLE_LASTS,
    Stage,
    Standing,
    how,
    is_firm,
    local,
    named,
    needs_sample,
    offered,
    on_paper,
    standing,
)
from notices.pages.once import new_form_id, posted_form_id
from notices.pages.visit import Visit, page_view, refusal, see, show

_PROBLEMS = {"too_many_samples": "err_many", "no_address": "firm_no_address"}


@page_view(Door.CONSENT, "consent")
def consent(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show where somebody stands, and take what they choose."""
    here = standing(visit)
    if request.method == "POST":
        return _posted(request, visit, here)
    step = request.GET.get("step", "")
    if step == "withdraw":
        return _withdraw_page(request, visit, here)
    if step in {"address", "more"} or here.stage == Stage.OFFER:
        return _offer(request, visit, here)
    return _PAGES[here.stage](request, visit, here)


def _posted(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    match request.POST.get("do"):
        case "withdraw":
            return _withdraw(request, visit, here)
        case "prove":
            return _prove(request, visit, here)
        case "sample" | "agree" | "paper":
            return _choose(request, visit, here)
    return _offer(request, visit, here)


# Choosing -----------------------------------------------------------------------


def _offer(
    request: HttpRequest,
    visit: Visit,
    here: Standing,
    form: OfferForm | None = None,
    *,
    note: str = "",
    problem: str = "",
) -> HttpResponse:
    disclosure = offered(visit)
    if disclosure is None:
        return show(request, visit, "pages/consent_closed.html")
    form = form or _offer_form(visit, here, disclosure)
    wrong = bool(form.errors or problem)
    return show(
        request,
        visit,
        "pages/consent_offer.html",
        {
            "form": form,
            "note": note or _note(request, visit, here),
            "problem": problem,
            "on": here.state.since if here.state else None,
            # The very bytes that were published: escaped there.
            "shown": mark_safe(bytes(disclosure.rendered).decode()),  # noqa: S308
            "is_firm": form.is_firm,
            "needs_sample": needs_sample(visit, disclosure),
        },
        status=422 if wrong else 200,
    )


def _note(request: HttpRequest, visit: Visit, here: Standing) -> str:
    """Return why somebody is asked; a firm is never asked to open a sample."""
    if here.stage == Stage.STANDING and request.GET.get("step") == "more":
        return "note_more"
    asks_for_sample = here.note in {"note_unproven", "note_stale", "note_address"}
    return "note_firm" if asks_for_sample and is_firm(visit.customer) else here.note


def _offer_form(
    visit: Visit, here: Standing, disclosure: Disclosure, data: Any = None
) -> OfferForm:
    known = here.known
    if known is None:
        known = known_address(visit.customer)
    return OfferForm(
        data,
        words=visit.words,
        disclosure=disclosure,
        known=masked_email(known),
        is_firm=is_firm(visit.customer),
    )


def _choose(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    disclosure = offered(visit)
    shown = ShownForm(request.POST)
    if disclosure is None or not shown.is_valid():
        return _offer(request, visit, here)
    if shown.cleaned_data["shown"] != disclosure.ref:
        return _offer(request, visit, here, note="note_words")
    if request.POST["do"] == "paper" and here.stage == Stage.STANDING:
        # A yes that stands is taken back, never just followed by a no.
        return see(f"{visit.path('consent')}?step=withdraw&lang={visit.words.language}")
    posted = how(request, visit, shown.form_id)
    if request.POST["do"] == "paper":
        event = keep_paper(
            customer=visit.customer, disclosure=disclosure, posted=posted
        )
        return _to_receipt(visit, event)
    form = _offer_form(visit, here, disclosure, request.POST)
    if not form.is_valid():
        # What was shown is on record even where nothing was chosen in the end.
        serve(customer=visit.customer, disclosure=disclosure, posted=posted)
        return _offer(request, visit, here, form)
    try:
        return _agreed(visit, disclosure, form, posted)
    except CeremonyError as error:
        problem = _PROBLEMS[error.code]
    except NoWording:
        problem = "err_send"
    return _offer(request, visit, here, form, problem=problem)


def _agreed(
    visit: Visit, disclosure: Disclosure, form: OfferForm, posted: Posted
) -> HttpResponse:
    """Take a yes: at once where that is enough, else with a sample to open.

    :raises CeremonyError: as the verbs of ``consent.ceremony`` do.
    :raises NoWording: there is no text to send the sample with.
    """
    customer, categories = visit.customer, form.cleaned_data["categories"]
    if form.is_firm or (not form.new_address and not needs_sample(visit, disclosure)):
        event = agree_without_sample(
            customer=customer,
            disclosure=disclosure,
            categories=categories,
            posted=posted,
            basis=Basis.CONTRACT if form.is_firm else Basis.ESIGN_CONSENT,
            signed_by=form.cleaned_data.get("signed_by", ""),
        )
        send_receipt(event=event, brand=visit.brand, now=visit.now)
        return _to_receipt(visit, event)
    send_sample(
        customer=customer,
        brand=visit.brand,
        disclosure=disclosure,
        address=form.new_address or known_address(customer),
        categories=categories,
        posted=posted,
    )
    return see(visit.path("consent"))


# Showing access -----------------------------------------------------------------


def _prove_page(
    request: HttpRequest,
    visit: Visit,
    here: Standing,
    form: ProveForm | None = None,
    left: int = 0,
) -> HttpResponse:
    assert here.sample is not None  # noqa: S101  (what the stage says)
    return show(
        request,
        visit,
        "pages/consent_prove.html",
        {
            "form": form or ProveForm(words=visit.words),
            "left": left,
            "to": masked_email(here.sample.address),
            "covers": _covers(visit, here.sample.categories),
        },
        status=422 if left or (form and form.errors) else 200,
    )


def _prove(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    form = ProveForm(request.POST, words=visit.words)
    if here.stage == Stage.PROVE and not form.is_valid():
        return _prove_page(request, visit, here, form)
    if is_flooded(GUESSES, visit.address, now=visit.now):
        return refusal(request, "too_often", status=429)
    if not form.is_valid():
        return _offer(request, visit, here)
    proof = show_access(
        link=visit.link,
        code=form.cleaned_data["code"],
        fact=form.cleaned_data["fact"],
        sample_sha256=sample_sha256(visit.link.notice_reference),
        posted=how(request, visit, form.form_id),
    )
    if proof.event is not None:
        if proof.result == Result.GRANTED:
            send_receipt(event=proof.event, brand=visit.brand, now=visit.now)
        return _to_receipt(visit, proof.event)
    count(GUESSES, visit.address, now=visit.now)
    if proof.result == Result.WRONG:
        typed = {name: form.cleaned_data[name] for name in ("code", "fact")}
        again = ProveForm(words=visit.words, typed=typed)
        return _prove_page(request, visit, here, again, left=proof.left)
    return see(visit.path("consent"))


# Waiting, agreed, going back ----------------------------------------------------


def _sent_page(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    assert here.sample is not None  # noqa: S101  (what the stage says)
    return show(
        request,
        visit,
        "pages/consent_sent.html",
        {
            "to": masked_email(here.sample.address),
            "until": local(visit, here.sample.asked_at + SAMPLE_LASTS),
        },
    )


def _standing_page(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    assert here.state is not None  # noqa: S101  (what the stage says)
    return show(
        request,
        visit,
        "pages/consent_standing.html",
        {
            "since": visit.words.formats().date(here.state.since),
            "covers": _covers(visit, named(here.state)),
            "on_paper": _covers(visit, on_paper(here.state, offered(visit))),
            "to": masked_email(here.known or ""),
            # A firm agrees for the address we know, which it changes elsewhere.
            "change_at": visit.path("preferences-part", "email")
            if is_firm(visit.customer)
            else "",
        },
    )


def _withdraw_page(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    return show(
        request,
        visit,
        "pages/consent_withdraw.html",
        {
            "can": here.can_withdraw,
            "form_id": new_form_id(),
            "day": visit.now.date(),
        },
    )


def _withdraw(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    form_id = posted_form_id(request)
    has_withdrawn = here.state is not None and here.state.state == "withdrawn"
    if form_id is None or not (here.can_withdraw or has_withdrawn):
        return _withdraw_page(request, visit, here)
    posted = how(request, visit, form_id)
    return _to_receipt(visit, withdraw(customer=visit.customer, posted=posted))


_PAGES: dict[Stage, Callable[[HttpRequest, Visit, Standing], HttpResponse]] = {
    Stage.PROVE: _prove_page,
    Stage.SENT: _sent_page,
    Stage.STANDING: _standing_page,
}


# What the pages share -----------------------------------------------------------


def _covers(visit: Visit, categories: list[str]) -> list[str]:
    return [visit.words.plain(f"cat_{one}") for one in categories]


def _to_receipt(visit: Visit, event: ConsentEvent) -> HttpResponse:
    return see(visit.path("consent-receipt", str(event.record_id)))
