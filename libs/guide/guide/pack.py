"""A loaded guide pack: indexes over its document, and the compiled expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from guide.case import Case, Runtime
from guide.cases import build_case
from guide.expressions import Programs
from guide.model.call import Call, Clause, Source
from guide.model.categories import Category, Office, Topic
from guide.model.document import Document
from guide.model.facts import FactSpec
from guide.model.interpretations import Interpretation
from guide.model.office import FormFieldSpec, FormGroupSpec, LifeCycle, Material, Obligation, Paper
from guide.model.rules import EffectCases, Rule
from guide.views import Block, Choice, FactDef, Form, FormField, FormGroup, QuotaRow
from guide.words import Stage

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
        self.rule_facts: Mapping[str, tuple[str, ...]] = MappingProxyType(
            {rule.id: facts_of(rule, programs) for rule in document.rules}
        )
        self.settled: Mapping[str, str] = MappingProxyType(_settled(document))
        self._leaves = {category.id: category for category in document.categories if category.selectable}
        self._rules_for = {
            leaf: tuple(rule for rule in document.rules if leaf in rule.applies) for leaf in self._leaves
        }
        self.facts: Index[FactDef] = _facts(self)
        self.runtime = Runtime(
            programs, {name: fact.owner for name, fact in self.facts.items()}, self.interpretations
        )

    def __repr__(self) -> str:
        return f"Pack({self.id!r}, version={self.version[:12]!r})"

    def leaf(self, category: str) -> Category:
        """The selectable category of this id; KeyError for anything else."""
        return self._leaves[category]

    @property
    def leaves(self) -> tuple[Category, ...]:
        return tuple(self._leaves.values())

    def rules_for(self, category: str) -> tuple[Rule, ...]:
        """Rules of a selectable category in the order of the pack; KeyError for any other id."""
        return self._rules_for[category]

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
                FormGroup(group.id, group.label_zh, group.label_en, tuple(map(self._field, group.fields)))
                for group in specs
                if leaf in group.categories
            ),
        )

    def _field(self, spec: FormFieldSpec) -> FormField:
        fact = self.facts[spec.fact]
        return FormField(
            fact.name,
            spec.label_zh or fact.label_zh,
            spec.label_en or fact.label_en,
            fact.type,
            fact.unit,
            spec.required,
            fact.allowed,
            fact.choices,
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
            if route.when is None or case.program(route.when).truth(case.activation):
                return self.offices[route.office]
        return None

    def holds(self, condition: str | None, category: str, facts: Mapping[str, Any]) -> bool | None:
        """Whether a condition of a material or form field holds for (nested) facts; None = not known yet."""
        if condition is None:
            return True
        case: Case = build_case(self, category, Stage.submission, None, facts)
        return case.program(condition).truth(case.activation)


def facts_of(rule: Rule, programs: Programs) -> tuple[str, ...]:
    """Facts that a rule reads, each once, guard first."""
    found: dict[str, None] = {}
    for root in (rule.guard, rule.require):
        if root is None:
            continue
        for _, node in root.walk():
            for _, expression in node.conditions():
                found.update(dict.fromkeys(programs.names(expression)))
            for _, expression, _ in node.terms():
                found.update(dict.fromkeys(programs.names(expression)))
            found.update((fact, None) for _, fact in node.facts())
    if isinstance(rule.effect, EffectCases):
        for one in rule.effect.cases:
            found.update(dict.fromkeys(programs.names(one.when)))
    found.update(dict.fromkeys(rule.cites))
    return tuple(found)


def _settled(document: Document) -> dict[str, str]:
    """Readings that count without being asked for: confirmed ones, and defaults that apply."""
    settled = {}
    for one in document.interpretations:
        value = one.confirmed.key if one.confirmed else one.default_key if one.mode == "apply" else None
        if value is not None:
            settled[one.id] = value
    return settled


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


def _facts(pack: Pack) -> Mapping[str, FactDef]:
    choices = {
        enumeration.id: tuple(Choice(one.token, one.zh, one.en) for one in enumeration.tokens)
        for enumeration in pack.document.enumerations
    }
    other = Choice("other", "其他", "other")
    none = Choice("none", "无对应名额行", "no row")
    choices["topics"] = (*(Choice(t.id, t.name_zh, t.name_en) for t in pack.topics.values()), other)
    choices["quota_rows"] = (*(Choice(r.id, r.unit_zh, r.unit_en) for r in pack.quota_rows.values()), none)
    readers: dict[str, list[str]] = {}
    for rule, facts in pack.rule_facts.items():
        for fact in facts:
            readers.setdefault(fact, []).append(rule)
    return MappingProxyType(
        {spec.name: _fact(spec, choices, readers.get(spec.name, [])) for spec in pack.document.facts}
    )


def _fact(spec: FactSpec, choices: Mapping[str, tuple[Choice, ...]], rules: list[str]) -> FactDef:
    own = choices[spec.enum] if spec.enum else None
    return FactDef(
        spec.name,
        spec.type,
        spec.unit or ("yuan" if spec.type == "money" else None),
        spec.owner,
        tuple(choice.token for choice in own) if own is not None else None,
        own,
        spec.label_zh,
        spec.label_en,
        tuple(rules),
        spec.pattern,
        {key.key: tuple(c.token for c in choices[key.enum]) if key.enum else None for key in spec.record},
    )
