"""Schedules by which dashboards are mailed as PDF, each recipient's with the figures that they may see."""

from fastapi import APIRouter, Depends, Response
from pydantic import ConfigDict, Field

from crm.api.callers import MAY_WRITE, Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Id, Listed, PathId, shown, whole
from crm.dashboards import schedules
from crm.dashboards.recurrence import Every
from crm.dashboards.schedules import DashboardSchedule
from crm.foundation.access import Module

router = APIRouter(prefix="/dashboard-schedules", tags=["dashboards"], dependencies=[Depends(needs(Module.CRM))])

RECIPIENTS = "Ids of users who see the dashboard. Who is disabled, or sees it no more when it is mailed, gets none."


class ScheduleChange(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"hour": 7, "recipient_ids": [1]}]})

    every: Every = Every.WEEK
    hour: int = Field(schedules.FIRST_HOUR, strict=True, ge=0, le=23, description="Of the workspace's time zone.")
    weekday: int | None = Field(None, strict=True, ge=1, le=7, description="Of a weekly one: 1 is Monday, 7 is Sunday.")
    month_day: int | None = Field(
        None, strict=True, ge=1, le=31, description="Of a monthly one; in shorter months it is their last day."
    )
    recipient_ids: list[Id] = Field([], max_length=schedules.MOST_RECIPIENTS, description=RECIPIENTS)


class ScheduleGiven(ScheduleChange):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"every": "week", "weekday": 1, "hour": 8, "recipient_ids": [1]}]}
    )

    dashboard_id: Id | None = Field(None, description="Left out: the sales overview.")
    every: Every
    recipient_ids: list[Id] = Field(max_length=schedules.MOST_RECIPIENTS, description=RECIPIENTS)


@router.get("", response_model=Listed[DashboardSchedule])
def list_dashboard_schedules(caller: Calling) -> Response:
    """Those of every dashboard that the caller sees, the next first."""
    with caller.reading() as tx:
        return shown(whole(schedules.all_of(tx)))


@router.post("", status_code=201, response_model=DashboardSchedule, dependencies=MAY_WRITE)
def create_dashboard_schedule(change: Changing, body: ScheduleGiven) -> Response:
    """Have a dashboard mailed as PDF. What is missed while the product stands still is mailed once, when it starts."""
    return change.create(schedules.KIND, lambda tx: schedules.create(tx, **body.given()))


@router.get("/{id}", response_model=DashboardSchedule)
def get_dashboard_schedule(caller: Calling, schedule_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(schedules.get(tx, schedule_id))


@router.patch("/{id}", response_model=DashboardSchedule, dependencies=MAY_WRITE)
def edit_dashboard_schedule(
    change: Changing, schedule_id: PathId, body: ScheduleChange, version: ExpectedVersion
) -> Response:
    """Its owner may, and an administrator."""
    return change.make(lambda tx: schedules.edit(tx, schedule_id, version=version, **body.given()))


@router.delete("/{id}", status_code=204, dependencies=MAY_WRITE)
def delete_dashboard_schedule(change: Changing, schedule_id: PathId, version: ExpectedVersion) -> Response:
    """Its owner may, and an administrator."""
    return change.drop(lambda tx: schedules.delete(tx, schedule_id, version=version))


@router.post("/{id}/leave", status_code=204, dependencies=MAY_WRITE)
def leave_dashboard_schedule(change: Changing, schedule_id: PathId) -> Response:
    """Mail it to the caller no more."""
    return change.drop(lambda tx: schedules.leave(tx, schedule_id))
