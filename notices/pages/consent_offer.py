"""What somebody is told before they agree to e-mail, and the choice they make.

Takes a yes or a no. Who comes here, and where anybody stands, is for
notices.pages.consenting; how a yes is proven comes after.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from consent.ceremony import agree_without_sample, keep_paper, serve
from consent.models import Basis, Disclosure
from consent.telling import CeremonyError, Posted, Refusal, known_address
from customers.masks import masked_email
from notices.consent_mail import NoWording, send_receipt, send_sample
from notices.pages.consent_forms import OfferForm, ShownForm
from notices.pages.consent_receipts import to_receipt
from notices.pages.consent_stage import (
    Stage,
    Standing,
    how,
    is_firm,
    needs_sample,
    offered,
)
from notices.pages.visit import Visit, see, show

PROBLEMS = {
    Refusal.TOO_MANY_SAMPLES: "err_many",
    Refusal.NO_ADDRESS: "firm_no_address",
}


def offer(
    request: HttpRequest,
    visit: Visit,
    here: Standing,
    form: OfferForm | None = None,
    *,
    note: str = "",
    problem: str = "",
) -> HttpResponse:
    """Show what the firm tells before somebody agrees, and ask for a choice.

    ``note`` says why they are asked, ``problem`` what was wrong with what they chose;
    both are keys of the page's words.
    """
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


def choose(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    """Take what somebody chose of the words that were shown; others are shown anew."""
    disclosure = offered(visit)
    shown = ShownForm(request.POST)
    if disclosure is None or not shown.is_valid():
        return offer(request, visit, here)
    if shown.cleaned_data["shown"] != disclosure.ref:
        return offer(request, visit, here, note="note_words")
    if request.POST["do"] == "paper" and here.stage == Stage.STANDING:
        # A yes that stands is taken back, never just followed by a no.
        return see(f"{visit.path('consent')}?step=withdraw&lang={visit.words.language}")
    posted = how(request, visit, shown.form_id)
    if request.POST["do"] == "paper":
        event = keep_paper(
            customer=visit.customer, disclosure=disclosure, posted=posted
        )
        return to_receipt(visit, event)
    form = _offer_form(visit, here, disclosure, request.POST)
    if not form.is_valid():
        # What was shown is on record even where nothing was chosen in the end.
        serve(customer=visit.customer, disclosure=disclosure, posted=posted)
        return offer(request, visit, here, form)
    try:
        return _agreed(visit, disclosure, form, posted)
    except CeremonyError as error:
        problem = PROBLEMS[error.why]
    except NoWording:
        problem = "err_send"
    return offer(request, visit, here, form, problem=problem)


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
        return to_receipt(visit, event)
    send_sample(
        customer=customer,
        brand=visit.brand,
        disclosure=disclosure,
        address=form.new_address or known_address(customer),
        categories=categories,
        posted=posted,
    )
    return see(visit.path("consent"))
