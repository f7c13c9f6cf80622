"""A loaded guide pack: indexes over its document, and the compiled expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from guide.case import Runtime
from guide.cases import build_case
from guide.declared import choices_of, declared_names, fact_defs
from guide.dictionary import dictionary
from guide.expressions import Programs
from guide.model.call import Call, Clause, Source
from guide.model.categories import Category, Office, Topic
from guide.model.document import Document
from guide.model.facts import RECORDS
from guide.model.interpretations import Interpretation
from guide.model.office import FormFieldSpec, FormGroupSpec, LifeCycle, Material, Obligation, Paper
from guide.model.rules import Rule
from guide.plan import Plan, plan_of
from guide.supplied import constants
from guide.views import Block, FactDef, Form, FormField, FormGroup, QuotaRow
from guide.words import Stage

FIELD = "project.field"
"""The fact with the support field, of which each category has a list of its own."""
OTHER_FIELD = "other"

T = TypeVar("T")
Index = Mapping[str, T]


class Pack:
    """One published version of one call's guide. Immutable; build it with `load_pack`."""

    def __init__(self, document: Document, version: str, programs: Programs) -> None:
        self.document = document
        self.id = document.id
        self.version = version
        self.call: Call = document.call
        self.city = document.call.city
        self.life_cycle: LifeCycle = document.life_cycle
        self.categories: tuple[Category, ...] = document.categories
        self.papers: tuple[Paper, ...] = document.papers
        self.obligations: tuple[Obligation, ...] = document.obligations
        self.sources: Index[Source] = _by_id(document.sources)
        self.clauses: Index[Clause] = _by_id(document.clauses)
        self.topics: Index[Topic] = _by_id(document.topics)
        self.offices: Index[Office] = _by_id(document.routing.offices)
        self.interpretations: Index[Interpretation] = _by_id(document.interpretations)
        self.rules: Index[Rule] = _by_id(document.rules)
        self.quota_blocks: tuple[Block, ...] = _blocks(document)
        self.quota_rows: Index[QuotaRow] = _by_id(row for block in self.quota_blocks for row in block.rows)
        self.runtime = Runtime(
            programs, {fact.name: fact.owner for fact in document.facts}, self.interpretations
        )
        plans = {rule.id: plan_of(rule, self.clauses[rule.clause], self.runtime) for rule in document.rules}
        self.rule_facts: Mapping[str, tuple[str, ...]] = MappingProxyType(
            {rule: plan.facts for rule, plan in plans.items()}
        )
        self.settled: Mapping[str, str] = MappingProxyType(_settled(document))
        self._leaves = {category.id: category for category in document.categories if category.selectable}
        self._plans_for = {
            leaf: tuple(
                plan.citing(self.clauses[_cited(plan.rule, category)])
                for plan in plans.values()
                if leaf in plan.rule.applies
            )
            for leaf, category in self._leaves.items()
        }
        choices = choices_of(document, self.quota_rows.values())
        self.facts: Index[FactDef] = MappingProxyType(fact_defs(document, choices, self.rule_facts))
        self.names = dictionary().names.overlaid(declared_names(document, choices))
        """What may be sent: the dictionary's facts, those of this pack in its own shapes."""
        self.instants = frozenset(spec.name for spec in document.facts if spec.type == "instant")
        self.arrays = frozenset(spec.name for spec in document.facts if spec.type in RECORDS or spec.record)
        self.constants: Mapping[str, Mapping[str, Any]] = {
            leaf: constants(document, category) for leaf, category in self._leaves.items()
        }
        self.zone = document.call.time_zone

    def __repr__(self) -> str:
        return f"Pack({self.id!r}, version={self.version[:12]!r})"

    def leaf(self, category: str) -> Category:
        """The selectable category of this id; KeyError for anything else."""
        return self._leaves[category]

    def is_leaf(self, category: str) -> bool:
        return category in self._leaves

    @property
    def leaves(self) -> tuple[Category, ...]:
        return tuple(self._leaves.values())

    def rules_for(self, category: str) -> tuple[Rule, ...]:
        """Rules of a selectable category in the order of the pack; KeyError for any other id."""
        return tuple(plan.rule for plan in self._plans_for[category])

    def plans_for(self, category: str) -> tuple[Plan, ...]:
        """The same rules, prepared for evaluation."""
        return self._plans_for[category]

    def fields_of(self, category: str) -> tuple[str, ...] | None:
        """Tokens of the fields that a selectable category offers, another one too; None if it has no list."""
        fields = self.leaf(category).fields
        return (*fields.tokens, OTHER_FIELD) if fields else None

    def materials_for(self, category: str) -> list[Material]:
        return [one for one in self.document.materials if self.leaf(category).id in one.categories]

    def form_for(self, category: str) -> Form:
        """What the applicant fills in for one project; groups and fields in order."""
        return self._form(category, self.document.forms)

    def profile_for(self, category: str) -> Form:
        """What a unit states about itself once, before it applies."""
        return self._form(category, self.document.profile)

    def _form(self, category: str, specs: tuple[FormGroupSpec, ...]) -> Form:
        leaf = self.leaf(category).id
        return Form(
            leaf,
            tuple(
                FormGroup(
                    group.id,
                    group.label_zh,
                    group.label_en,
                    tuple(self._field(leaf, field) for field in group.fields),
                )
                for group in specs
                if leaf in group.categories
            ),
        )

    def _field(self, category: str, spec: FormFieldSpec) -> FormField:
        fact = self.facts[spec.fact]
        allowed, choices = fact.allowed, fact.choices
        offered = self.fields_of(category) if fact.name == FIELD else None
        if offered is not None and choices is not None:
            choices = tuple(choice for choice in choices if choice.token in offered)
            allowed = tuple(choice.token for choice in choices)
        return FormField(
            fact.name,
            spec.label_zh or fact.label_zh,
            spec.label_en or fact.label_en,
            fact.type,
            fact.unit,
            spec.required,
            allowed,
            choices,
            spec.condition,
            spec.help.zh if spec.help else None,
            spec.help.en if spec.help else None,
        )

    def quota_row(self, category: str, token: str) -> str | None:
        """Id of the row on which a unit or jurisdiction token draws in a category's block; None = no place.

        A token without a row of its own may be mapped to another row (`quota_mapping`); whether that mapping
        is settled is for the rules on places to say.
        """
        own = f"{category}/{token}"
        if own in self.quota_rows:
            return own
        for mapping in self.document.quota_mapping:
            row = f"{category}/{mapping.row}"
            if mapping.token == token and category in mapping.categories and row in self.quota_rows:
                return row
        return None

    def route(self, category: str, facts: Mapping[str, Any]) -> Office | None:
        """The office that handles an application with these (nested) facts; None = a person must route it."""
        case = build_case(self, category, Stage.submission, None, facts)
        for route in self.document.routing.routes:
            if category not in route.categories:
                continue
            if route.when is None or case.value(route.when):
                return self.offices[route.office]
        return None

    def holds(self, condition: str | None, category: str, facts: Mapping[str, Any]) -> bool | None:
        """Whether a condition of a material or form field holds for (nested) facts; None = not known yet."""
        if condition is None:
            return True
        found: bool | None = build_case(self, category, Stage.submission, None, facts).value(condition)
        return found


def _settled(document: Document) -> dict[str, str]:
    """Readings that count without being asked for: confirmed ones, and defaults that apply."""
    settled = {}
    for one in document.interpretations:
        value = one.confirmed.key if one.confirmed else one.default_key if one.mode == "apply" else None
        if value is not None:
            settled[one.id] = value
    return settled


def _cited(rule: Rule, category: Category) -> str:
    """The clause that findings of a rule cite in a category."""
    return rule.clause if rule.clause_of is None else category.clauses[rule.clause_of]


def _by_id(items: Iterable[Any]) -> Mapping[str, Any]:
    return MappingProxyType({item.id: item for item in items})


def _blocks(document: Document) -> tuple[Block, ...]:
    return tuple(
        Block(
            block.category,
            block.total,
            tuple(
                QuotaRow(
                    f"{block.category}/{row.token}",
                    row.token,
                    block.category,
                    row.unit_zh,
                    row.unit_en,
                    row.limit,
                )
                for row in block.rows
            ),
        )
        for block in document.quota_blocks or ()
    )
