"""What customers may choose on their page, and surveys, behind Settings."""

# Django's admin classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"

from __future__ import annotations

from django.contrib import admin

from customers.admin import ReadOnly
from notices.models import Answer, AnswerLimits, Survey, SurveyQuestion


@admin.register(AnswerLimits)
class AnswerLimitsAdmin(admin.ModelAdmin):
    """The firm's limits; without a row the usual ones hold."""

    list_display = [
        *("brand", "promise_days", "parts_most", "parts_smallest", "paid_days"),
    ]


class QuestionInline(admin.TabularInline):
    """The questions of a survey: three at most."""

    model = SurveyQuestion
    extra = 1
    max_num = 3


@admin.register(Survey)
class SurveyAdmin(admin.ModelAdmin):
    """Surveys; what was answered stands under Replies by reason."""

    list_display = ["name", "brand", "is_open"]
    inlines = [QuestionInline]


@admin.register(Answer)
class AnswerAdmin(ReadOnly, admin.ModelAdmin):
    """What customers answered; staff deal with it under Replies."""

    list_display = ["received_at", "reference", "customer", "kind", "state"]
    list_filter = ["state", "kind"]
    list_select_related = ["customer"]
    search_fields = ["=reference"]
    show_full_result_count = False
    exclude = ["facts", "text"]
