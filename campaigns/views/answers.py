"""What customers answered on their page: shown to staff, and dealt with."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from campaigns import answer_words, words
from campaigns.looking import What, noted
from campaigns.today import house_zone
from customers.calendars import local_day
from customers.models import Plan
from notices.answer_desk import decide_plan, finish_answer
from notices.models import Answer, AnswerFile
from notices.models.answers import LONGEST_TEXT


@require_safe
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one answer, and what is left to do about it."""
    one = _answer(pk)
    noted(request, What.ANSWER, whose=one.customer_id, which=one.reference)
    zone = house_zone()
    today = local_day(timezone.now(), zone)
    return render(
        request,
        "campaigns/answer.html",
        {
            "answer": one,
            "status": words.ANSWER[one.kind],
            "facts": answer_words.facts_of(one),
            "call_at": answer_words.call_at(one),
            "call_zone": one.facts.get("zone", zone),
            "off_desk": answer_words.off_desk(one),
            "ways": answer_words.ways_to(one),
            "most_said": LONGEST_TEXT,
            "to_do": answer_words.TO_DO[Answer.Kind(one.kind)],
            "bills": one.invoices.all(),
            "files": one.files.defer("body"),
            "parts": one.plan.instalments.all() if one.plan else [],
            "asks": one.plan is not None and one.plan.state == Plan.State.ASKED,
            "holds": one.holds.standing_on(today).filter(lifted_by=""),
            "zone": zone,
        },
    )


@require_POST
@permission_required("notices.change_answer", raise_exception=True)
def answer_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that staff have dealt with it; reminders go on, or go on waiting."""
    done = finish_answer(
        answer=_answer(pk),
        by=request.user.get_username(),
        now=timezone.now(),
        go_on=request.POST.get("go_on") == "yes",
        said=request.POST.get("said", "").replace("\x00", "").strip()[:LONGEST_TEXT],
        today=local_day(timezone.now(), house_zone()),
    )
    if done:
        messages.success(request, "Noted: this answer is dealt with.")
    else:
        messages.info(request, "A colleague was quicker: it is dealt with already.")
    return redirect("replies")


@require_POST
@permission_required("notices.change_answer", raise_exception=True)
def answer_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes or no to a plan."""
    agreed = request.POST.get("agreed") == "yes"
    decided = decide_plan(
        answer=_answer(pk),
        agreed=agreed,
        by=request.user.get_username(),
        now=timezone.now(),
        today=local_day(timezone.now(), house_zone()),
    )
    if not decided:
        messages.info(request, "A colleague was quicker: it is decided already.")
    elif agreed:
        messages.success(request, "The plan stands. Please tell the customer.")
    else:
        messages.success(request, "The plan is refused. Please tell the customer.")
    return redirect("answer-staff", pk=pk)


@require_safe
def answer_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Hand over a file that came with an answer, never shown within our pages."""
    files = AnswerFile.objects.select_related("answer")
    file = get_object_or_404(files, answer=pk, pk=number)
    which = f"{file.answer.reference}, file {number}"
    noted(request, What.ANSWER_FILE, whose=file.answer.customer_id, which=which)
    response = HttpResponse(bytes(file.body), content_type=file.media_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or ""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response


def _answer(pk: int) -> Answer:
    return get_object_or_404(
        Answer.objects.select_related("customer", "notice", "plan", "call"), pk=pk
    )
