"""Deals: sales opportunities that move through the stages of a pipeline until they are won or lost."""

from crm.deals.adding import add_contacts, take_out
from crm.deals.board import SCREENFUL, Board, Card, Column, Total, board, board_as_of
from crm.deals.calendar import Calendar, calendar
from crm.deals.close_reasons import CloseReason, add_close_reason, close_reasons, retire_close_reason
from crm.deals.closing import lose, reopen, win
from crm.deals.counters import Counters
from crm.deals.declaration import DEAL
from crm.deals.figures import Figures, figures
from crm.deals.following import follow, follows, unfollow
from crm.deals.history import Closing, State, known, last_closing
from crm.deals.movements import Movement, movements
from crm.deals.moving import move
from crm.deals.past import find_as_of, totals_as_of
from crm.deals.past_deal import NotThere, PastDeal, deal_as_of
from crm.deals.pipeline_query import PipelineQuery
from crm.deals.record import PRIORITIES, Deal
from crm.deals.related import of_company, of_contact, totals_of_company
from crm.deals.removed_stage import held_by_stage, remove_stage
from crm.deals.rows import edit_row, undo_rows
from crm.deals.totals import CurrencyTotal, totals
from crm.deals.undoing import undo_move
from crm.deals.verbs import count, create, delete, edit, fields, find, find_one, get, restore, set_labels
from crm.records.listing import ListQuery, Page

__all__ = [
    "DEAL",
    "PRIORITIES",
    "SCREENFUL",
    "Board",
    "Calendar",
    "Card",
    "CloseReason",
    "Closing",
    "Column",
    "Counters",
    "CurrencyTotal",
    "Deal",
    "Figures",
    "ListQuery",
    "Movement",
    "NotThere",
    "Page",
    "PastDeal",
    "PipelineQuery",
    "State",
    "Total",
    "add_close_reason",
    "add_contacts",
    "board",
    "board_as_of",
    "calendar",
    "close_reasons",
    "count",
    "create",
    "deal_as_of",
    "delete",
    "edit",
    "edit_row",
    "fields",
    "figures",
    "find",
    "find_as_of",
    "find_one",
    "follow",
    "follows",
    "get",
    "held_by_stage",
    "known",
    "last_closing",
    "lose",
    "move",
    "movements",
    "of_company",
    "of_contact",
    "remove_stage",
    "reopen",
    "restore",
    "retire_close_reason",
    "set_labels",
    "take_out",
    "totals",
    "totals_as_of",
    "totals_of_company",
    "undo_move",
    "undo_rows",
    "unfollow",
    "win",
]
