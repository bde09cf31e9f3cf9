"""Parses a filter from a URL or request, within limits, and dumps it back."""

from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.filters.model import All, Any_, Filter, Not, Related, Rule

LONGEST = 20_000
DEEPEST = 8
MOST_RULES = 100

_ADAPTER: TypeAdapter[Filter] = TypeAdapter(Filter)


def parse(text: str | None) -> Filter | None:
    """The filter of a JSON text, None for an empty one. Raises Invalid where it is no filter."""
    if not text:
        return None
    if len(text) > LONGEST:
        raise Invalid(
            tr("The filter is {count:,} characters long; the limit is {most:,}.", count=len(text), most=LONGEST),
            "filter",
        )
    try:
        query = _ADAPTER.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place, why = ".".join(str(part) for part in fault["loc"]), _without_kind(fault["type"]) or fault["msg"]
        raise Invalid(
            tr("The filter cannot be read at {place}: {fault}.", place=place, fault=why.rstrip("."))
            if place
            else tr("The filter cannot be read: {fault}.", fault=why.rstrip(".")),
            "filter",
        ) from None
    return checked(query)


def _without_kind(fault: str) -> str | None:
    """The sentence for this type of pydantic's faults where it is that a part of a filter does not say what it is."""
    if fault not in ("union_tag_not_found", "union_tag_invalid"):
        return None
    return tr(
        "Each part of a filter needs its “kind”: rule (with field, op and value), related (with relation and of), all "
        "or any (with a list, of), or not (with one part, of)."
    )


def dump(query: Filter | None) -> str:
    """The shortest JSON text of a filter; empty for none."""
    return _ADAPTER.dump_json(query, exclude_none=True).decode() if query else ""


def checked(query: Filter) -> Filter:
    """The filter. Raises Invalid where it is too deep or too long."""
    depths = list(_depths(query, 1))
    if max(depths) > DEEPEST:
        raise Invalid(tr("The filter is nested more than {most} levels deep.", most=DEEPEST), "filter")
    if len(depths) > MOST_RULES:
        raise Invalid(tr("The filter has more than {most} conditions.", most=MOST_RULES), "filter")
    return query


def mentioned(query: Filter) -> frozenset[str]:
    """The keys of all fields and relations in a filter, at any depth."""
    match query:
        case All(of=parts) | Any_(of=parts):
            return frozenset().union(*map(mentioned, parts))
        case Not(of=inner):
            return mentioned(inner)
        case Related(of=parts):
            own = {query.relation, *([query.measure.field] if query.measure and query.measure.field else [])}
            return frozenset(own).union(*map(mentioned, parts))
        case Rule():
            return frozenset({query.field})


def _depths(part: Filter, depth: int) -> Iterator[int]:
    yield depth
    match part:
        case All(of=parts) | Any_(of=parts) | Related(of=parts):
            for inner in parts:
                yield from _depths(inner, depth + 1)
        case Not(of=inner):
            yield from _depths(inner, depth + 1)
        case Rule():
            return
