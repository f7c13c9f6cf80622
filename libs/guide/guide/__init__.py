"""The guide pack: read it, check facts against it, evaluate its rules. No database, no HTTP, no clock."""

from guide.agreement import contradictions
from guide.diff import Change, ClauseChanges, Diff, diff
from guide.errors import EvaluationRefused, PackRefused, Problem
from guide.evaluate import evaluate
from guide.exceptions import exception_outcome
from guide.facts import check_facts, check_stated, check_unavailable, facts_catalogue
from guide.finding import Decision, Evaluation, FactUsed, Finding, Provenance
from guide.folder import Joined, joined
from guide.golden import Case, CasesRefused, Golden, mismatches, read_cases, run_cases
from guide.load import content_version, json_schema, load_pack
from guide.model.call import Clause, Source
from guide.model.categories import Category, Office, Topic
from guide.model.office import Material
from guide.model.rules import Rule
from guide.nesting import flatten, nest
from guide.ownership import keys_of_others
from guide.pack import Pack
from guide.readings import chosen_readings
from guide.request import Request, answer, check_request
from guide.stages import StageDecision, decide
from guide.stated import stated_problems, stated_value
from guide.views import Block, Choice, FactDef, Form, FormField, FormGroup, QuotaRow
from guide.words import VERDICT_EFFECTS, Effect, Eligible, Lang, Outcome, Owner, Stage, Strength

__all__ = [
    "VERDICT_EFFECTS",
    "Block",
    "Case",
    "CasesRefused",
    "Category",
    "Change",
    "Choice",
    "Clause",
    "ClauseChanges",
    "Decision",
    "Diff",
    "Effect",
    "Eligible",
    "Evaluation",
    "EvaluationRefused",
    "FactDef",
    "FactUsed",
    "Finding",
    "Form",
    "FormField",
    "FormGroup",
    "Golden",
    "Joined",
    "Lang",
    "Material",
    "Office",
    "Outcome",
    "Owner",
    "Pack",
    "PackRefused",
    "Problem",
    "Provenance",
    "QuotaRow",
    "Request",
    "Rule",
    "Source",
    "Stage",
    "StageDecision",
    "Strength",
    "Topic",
    "answer",
    "check_facts",
    "check_request",
    "check_stated",
    "check_unavailable",
    "chosen_readings",
    "content_version",
    "contradictions",
    "decide",
    "diff",
    "evaluate",
    "exception_outcome",
    "facts_catalogue",
    "flatten",
    "joined",
    "json_schema",
    "keys_of_others",
    "load_pack",
    "mismatches",
    "nest",
    "read_cases",
    "run_cases",
    "stated_problems",
    "stated_value",
]
