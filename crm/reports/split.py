"""What a report is broken down by: owner, team, source, segments, or a list attribute of deals."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform.people import teams, users
from crm.records import segments
from crm.reports import membership
from crm.reports.scope import Scope
from crm.store import Reading


class By(StrEnum):
    OWNER = "owner"
    TEAM = "team"
    SOURCE = "source"
    SEGMENT = "segment"
    ATTRIBUTE = "attribute"


NONE = {By.OWNER: "0", By.TEAM: "0", By.SOURCE: "", By.ATTRIBUTE: ""}
"""The part of the deals that have none. A deal in no segment is in no part."""

OF_NOW = (By.SOURCE, By.SEGMENT, By.ATTRIBUTE)
"""What has no history, and so is that of now on any day; owner and team are those of the time asked."""


class Split(BaseModel, frozen=True):
    """`key`: of the attribute, or the kind of the segments: deals, contacts or companies. Segments overlap: a deal is
    in the part of each that it counts to."""

    by: By
    key: str = ""

    def __str__(self) -> str:
        return f"{self.by}:{self.key}" if self.key else self.by.value

    @classmethod
    def parse(cls, text: str) -> "Split":
        by, _, key = text.partition(":")
        known = by in set(By) and (key in membership.HOLDERS if by == By.SEGMENT else bool(key) == (by == By.ATTRIBUTE))
        if not known:
            raise Invalid(
                tr(
                    "“{value}” is nothing to break a report down by: owner, team, source, segment:deals, "
                    "segment:contacts, segment:companies, or attribute: and the key of a list attribute.",
                    value=bounds.shown(text),
                ),
                "split",
            )
        return cls(by=By(by), key=key)

    def sql(self, tx: Reading, deals: str) -> tuple[str, dict[str, Any]]:
        """SQL with its parameters: the deals of the query `deals`, which have deal_id, owner_id, team_id and source,
        with a column `part`, one row per deal and part."""
        match self.by:
            case By.OWNER:
                return f"SELECT *, coalesce(owner_id, 0)::VARCHAR AS part FROM ({deals})", {}
            case By.TEAM:
                return f"SELECT *, coalesce(team_id, 0)::VARCHAR AS part FROM ({deals})", {}
            case By.SOURCE:
                return f"SELECT *, coalesce(source, '') AS part FROM ({deals})", {}
            case By.ATTRIBUTE:
                column = membership.attribute(tx, self.key).column
                sql = f"""
                    SELECT split_deal.*, coalesce(own.{column}, '') AS part
                    FROM ({deals}) AS split_deal
                    LEFT JOIN deal_attributes AS own ON own.id = split_deal.deal_id
                """
                return sql, {}
        members = [
            (deal_id, str(each.id)) for each in self._segments(tx) for deal_id in membership.of_segment(tx, each.id)
        ]
        sql = f"""
            SELECT split_deal.*, member.part
            FROM ({deals}) AS split_deal
            JOIN (
                SELECT unnest($member_ids::BIGINT[]) AS deal_id, unnest($member_parts::VARCHAR[]) AS part
            ) AS member ON member.deal_id = split_deal.deal_id
        """
        return sql, {"member_ids": [each for each, _ in members], "member_parts": [part for _, part in members]}

    def names(self, tx: Reading) -> dict[str, str]:
        """{part: its name}; of what has no list, such as sources, none: they are called as they are."""
        match self.by:
            case By.OWNER:
                return {str(user_id): name for user_id, name in users.names(tx).items()}
            case By.TEAM:
                return {str(team.id): team.name for team in teams.everyone(tx)}
            case By.SEGMENT:
                return {str(each.id): each.name for each in self._segments(tx)}
        return {}

    def narrowed(self, scope: Scope, part: str) -> Scope:
        """The scope of one part. Raises Invalid where it is none."""
        if self.by is By.SOURCE:
            return scope.model_copy(update={"source": part})
        if self.by is By.ATTRIBUTE:
            return scope.model_copy(update={"attributes": (*scope.attributes, (self.key, part))})
        number = bounds.whole(part)
        if number is None:
            raise Invalid(tr("“{value}” is no part of this report.", value=bounds.shown(part)), "part")
        if self.by is By.SEGMENT:
            return scope.model_copy(update={"segment_ids": (*scope.segment_ids, number)})
        return scope.model_copy(update={"owner_id" if self.by is By.OWNER else "team_id": number})

    def _segments(self, tx: Reading) -> list[segments.Segment]:
        # A broken one has no records that anybody could tell.
        return [each for each in segments.of_kind(tx, self.key) if not segments.broken(tx, each)]


def choosable(tx: Reading) -> list[Split]:
    """What there is to break a report down by."""
    kinds = {segment.kind for segment in membership.choosable(tx)}
    return [
        Split(by=By.OWNER),
        *([Split(by=By.TEAM)] if teams.everyone(tx) else []),
        Split(by=By.SOURCE),
        *(Split(by=By.SEGMENT, key=kind) for kind in membership.HOLDERS if kind in kinds),
        *(Split(by=By.ATTRIBUTE, key=each.key) for each in membership.list_attributes(tx)),
    ]
