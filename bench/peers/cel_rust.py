"""The second CEL engine (common-expression-language, Rust): one compiled program for each rule."""

import cel
from loop import Check, Facts, serve
from said import say


def prepare(rules: dict) -> Check:
    signs = {"and": "&&", "or": "||"}
    programs = {rule: cel.compile(say(condition, signs, "!({})")) for rule, condition in rules.items()}

    def check(facts: Facts) -> dict[str, bool]:
        context = cel.Context({name.replace(".", "_"): value for name, value in facts.items()})
        return {rule: program.execute(context) for rule, program in programs.items()}

    return check


if __name__ == "__main__":
    serve(prepare)
