"""A consent told on the telephone: the words to read aloud, and what was said."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns.forms_consents import YES, PhoneConsentForm
from consent.ceremony import keep_paper, withdraw
from consent.disclosures.rendering import spoken
from consent.models import ConsentEvent, Disclosure
from consent.publishing import current, filling, key_of
from consent.telling import CeremonyError, Posted, known_address, standing_of
from customers.models import Customer
from notices.consent_mail import NoWording, send_sample
from notices.formats import direction
from notices.models import Brand


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("consent.add_consentevent", raise_exception=True)
def consent_by_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the words to read aloud, and record what the customer said."""
    customer = get_object_or_404(Customer, pk=pk)
    brand = Brand.objects.order_by("pk").first()
    disclosure = current(key_of(brand.key), customer.language) if brand else None
    if brand is None or disclosure is None:
        return render(request, "campaigns/consent_closed.html", {"customer": customer})
    zone = ZoneInfo(brand.time_zone)
    form = PhoneConsentForm(
        request.POST or None,
        disclosure=disclosure,
        zone=zone,
        initial={
            "form": uuid.uuid4(),
            "shown": disclosure.ref,
            "spoken_at": timezone.now().astimezone(zone).replace(tzinfo=None),
            "address": known_address(customer),
        },
    )
    if request.method == "POST" and form.is_valid():
        done = _record(request, customer, brand, disclosure, form)
        if done:
            return redirect("customer", pk=pk)
    words = spoken(disclosure.blocks, filling(disclosure, brand.name, brand.phone))
    return render(
        request,
        "campaigns/consent_by_phone.html",
        {
            "customer": customer,
            "brand": brand,
            "disclosure": disclosure,
            "direction": direction(disclosure.language),
            "script": words,
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def _record(
    request: HttpRequest,
    customer: Customer,
    brand: Brand,
    disclosure: Disclosure,
    form: PhoneConsentForm,
) -> bool:
    """Record the answer; say whether it could be, the form having the reason else."""
    said = form.cleaned_data
    posted = Posted(
        form=said["form"],
        now=timezone.now(),
        language=disclosure.language,
        method=ConsentEvent.Method.PHONE,
        actor=request.user.get_username(),
    )
    told = {
        "spoke_with": said["spoke_with"],
        "spoken_at": said["spoken_at"].isoformat(),
    }
    standing = standing_of(customer)
    agreed = standing is not None and standing.state == ConsentEvent.State.GRANTED
    if said["answer"] != YES and agreed:
        # A yes that stands is taken back: a mere no would leave it standing.
        withdraw(customer=customer, posted=posted, more=told)
        messages.success(
            request,
            f"{customer.name} had agreed to e-mail, and is back on paper from now on.",
        )
        return True
    if said["answer"] != YES:
        keep_paper(customer=customer, disclosure=disclosure, posted=posted, more=told)
        messages.success(request, f"{customer.name} keeps paper. That is on record.")
        return True
    try:
        send_sample(
            customer=customer,
            brand=brand,
            disclosure=disclosure,
            address=said["address"],
            categories=said["categories"],
            posted=posted,
            more=told,
        )
    except NoWording as error:
        form.add_error(None, str(error))
        return False
    except CeremonyError:
        form.add_error(
            None, "Five samples were asked for within a day. Try again tomorrow."
        )
        return False
    until = (
        "what they agreed to before stands"
        if agreed
        else "what law wants in writing comes on paper"
    )
    messages.success(
        request,
        f"Noted, and the sample is on its way. {customer.name} has agreed once the "
        f"code in it is typed; until then {until}.",
    )
    return True
