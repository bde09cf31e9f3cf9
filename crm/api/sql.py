"""SQL: queries over documented views of what the user may see, saved queries, and the user's own runs."""

import base64
import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.ipc
from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import MAY_QUERY, MAY_WRITE, Calling
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Listed, PathId, shown, whole
from crm.platform import process
from crm.workbench import parameters, queries, running, runs
from crm.workbench.charting import Chart
from crm.workbench.limits import LONGEST
from crm.workbench.parameters import Parameter, ParameterType
from crm.workbench.queries import SavedSql
from crm.workbench.runs import Run
from crm.workbench.views import views

router = APIRouter(prefix="/sql", tags=["sql"], dependencies=MAY_QUERY)

ARROW = "application/vnd.apache.arrow.stream"
USUAL_ROWS, MOST_ROWS = 1_000, 100_000
Value = str | float | bool | list[str] | None


class ParameterGiven(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"type": "date", "value": "2026-01-01"}]})

    type: ParameterType = ParameterType.TEXT
    value: Value = Field(None, description="A number may be a string, so that no digit is lost.")


class Running(Body):
    parameters: dict[str, ParameterGiven] = Field({}, max_length=parameters.MOST, description="By name, without `$`.")
    limit: int = Field(USUAL_ROWS, ge=1, le=MOST_ROWS, strict=True)
    id: str | None = Field(
        None, pattern=r"^[A-Za-z0-9-]{8,64}$", description="Yours to choose: what `POST /sql/{id}/cancel` takes."
    )
    explain: bool = Field(False, description="The plan instead of rows.")

    @property
    def values(self) -> dict[str, tuple[ParameterType, Any]]:
        return {name: (one.type, one.value) for name, one in self.parameters.items()}


class SqlGiven(Running):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sql": "SELECT status, count(*), sum(value) FROM deals WHERE created_at >= $since GROUP BY ALL",
                    "parameters": {"since": {"type": "date", "value": "2026-01-01"}},
                }
            ]
        }
    )

    sql: str = Field(max_length=LONGEST)


class ResultColumn(BaseModel):
    name: str
    type: str = Field(description="Of Arrow: `int64`, `string`, `decimal128(18, 4)`.")


class SqlResult(BaseModel):
    id: str
    columns: list[ResultColumn]
    rows: list[list[Any]] = Field(
        description="Decimals are strings, days and times ISO 8601; a number that JSON has not is null."
    )
    truncated: bool = Field(description="There is more: raise `limit`, or narrow the query.")
    views: list[str] = Field(description="The views that it read.")
    plan: str | None = Field(description="With `explain`.")
    seconds: float


class SqlColumn(BaseModel):
    name: str
    type: str
    description: str


class SqlView(BaseModel):
    name: str
    description: str
    columns: list[SqlColumn]


class SqlViews(BaseModel):
    views: list[SqlView]


class SavedSqlChange(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Won by month", "shared": True}]})

    name: str = Field("", max_length=80)
    description: str = Field("", max_length=2_000)
    sql: str = Field("", max_length=LONGEST)
    parameters: list[Parameter] = Field([], max_length=parameters.MOST)
    chart: Chart = Field(Chart(), description="How its result is drawn.")
    shared: bool = Field(False, description="Everybody who may run SQL may run it; each sees what they may see.")
    team_id: int | None = Field(None, description="Instead of everybody, those of one of your own teams.")


class SavedSqlGiven(SavedSqlChange):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Deals by status", "sql": "SELECT status, count(*) FROM deals GROUP BY 1"}]
        }
    )

    name: str = Field(max_length=80)
    sql: str = Field(max_length=LONGEST)


Accept = Annotated[str, Header(alias="Accept", description=f"`{ARROW}` for an Arrow stream, else JSON.")]
RESPONSES: dict[int | str, dict[str, Any]] = {200: {"content": {ARROW: {}}}}


@router.post("", response_model=SqlResult, responses=RESPONSES)
def run_sql(caller: Calling, body: SqlGiven, accept: Accept = "application/json") -> Response:
    """Run one SELECT over the views of `GET /sql/views`: what the user may not see in the app is in none of them. It
    runs in a process of its own, which holds nothing else, within limits of time, memory and rows. A refusal says at
    which `line` and `column`."""
    actor = caller.querying()
    query = running.Query(body.sql, body.values, body.limit, body.explain)
    return _sent(runs.run(process.store(), actor, query, run_id=body.id), accept)


@router.post("/{id}/cancel", status_code=204)
def cancel_sql(caller: Calling, run_id: Annotated[str, Path(alias="id", max_length=64)]) -> Response:
    """End a query of one's own that runs."""
    running.of(process.store()).cancel(caller.querying(), run_id)
    return Response(status_code=204)


@router.get("/views", response_model=SqlViews)
def list_sql_views(caller: Calling) -> Response:
    """What there is to query, for this user, with what each column means."""
    with caller.reading() as tx:
        queries.all_of(tx)  # refuses whoever may not run SQL
        found = [
            SqlView(
                name=view.name,
                description=view.description,
                columns=[
                    SqlColumn(name=column.name, type=column.type, description=column.description)
                    for column in view.columns
                ],
            )
            for view in views(tx).values()
        ]
    return shown(SqlViews(views=found))


@router.get("/runs", response_model=Listed[Run])
def list_sql_runs(caller: Calling, limit: int = Query(50, ge=1, le=runs.KEPT)) -> Response:
    """One's own runs, the latest first; nobody else sees them."""
    with caller.reading() as tx:
        return shown(whole(runs.latest(tx, limit)))


@router.get("/queries", response_model=Listed[SavedSql])
def list_sql_queries(caller: Calling) -> Response:
    """One's own and those shared with everybody who may run SQL, by name."""
    with caller.reading() as tx:
        return shown(whole(queries.all_of(tx)))


@router.post("/queries", status_code=201, response_model=SavedSql, dependencies=MAY_WRITE)
def create_sql_query(change: Changing, body: SavedSqlGiven) -> Response:
    return change.create(queries.KIND, lambda tx: queries.create(tx, **_given(body)))


@router.get("/queries/{id}", response_model=SavedSql)
def get_sql_query(caller: Calling, query_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(queries.get(tx, query_id))


@router.patch("/queries/{id}", response_model=SavedSql, dependencies=MAY_WRITE)
def edit_sql_query(change: Changing, query_id: PathId, body: SavedSqlChange, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: queries.edit(tx, query_id, version=version, **_given(body)))


@router.delete("/queries/{id}", status_code=204, dependencies=MAY_WRITE)
def delete_sql_query(change: Changing, query_id: PathId, version: ExpectedVersion) -> Response:
    return change.drop(lambda tx: queries.delete(tx, query_id, version=version))


@router.post("/queries/{id}/duplicate", status_code=201, response_model=SavedSql, dependencies=MAY_WRITE)
def duplicate_sql_query(change: Changing, query_id: PathId) -> Response:
    """A query of one's own with the same text."""
    return change.create(queries.KIND, lambda tx: queries.duplicate(tx, query_id))


@router.post("/queries/{id}/run", response_model=SqlResult, responses=RESPONSES)
def run_sql_query(caller: Calling, query_id: PathId, body: Running, accept: Accept = "application/json") -> Response:
    """Run a saved query, as oneself. A parameter that is not given has the value it was saved with."""
    actor = caller.querying()
    with caller.reading() as tx:
        saved = queries.get(tx, query_id)
    query = running.Query.of_saved(saved, body.values, rows=body.limit, explain=body.explain)
    return _sent(runs.run(process.store(), actor, query, run_id=body.id, saved_as=saved.id), accept)


def _given(body: SavedSqlChange) -> dict[str, Any]:
    given = body.given()
    if "parameters" in given:
        given["parameters"] = tuple(body.parameters)
    if "chart" in given:
        given["chart"] = body.chart
    return given


def _sent(result: running.Result, accept: str) -> Response:
    if ARROW in accept and result.table is not None:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, result.table.schema) as stream:
            stream.write_table(result.table)
        headers = {"X-Truncated": "true" if result.truncated else "false"}
        return Response(sink.getvalue().to_pybytes(), media_type=ARROW, headers=headers)
    table = result.table
    return shown(
        SqlResult(
            id=result.run_id,
            columns=[ResultColumn(name=field.name, type=str(field.type)) for field in table.schema]
            if table is not None
            else [],
            rows=_rows(table) if table is not None else [],
            truncated=bool(result.truncated),
            views=list(result.views),
            plan=result.plan or None,
            seconds=round(result.seconds, 3),
        )
    )


def _rows(table: pa.Table) -> list[list[Any]]:
    columns = [[plain(value) for value in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            # Sums of whole numbers are decimals without a fraction.
            return int(value) if value.as_tuple().exponent == 0 else str(value)
        case datetime():
            return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
        case date() | time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple() if type(value) in (list, tuple):
            return [plain(one) for one in value]
    return str(value)
