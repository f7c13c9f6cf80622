"""The stage table: what a set of findings means for the step that asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from guide.dictionary import dictionary
from guide.finding import Evaluation, Finding
from guide.model.office import StageRow
from guide.pack import Pack
from guide.words import Outcome, Owner, Stage


@dataclass(frozen=True, slots=True)
class StageDecision:
    """`rules` are the findings that decided: those that refuse, else those that are still open.

    `admit_pending` at submission and recommendation: an owner did not answer, the assessment must be taken
    again; from formal review on: findings are still to be decided. `freeze`: equal projects whose
    applications wait for the bureau.
    """

    decision: Literal["admit", "admit_pending", "refuse"]
    rules: list[str]
    missing: list[str]
    freeze: list[str]

    def as_dict(self) -> dict[str, Any]:
        return {
            "decision": self.decision,
            "rules": self.rules,
            "missing": self.missing,
            "freeze": self.freeze,
        }


def decide(pack: Pack, stage: Stage | str, evaluation: Evaluation) -> StageDecision:
    """Admit, admit as pending or refuse, by the pack's stage table.

    Findings that are not due yet and rules outside the verdict never refuse.
    """
    stage = Stage(stage)
    row = pack.life_cycle.stage_table[stage]
    counted = [finding for finding in evaluation.findings if finding.enters_verdict and finding.is_due(stage)]
    freeze = [finding.rule for finding in counted if finding.freezes]
    refusing = [finding for finding in counted if _refuses(pack, finding, row, stage)]
    if refusing:
        return StageDecision("refuse", _rules(refusing), _missing(refusing), freeze)
    opened = [finding for finding in counted if _holds(finding, row)]
    if opened:
        return StageDecision("admit_pending", _rules(opened), _missing(opened), freeze)
    return StageDecision("admit", [], [], freeze)


def _refuses(pack: Pack, finding: Finding, row: StageRow, stage: Stage) -> bool:
    if finding.outcome is Outcome.fail:
        frozen_only = finding.freezes and stage.order < Stage.formal_review.order
        return finding.effect in row.refuse_effects and not frozen_only
    if finding.outcome is not Outcome.unknown:
        return False
    away = set(finding.unavailable)
    return any(_owner(pack, name) in row.refuse_missing_of for name in finding.missing if name not in away)


def _owner(pack: Pack, name: str) -> Owner:
    """Who states a fact; a key may be another's than its record: `beneficiary.villages[].on_poor_list`."""
    key = dictionary().facts.get(name) if "[]." in name else None
    return key.owner if key is not None else pack.facts[name.partition("[].")[0]].owner


def _holds(finding: Finding, row: StageRow) -> bool:
    if row.hold_undecided:
        return finding.outcome in {Outcome.unknown, Outcome.manual}
    return finding.outcome is Outcome.unknown and bool(set(finding.missing) & set(finding.unavailable))


def _rules(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def _missing(findings: list[Finding]) -> list[str]:
    return list(dict.fromkeys(name for finding in findings for name in finding.missing))
