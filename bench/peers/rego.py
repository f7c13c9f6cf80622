"""Rego, the language of Open Policy Agent, by Microsoft's rego-cpp (regopy): one policy rule for each."""

from loop import Check, Facts, serve
from regopy import Interpreter
from said import say


def prepare(rules: dict) -> Check:
    lines = ["package guide", "import rego.v1"]
    for rule, condition in rules.items():
        lines.append(f"default {key_of(rule)} := false")
        lines.extend(f"{key_of(rule)} if {{ {'; '.join(body)} }}" for body in bodies(condition))
    interpreter = Interpreter()
    interpreter.add_module("guide", "\n".join(lines) + "\n")
    keys = {rule: key_of(rule) for rule in rules}

    def check(facts: Facts) -> dict[str, bool]:
        interpreter.set_input({name.replace(".", "_"): value for name, value in facts.items()})
        found = interpreter.query("data.guide").results[0].expressions[0]
        return {rule: found[key] for rule, key in keys.items()}

    return check


def bodies(condition: dict) -> list[list[str]]:
    """`or` is several rules of one name, `and` one line after the other."""
    ((operator, parts),) = condition.items()
    if operator == "or":
        return [body for part in parts for body in bodies(part)]
    if operator == "and":
        joined: list[list[str]] = [[]]
        for part in parts:
            joined = [one + other for one in joined for other in bodies(part)]
        return joined
    return [[say(condition, {}, "not {}", "input.{}").strip("()")]]


def key_of(rule: str) -> str:
    return "r_" + rule.replace("-", "_").lower()


if __name__ == "__main__":
    serve(prepare)
