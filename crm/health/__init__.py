"""Whether a deal is well: idle, stalled, at risk, overdue; a score of 100 less named penalties."""

from crm.health.now import now
from crm.health.penalties import NAMES, WEIGHTS, Penalty, set_weights, weights
from crm.health.reading import Glance, Health, Reason, Touch, at_a_glance, of
from crm.health.scoring import OPEN_NOW, STATUSES, ground, ground_at, ground_of, scored
from crm.health.usual import usual_days

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
    "ground",
    "ground_at",
    "ground_of",
    "now",
    "of",
    "scored",
    "set_weights",
    "usual_days",
    "weights",
]
