"""GoRules ZEN (zen-engine, Rust): one expression for each rule, compiled once, all by one decision."""

import json

import zen as engine
from loop import Check, Facts, serve
from said import say

_SIGNS = {"and": "and", "or": "or", "==": "==", "!=": "!=", "in": "in"}


def prepare(rules: dict) -> Check:
    expressions = [
        {"id": rule, "key": key_of(rule), "value": say(condition, _SIGNS, negation="not ({})")}
        for rule, condition in rules.items()
    ]
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in"},
            {
                "id": "rules",
                "type": "expressionNode",
                "name": "rules",
                "content": {"expressions": expressions},
            },
            {"id": "out", "type": "outputNode", "name": "out"},
        ],
        "edges": [
            {"id": "a", "type": "edge", "sourceId": "in", "targetId": "rules"},
            {"id": "b", "type": "edge", "sourceId": "rules", "targetId": "out"},
        ],
    }
    decision = engine.ZenEngine().create_decision(json.dumps(graph))
    keys = {rule: key_of(rule) for rule in rules}

    def check(facts: Facts) -> dict[str, bool]:
        result = decision.evaluate({name.replace(".", "_"): value for name, value in facts.items()})["result"]
        return {rule: result[key] for rule, key in keys.items()}

    return check


def key_of(rule: str) -> str:
    return rule.replace("-", "_")


if __name__ == "__main__":
    serve(prepare)
