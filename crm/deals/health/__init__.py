"""Deal health: a score of 100 less named penalties, and a status: healthy, at risk, stalled or overdue."""

from crm.deals.health.deal_facts import DealFacts, deal_facts
from crm.deals.health.now import now
from crm.deals.health.parameters import STATUSES, Parameters, parameters, parameters_at
from crm.deals.health.past import as_of
from crm.deals.health.penalties import EVALUATION_JOB, NAMES, WEIGHTS, Penalty, set_weights, weights
from crm.deals.health.reading import Glance, Health, Reason, Touch, at_a_glance, glances, of
from crm.deals.health.scoring import Scored, score
from crm.deals.health.scoring_sql import OPEN_NOW, scored, scored_in_past, standing_then
from crm.deals.health.usual import usual_days

__all__ = [
    "EVALUATION_JOB",
    "NAMES",
    "OPEN_NOW",
    "STATUSES",
    "WEIGHTS",
    "DealFacts",
    "Glance",
    "Health",
    "Parameters",
    "Penalty",
    "Reason",
    "Scored",
    "Touch",
    "as_of",
    "at_a_glance",
    "deal_facts",
    "glances",
    "now",
    "of",
    "parameters",
    "parameters_at",
    "score",
    "scored",
    "scored_in_past",
    "set_weights",
    "standing_then",
    "usual_days",
    "weights",
]
