"""Parses the filters of a report from URL parameters, the same for pages, CSV files and the API."""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import parse_qsl

from pydantic import BaseModel

from crm.deals import past
from crm.foundation import bounds, money
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.orders import SOURCES
from crm.reports import periods
from crm.reports.customers import Buyers, CustomerScope
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope

FORECAST_PERIOD = "next-6-months"
LOOK_BACK_PERIOD = "last-12-months"
WEEK = timedelta(days=7)


class ReportFilters(BaseModel, frozen=True):
    scope: Scope
    period: Period
    grain: Grain
    currency: str | None

    @property
    def pipeline_id(self) -> int | None:
        """The pipeline, if exactly one is selected."""
        return self.scope.pipeline_ids[0] if len(self.scope.pipeline_ids) == 1 else None


def parse(query: Mapping[str, str], today: date, *, period: str) -> ReportFilters:
    """Parse `pipeline` (ids separated by commas), `owner` (0: nobody), `team`, `source`, `segment` (ids separated by
    commas), `attribute` (`key=value`, several with & between, each percent-encoded as in an address; an empty value
    asks for deals without one), `period` (see periods.parse), `by` (month or quarter), `currency` and `as_of` (a past
    day, at whose end the deals are counted, and from which named periods go). The argument `period` is the default.
    Raises Invalid for a wrong value."""
    by = query.get("by") or Grain.MONTH.value
    if by not in set(Grain):
        raise Invalid(tr("“{value}” is neither month nor quarter.", value=bounds.shown(by)), "by")
    currency = query.get("currency")
    as_of = past.parse_day(query.get("as_of", ""), today)
    return ReportFilters(
        scope=Scope(
            pipeline_ids=tuple(
                _number(part, later("pipeline")) for part in query.get("pipeline", "").split(",") if part
            ),
            owner_id=_number(query["owner"], later("owner")) if query.get("owner") else None,
            team_id=_number(query["team"], later("team")) if query.get("team") else None,
            source=query.get("source") or None,
            segment_ids=tuple(_number(part, later("segment")) for part in query.get("segment", "").split(",") if part),
            attributes=tuple(parse_attributes(query.get("attribute", ""))),
            as_of=as_of,
        ),
        period=periods.parse(query.get("period") or period, as_of or today),
        grain=Grain(by),
        currency=money.currency(currency) if currency else None,
    )


class CustomerFilters(BaseModel, frozen=True):
    scope: CustomerScope
    period: Period
    grain: Grain


def parse_customers(query: Mapping[str, str], today: date) -> CustomerFilters:
    """Parse `of` (contacts or companies), `segment`, `owner` (0: nobody), `team` and `label` of the customers, `source`
    and `currency` of their orders, `period` (see periods.parse) and `by` (month or quarter). Raises Invalid for a wrong
    value."""
    filters = parse({**query, "as_of": "", "pipeline": ""}, today, period=LOOK_BACK_PERIOD)
    of, source = query.get("of") or Buyers.CONTACTS.value, query.get("source") or None
    if of not in set(Buyers):
        raise Invalid(tr("“{value}” is neither contacts nor companies.", value=bounds.shown(of)), "of")
    if source is not None and source not in SOURCES:
        known = ", ".join(SOURCES)
        raise Invalid(
            tr("“{value}” is not a source of orders: {known}.", value=bounds.shown(source), known=known), "source"
        )
    return CustomerFilters(
        scope=CustomerScope(
            of=Buyers(of),
            segment_id=_number(query["segment"], later("segment")) if query.get("segment") else None,
            owner_id=filters.scope.owner_id,
            team_id=filters.scope.team_id,
            label_id=_number(query["label"], later("label")) if query.get("label") else None,
            source=source,
            currency=filters.currency,
        ),
        period=filters.period,
        grain=filters.grain,
    )


def parse_attributes(text: str) -> list[tuple[str, str]]:
    """(key, value) of the attributes asked for. Raises Invalid where it is not written so."""
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=20) if text else []
    except ValueError:
        message = tr("“{value}” is not an attribute and its value. Write it as size=Large.", value=bounds.shown(text))
        raise Invalid(message, "attribute") from None


class TwoDays(BaseModel, frozen=True):
    """What the bridge is asked for; no period means all open deals."""

    scope: Scope
    first: date
    last: date
    period: Period | None


def parse_two_days(query: Mapping[str, str], today: date) -> TwoDays:
    """Parse `since` and `until` (days; a week ago and today by default), `period` (of expected close), and the scope as
    `parse` does. Raises Invalid for a wrong value."""
    filters = parse({**query, "as_of": ""}, today, period=FORECAST_PERIOD)
    last = past.checked_day(query["until"], "until") if query.get("until") else today
    return TwoDays(
        scope=filters.scope,
        first=past.checked_day(query["since"], "since") if query.get("since") else last - WEEK,
        last=last,
        period=filters.period if query.get("period") else None,
    )


def _number(text: str, field: str) -> int:
    found = bounds.whole(text)
    if found is None:
        raise Invalid(tr("“{value}” is not the number of a {field}.", value=bounds.shown(text), field=tr(field)), field)
    return found
