"""What a person has typed into the grid, with the lines they began from: nothing of it is lost where it is refused,
where others change the same lines, or where the grid needs more rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

from crm.deals import quote
from crm.deals.quote import Line

Cells: TypeAlias = dict[str, Any]

EMPTY: Cells = {
    "place": None,
    "sku": "",
    "name": "",
    "quantity": None,
    "price": None,
    "percent": None,
    "off": None,
    "gone": False,
}
BLANKS = 5
"""Rows to type in below the lines; as many more when they are used up."""


@dataclass(frozen=True)
class Row:
    line: Line | None
    """As the person saw it; None for a line of their own that is yet to be made."""
    base: Cells
    """The line in the grid's cells, before anything was typed."""
    start: Cells
    """What the grid was given; what is typed into it lies over that."""
    clashes: bool = False
    """Both changed it: what is here is the person's, until they choose."""
    theirs: Line | None = None
    """Where it clashes: the line as the other left it; None where they removed it."""


@dataclass(frozen=True)
class Sheet:
    rows: tuple[Row, ...]
    turn: int = 0
    """Part of the grid's key: a grid of other rows is another grid."""

    @property
    def clashing(self) -> list[int]:
        return [number for number, row in enumerate(self.rows) if row.clashes]


def new_sheet(lines: Sequence[Line], turn: int = 0) -> Sheet:
    """The sheet of these lines, numbered from 1, with free rows below."""
    return Sheet((*(_row(line, place) for place, line in enumerate(lines, 1)), *_blanks()), turn)


def typed(sheet: Sheet, edits: Mapping[int, Mapping[str, Any]]) -> list[Cells]:
    """The cells of each row as they stand now; an emptied text is empty, not None."""
    found = []
    for number, row in enumerate(sheet.rows):
        now = row.start | dict(edits.get(number, {}))
        found.append({**now, "sku": (now["sku"] or "").strip(), "name": now["name"] or "", "gone": bool(now["gone"])})
    return found


def is_blank(now: Cells) -> bool:
    return all(now[cell] in (None, "", False) for cell in EMPTY if cell != "place")


def is_changed(row: Row, now: Cells) -> bool:
    return not is_blank(now) if row.line is None else now != row.base


def with_edits(sheet: Sheet, now: Sequence[Cells]) -> Sheet:
    """The sheet with what was typed as its start, and free rows at its end; its grid is another one."""
    rows = [replace(row, start=dict(mine)) for row, mine in zip(sheet.rows, now, strict=True)]
    # Free rows are made anew: those that were left would pile up.
    while rows and rows[-1].line is None and is_blank(rows[-1].start):
        rows.pop()
    return Sheet((*rows, *_blanks()), sheet.turn + 1)


def is_current(sheet: Sheet, lines: Sequence[Line]) -> bool:
    """Whether the sheet holds the lines as they are."""
    known = [row.theirs if row.clashes else row.line for row in sheet.rows]
    return {line.id: line.version for line in known if line} == {line.id: line.version for line in lines}


def with_others(sheet: Sheet, now: Sequence[Cells], lines: Sequence[Line]) -> Sheet:
    """Merge the sheet with the lines as others left them: what the person did not touch follows, what only they touched
    stays, and a line that both touched clashes."""
    there = {line.id: (place, line) for place, line in enumerate(lines, 1)}
    rows, own = list[Row](), list[Row]()
    for row, mine in zip(sheet.rows, now, strict=True):
        if row.line is None:
            own.append(replace(row, start=dict(mine)))
            continue
        place, theirs = there.pop(row.line.id, (0, None))
        if not is_changed(row, mine) or (theirs is None and mine["gone"]):
            rows += [_row(theirs, place)] if theirs else []
        elif theirs is not None and theirs.version == row.line.version:
            rows.append(replace(row, start=dict(mine)))
        else:
            rows.append(replace(row, start=dict(mine), clashes=True, theirs=theirs))
    rows += [_row(line, place) for place, line in there.values()]
    merged = Sheet((*rows, *own), sheet.turn)
    return with_edits(merged, [row.start for row in merged.rows])


def resolved(sheet: Sheet, now: Sequence[Cells], number: int, *, mine: bool) -> Sheet:
    """The sheet after the person chose between their line and the other's; one that the other removed becomes a new
    line, or goes."""
    rows = [replace(row, start=dict(cells)) for row, cells in zip(sheet.rows, now, strict=True)]
    row = rows[number]
    place = row.base["place"] or 0
    if row.theirs is None:
        rows[number : number + 1] = [Row(None, EMPTY, row.start)] if mine and not row.start["gone"] else []
    else:
        row_of_theirs = _row(row.theirs, place)
        rows[number] = replace(row_of_theirs, start=row.start) if mine else row_of_theirs
    return with_edits(Sheet(tuple(rows), sheet.turn), [row.start for row in rows])


def cells(line: Line, place: int) -> Cells:
    return {
        "place": float(place),
        "sku": line.sku or "",
        "name": line.name,
        "quantity": float(line.quantity),
        "price": float(line.unit_price),
        "percent": float(line.discount) if line.discount_kind == "percent" else None,
        "off": float(line.discount) if line.discount_kind == "fixed" else None,
        "gone": False,
    }


def fields(now: Cells) -> dict[str, Any]:
    """The cells of a row as the verbs take a line; without a quantity it is one piece."""
    kind, discount = None, None
    if now["percent"]:
        kind, discount = "percent", now["percent"]
    if now["off"]:
        kind, discount = "fixed", now["off"]
    return {
        "name": now["name"],
        "quantity": "1" if now["quantity"] is None else number(now["quantity"]),
        "unit_price": None if now["price"] is None else number(now["price"]),
        "discount_kind": kind,
        "discount": None if discount is None else number(discount),
    }


def number(value: float) -> str:
    """The number as it was typed."""
    # `repr` gives the shortest digits that read back as this float: 0.1 stays a tenth, where Decimal(0.1) has 55
    # digits.
    return f"{Decimal(repr(value)):f}"


def edits(sheet: Sheet, now: Sequence[Cells]) -> tuple[list[quote.Edit], list[int]]:
    """The changes that saving would make, and the number of the row, from 0, that each comes from."""
    made, places = list[quote.Edit](), list[int]()
    for place, (row, mine) in enumerate(zip(sheet.rows, now, strict=True)):
        if not is_changed(row, mine):
            continue
        edit = _edit(row, mine)
        if edit is not None:
            made.append(edit)
            places.append(place)
    return made, places


def order(sheet: Sheet, now: Sequence[Cells]) -> list[int | None]:
    """The ids of the lines in their order, None for a new one: by the numbers beside them, those without one last."""
    left = [
        (mine["place"], n, row.line.id if row.line else None)
        for n, (row, mine) in enumerate(zip(sheet.rows, now, strict=True))
        if not mine["gone"] and not (row.line is None and is_blank(mine))
    ]
    return [line_id for _, _, line_id in sorted(left, key=lambda row: (row[0] is None, row[0] or 0, row[1]))]


def _edit(row: Row, mine: Cells) -> quote.Edit | None:
    if row.line is None:
        return None if mine["gone"] else quote.New(fields=fields(mine) | _sku(mine))
    if mine["gone"]:
        return quote.Removed(line_id=row.line.id, version=row.line.version)
    base, now = fields(row.base), fields(mine)
    changes = {name: value for name, value in now.items() if value != base[name]}
    # The verb takes a discount whole: 10 is ten percent or ten reais.
    if "discount" in changes or "discount_kind" in changes:
        changes |= {"discount": now["discount"], "discount_kind": now["discount_kind"]}
    if mine["sku"] != row.base["sku"]:
        changes |= _product(row, mine)
    return quote.Changed(line_id=row.line.id, version=row.line.version, fields=changes) if changes else None


def _sku(mine: Cells) -> dict[str, Any]:
    return {"sku": mine["sku"]} if mine["sku"] else {}


def _product(row: Row, mine: Cells) -> dict[str, Any]:
    """The change of a line's product: it brings name and price unless they were typed; an empty SKU takes it off."""
    if not mine["sku"]:
        return {"sku": None, "product_id": None}
    brought = {"name": "name", "unit_price": "price"}
    return _sku(mine) | {name: None for name, cell in brought.items() if mine[cell] == row.base[cell]}


def _row(line: Line, place: int) -> Row:
    found = cells(line, place)
    return Row(line, found, found)


def _blanks() -> list[Row]:
    return [Row(None, EMPTY, EMPTY) for _ in range(BLANKS)]
