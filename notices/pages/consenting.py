"""How a customer agrees to e-mail, keeps paper, or goes back to it.

One address for all of it: what is shown follows from where the customer stands, what is
posted from the button. Looking changes nothing; each answer ends on its receipt.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from consent.ceremony import withdraw
from consent.demonstrations import SAMPLE_LASTS, Result, show_access
from consent.floods import GUESSES, count, is_flooded
from consent.links import Door
from consent.sample_codes import asked_of
from customers.calendars import local_day
from customers.masks import masked_email
from notices.consent_mail import sample_sha256, send_receipt
from notices.pages.consent_forms import ProveForm
from notices.pages.consent_offer import choose, offer
from notices.pages.consent_receipts import to_receipt
from notices.pages.consent_stage import (
    Stage,
    Standing,
    how,
    is_firm,
    local,
    named,
    offered,
    on_paper,
    standing,
)
from notices.pages.once import new_form_id, posted_form_id
from notices.pages.visit import Visit, page_view, refusal, see, show


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
        return offer(request, visit, here)
    return _PAGES[here.stage](request, visit, here)


def _posted(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    match request.POST.get("do"):
        case "withdraw":
            return _withdraw(request, visit, here)
        case "prove":
            return _prove(request, visit, here)
        case "sample" | "agree" | "paper":
            return choose(request, visit, here)
    return offer(request, visit, here)


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
            "form": form
            or ProveForm(words=visit.words, asked=asked_of(visit.customer)),
            "left": left,
            "to": masked_email(here.sample.address),
            "covers": _covers(visit, here.sample.categories),
        },
        status=422 if left or (form and form.errors) else 200,
    )


def _prove(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    form = ProveForm(request.POST, words=visit.words, asked=asked_of(visit.customer))
    if here.stage == Stage.PROVE and not form.is_valid():
        return _prove_page(request, visit, here, form)
    if is_flooded(GUESSES, visit.address, now=visit.now):
        return refusal(request, "too_often", status=429)
    if not form.is_valid():
        return offer(request, visit, here)
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
        return to_receipt(visit, proof.event)
    count(GUESSES, visit.address, now=visit.now)
    if proof.result == Result.WRONG:
        typed = {name: form.cleaned_data[name] for name in ("code", "fact")}
        again = ProveForm(
            words=visit.words, asked=asked_of(visit.customer), typed=typed
        )
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
            "day": local_day(visit.now, visit.brand.time_zone),
        },
    )


def _withdraw(request: HttpRequest, visit: Visit, here: Standing) -> HttpResponse:
    form_id = posted_form_id(request)
    has_withdrawn = here.state is not None and here.state.state == "withdrawn"
    if form_id is None or not (here.can_withdraw or has_withdrawn):
        return _withdraw_page(request, visit, here)
    posted = how(request, visit, form_id)
    return to_receipt(visit, withdraw(customer=visit.customer, posted=posted))


_PAGES: dict[Stage, Callable[[HttpRequest, Visit, Standing], HttpResponse]] = {
    Stage.PROVE: _prove_page,
    Stage.SENT: _sent_page,
    Stage.STANDING: _standing_page,
}


def _covers(visit: Visit, categories: list[str]) -> list[str]:
    return [visit.words.plain(f"cat_{one}") for one in categories]
