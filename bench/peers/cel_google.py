"""Google's CEL (cel-expr-python, C++) alone, the engine under the packs: one program for each rule, which is
given the facts that it reads."""

import re

from cel_expr_python import cel
from loop import Check, Facts, serve
from said import say


def prepare(rules: dict) -> Check:
    texts = {rule: say(condition, {"and": "&&", "or": "||"}, "!({})") for rule, condition in rules.items()}
    programs: list = []

    def check(facts: Facts) -> dict[str, bool]:
        named = {name.replace(".", "_"): value for name, value in facts.items()}
        if not programs:
            env = cel.NewEnv(variables=dict.fromkeys(named, cel.Type.DYN))
            for rule, text in texts.items():
                reads = [name for name in named if re.search(rf"\b{name}\b", text)]
                programs.append((rule, env.compile(text), reads))
        arena = cel.Arena()
        return {
            rule: program.eval(None, {name: named[name] for name in reads}, None, arena).value()
            for rule, program, reads in programs
        }

    return check


if __name__ == "__main__":
    serve(prepare)
