"""Constructs in words: a tree of lines, as a person would write a condition down to tick it off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guide.constructs.base import Construct
from guide.constructs.evidence import Asked, Decision, Present, Soft
from guide.constructs.leaves import Leaf, Stated
from guide.constructs.lists import Count, EachArgs, Exists, Forall, Sum, TotalArgs
from guide.constructs.logic import All, Downgrade, OnlyIf
from guide.constructs.logic import Any as AnyOf
from guide.constructs.node import Node
from guide.constructs.readings import Readings, WithReading
from guide.constructs.stages import ByStage
from guide.constructs.tables import FirstMatch, Table, Tier
from guide.constructs.text import Absent
from guide.messages import OUTCOME_WORDS
from guide.reading.labels import Labels
from guide.reading.sentences import say
from guide.words import Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """One line and those below it; `expression`: what it says in the language of packs, if it is a leaf."""

    text: str
    parts: tuple[Line, ...] = ()
    expression: str | None = None

    def as_text(self, depth: int = 0) -> str:
        """The lines as plain text, those below indented by two spaces."""
        return "\n".join(["  " * depth + self.text, *(one.as_text(depth + 1) for one in self.parts)])

    def lines(self) -> Iterator[Line]:
        """This line and all below it."""
        yield self
        for one in self.parts:
            yield from one.lines()


def read_condition(node: Node, labels: Labels) -> Line:
    """A guard, a requirement or a part of one."""
    match node:
        case Leaf():
            return _leaf(node.root, labels)
        case Stated():
            return Line(_outcome(node.root, labels))
        case Readings() | WithReading():
            return _readings(node, labels)
        case Exists() | Forall() | Count() | Sum():
            return _list(node, labels)
        case Table() | FirstMatch() | Tier():
            return _decision_table(node, labels)
        case Present() | Asked() | Decision() | Soft() | Absent():
            return _evidence(node, labels)
        case _:
            return _combined(node, labels)


def _combined(node: Node, labels: Labels) -> Line:
    match node:
        case All():
            parts = tuple(read_condition(one, labels) for one in node.all)
            return parts[0] if len(parts) == 1 else _under(labels, "须全部满足", "all of these", *parts)
        case AnyOf():
            parts = tuple(read_condition(one, labels) for one in node.any)
            return parts[0] if len(parts) == 1 else _under(labels, "满足其一即可", "one of these", *parts)
        case Downgrade():
            head = ("不满足时不直接判否，由人判断", "a fail is for a person to judge")
            return _under(labels, *head, read_condition(node.downgrade, labels))
        case OnlyIf():
            guarded = (("仅当", "only if", node.only_if.condition), ("则", "then", node.only_if.then))
            return _steps(labels, guarded, "有条件的要求", "a conditional requirement")
        case ByStage():
            stages = node.by_stage
            at = (
                ("立项及之前", "up to approval", stages.declared),
                ("验收时", "at acceptance", stages.result),
            )
            return _steps(labels, at, "按阶段", "by stage")
        case _:  # `same` and `rule`, which are put in their places before a pack is read
            raise TypeError(type(node).__name__)


def _leaf(expression: str, labels: Labels) -> Line:
    said = say(expression, labels)
    return Line(expression if said is None else said, (), expression)


def _outcome(outcome: Outcome, labels: Labels) -> str:
    return f"→ {labels.choose(*OUTCOME_WORDS[outcome])}"


def _under(labels: Labels, zh: str, en: str, *parts: Line) -> Line:
    return Line(labels.choose(zh, en), parts)


def _steps(labels: Labels, parts: tuple[tuple[str, str, Node], ...], zh: str, en: str) -> Line:
    """A heading, and under it each part with a heading of its own."""
    lines = (
        _case(labels.choose(part_zh, part_en), read_condition(node, labels))
        for part_zh, part_en, node in parts
    )
    return _under(labels, zh, en, *lines)


def _case(head: str, part: Line, expression: str | None = None) -> Line:
    """A part under its heading; a mere outcome on the same line."""
    if part.parts or part.expression is not None:
        return Line(head, (part,), expression)
    return Line(f"{head} {part.text}", (), expression)


def _readings(node: Readings | WithReading, labels: Labels) -> Line:
    if isinstance(node, WithReading):
        args = node.with_reading
        heads = [
            Line(f"{labels.reading(args.interpretation, value)}: {_values(expressions, labels)}")
            for value, expressions in args.values.items()
        ]
        name = labels.choose("{} 按口径取值", "{}, by the reading").format(labels.fact(args.fact))
        then = _under(labels, "据此", "with it", read_condition(args.then, labels))
        return Line(f"{name} ({labels.question(args.interpretation)})", (*heads, then))
    reads = node.readings
    lines = [
        _case(labels.reading(reads.interpretation, value), read_condition(part, labels))
        for value, part in reads.cases.items()
    ]
    for part, zh, en in (
        (reads.open, "认定了其他值", "another value is settled"),
        (reads.unconfirmed, "尚未确认口径", "while nobody has confirmed a reading"),
    ):
        if part is not None:
            lines.append(_case(labels.choose(zh, en), read_condition(part, labels)))
    head = labels.choose("取决于口径：{}", "by the reading of: {}")
    return Line(head.format(labels.question(reads.interpretation)), tuple(lines))


def _values(expressions: tuple[str, ...], labels: Labels) -> str:
    said = (say(one, labels) or one for one in expressions)
    return labels.choose("；缺时取 ", "; where missing ").join(said)


def _list(node: Exists | Forall | Count | Sum, labels: Labels) -> Line:
    args = _records_of(node)
    records = labels.fact(args.list)
    inner = read_condition(args.where, labels.within("item", args.list))
    if isinstance(args, TotalArgs):
        return Line(_total(node, args, records, labels), (inner,))
    if isinstance(node, Exists):
        head = labels.choose(f"{records}中至少一项满足", f"at least one of {records}")
    else:
        head = labels.choose(f"{records}每一项都满足", f"each of {records}")
    empty = f"{labels.choose('没有任何一项时', 'with none at all')} {_outcome(args.empty, labels)}"
    return Line(head, (inner, Line(empty)))


def _total(node: Construct, args: TotalArgs, records: str, labels: Labels) -> str:
    bound = labels.figure(None, args.n) if isinstance(args.n, int) else say(args.n, labels) or args.n
    least = args.op == ">="
    if isinstance(node, Sum):
        of = labels.fact(f"{args.list}[].{node.sum.of}")
        sign = "≥" if least else "≤"
        return labels.choose(
            f"满足条件的{of}之和 {sign} {bound}", f"the sum of {of} {sign} {bound}, over those with"
        )
    zh, en = ("至少", "at least") if least else ("至多", "at most")
    key = node.count.distinct if isinstance(node, Count) else None
    once = "" if key is None else _once(labels.fact(f"{args.list}[].{key}"), labels)
    return labels.choose(f"{records}中{zh}{bound}项满足{once}", f"{en} {bound} of {records}{once}")


def _records_of(node: Exists | Forall | Count | Sum) -> EachArgs | TotalArgs:
    match node:
        case Exists():
            return node.exists
        case Forall():
            return node.forall
        case Count():
            return node.count
        case Sum():
            return node.sum


def _once(key: str, labels: Labels) -> str:
    return labels.choose(f"（{key}相同的计一次）", f" (one for each {key})")


def _decision_table(node: Table | FirstMatch | Tier, labels: Labels) -> Line:
    if isinstance(node, Tier):
        by = labels.fact(node.tier.by)
        head = labels.choose(f"对照所申请{by}的资助额度", f"by the funding of the {by} applied for")
        return Line(head, (read_condition(node.tier.then, labels),))
    if isinstance(node, Table):
        table = node.table
        lines = [
            _case(labels.word(table.fact, token), read_condition(part, labels))
            for token, part in table.cases.items()
        ]
        head = labels.choose("按{}", "by {}").format(labels.fact(table.fact))
        return Line(head, (*lines, _otherwise(table.otherwise, labels)))
    matches = node.first_match
    cases = [
        _case(
            f"{labels.choose('若', 'if')} {say(one.when, labels) or one.when}",
            read_condition(one.then, labels),
            one.when,
        )
        for one in matches.cases
    ]
    head = labels.choose("按顺序，以第一个成立的情形为准", "in order, the first case that holds")
    return Line(head, (*cases, _otherwise(matches.otherwise, labels)))


def _otherwise(node: Node, labels: Labels) -> Line:
    return _case(labels.choose("其他情形", "otherwise"), read_condition(node, labels))


def _evidence(node: Present | Asked | Decision | Soft | Absent, labels: Labels) -> Line:
    match node:
        case Present():
            head = labels.choose("须有：{}", "there must be: {}").format(labels.fact(node.present))
            return Line(head, _without(node.otherwise, labels, "没有时", "where it is missing"))
        case Asked():
            return Line(labels.choose("须补充：{}", "asked for: {}").format(labels.fact(node.asked)))
        case Decision(decision=args):
            answer = labels.choose("是", "yes") if args.good else labels.choose("否", "no")
            head = labels.choose("由人判断：{}，答{}为满足", "for a person to decide: {}; “{}” meets it")
            needed = labels.choose("、", ", ").join(labels.fact(one) for one in args.on)
            on = (Line(labels.choose("依据：", "on the basis of: ") + needed),) if needed else ()
            missing = _without(args.otherwise, labels, "尚无判断时", "while there is no answer")
            return Line(head.format(labels.fact(args.fact), answer), (*on, *missing))
        case Soft(soft=args):
            granted = labels.choose(
                "达不到时须写明{}，由人作出{}，“{}”即准许例外",
                "below it {} is asked for and a person gives {}; “{}” admits it",
            )
            below = granted.format(
                labels.fact(args.reason), labels.fact(args.decision), labels.word(args.decision, args.granted)
            )
            return _under(
                labels, "原则上", "in principle", read_condition(args.condition, labels), Line(below)
            )
        case Absent(absent=args):
            names = labels.choose("、", ", ").join(labels.fact(one) for one in args.names)
            return Line(
                labels.choose(
                    f"{labels.fact(args.texts)}中不得出现：{names}",
                    f"{labels.fact(args.texts)} must not contain: {names}",
                )
            )


def _without(node: Node | None, labels: Labels, zh: str, en: str) -> tuple[Line, ...]:
    return () if node is None else (_case(labels.choose(zh, en), read_condition(node, labels)),)
