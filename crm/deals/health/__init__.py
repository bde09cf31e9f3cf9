"""Deal health: a score of 100 less named penalties, and a status: healthy, at risk, stalled or overdue."""

from crm.deals.health.now import now
from crm.deals.health.penalties import NAMES, WEIGHTS, Penalty, set_weights, weights
from crm.deals.health.reading import Glance, Health, Reason, Touch, at_a_glance, of
from crm.deals.health.scoring import OPEN_NOW, STATUSES, parameters, parameters_at, parameters_of, scored
from crm.deals.health.usual import usual_days

__all__ = [
    "NAMES",
    "OPEN_NOW",
    "STATUSES",
    "WEIGHTS",
    "Glance",
    "Health",
    "Penalty",
    "Reason",
    "Touch",
    "at_a_glance",
    "now",
    "of",
    "parameters",
    "parameters_at",
    "parameters_of",
    "scored",
    "set_weights",
    "usual_days",
    "weights",
]
