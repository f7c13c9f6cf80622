"""JSON-Logic in Python (json-logic-qubit): interprets the rules each time, as the library does."""

from json_logic import jsonLogic
from loop import Check, Facts, serve


def prepare(rules: dict) -> Check:
    def check(facts: Facts) -> dict[str, bool]:
        nested = nest(facts)
        return {rule: bool(jsonLogic(condition, nested)) for rule, condition in rules.items()}

    return check


def nest(facts: Facts) -> Facts:
    """`var` walks dots, so the facts are nested."""
    result: Facts = {}
    for name, value in facts.items():
        *path, last = name.split(".")
        target = result
        for step in path:
            target = target.setdefault(step, {})
        target[last] = value
    return result


if __name__ == "__main__":
    serve(prepare)
