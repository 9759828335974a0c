"""What keeps the admin's lists quick with a million rows: bounded counts, bounded filters."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cards.scheduling import MAX_BOXES

if TYPE_CHECKING:
    ListAdmin = admin.ModelAdmin[Any]
else:
    ListAdmin = admin.ModelAdmin

# Rows are counted, and pages offered, up to here. Whoever looks for more narrows the list.
COUNT_LIMIT = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most one row beyond `COUNT_LIMIT`: the cost does not grow with the table."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[: COUNT_LIMIT + 1].count()
        return len(rows)


class BoxFilter(admin.SimpleListFilter):
    """Ten fixed choices; Django's own filter would first read the whole table for the values."""

    title = _("box")
    parameter_name = "box"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(str(number), str(number)) for number in range(1, MAX_BOXES + 1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(box=value) if value else queryset


class LargeTableAdmin(ListAdmin):
    """A list of learners' rows: no exact counts, no select boxes, one page of rows, newest first.

    The search takes an e-mail address or its beginning, with the @, for the rows of a learner, or a
    row's number. Rows are neither added nor deleted here: learners do that, and can undo it.
    """

    paginator = BoundedPaginator
    count_limit = COUNT_LIMIT
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    list_select_related = ("owner",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("pk",)
    search_help_text = _("The beginning of a learner's e-mail address with its @, or a number.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().replace("\0", "")
        if "@" in term:
            # Two steps, so that each is a range of an index.
            owners = self.model._meta.get_field("owner").related_model
            found = owners.objects.filter(email__startswith=term.lower()).values("pk")[:100]
            return queryset.filter(owner__in=[row["pk"] for row in found]), False
        if term.isascii() and term.isdigit() and len(term) <= 18:
            return queryset.filter(pk=int(term)), False
        return self.search_text(queryset, term) if term else queryset, False

    def search_text(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        """Rows found by words; none unless a list knows better."""
        return queryset.none()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(LargeTableAdmin):
    """Rows to look at."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def learners_text(text: str, most: int = 80) -> SafeString:
    """Text of a learner, cut to `most` characters, in its own direction."""
    return format_html('<span dir="auto">{}</span>', text[:most] + "…" * (len(text) > most))
