// json-rules-engine on Node: one rule with an event for each rule of the guide.

import { Engine } from "json-rules-engine";
import { serve } from "./loop.mjs";

const OPERATORS = {
  "==": "equal",
  "!=": "notEqual",
  "<": "lessThan",
  "<=": "lessThanInclusive",
  ">": "greaterThan",
  ">=": "greaterThanInclusive",
  in: "in",
};

function condition(logic) {
  const [[operator, parts]] = Object.entries(logic);
  if (operator === "and") return { all: parts.map(condition) };
  if (operator === "or") return { any: parts.map(condition) };
  if (operator === "!") return { not: condition(parts[0]) };
  if (operator === "!!") return { fact: parts[0].var, operator: "notEqual", value: null };
  const [fact, value] = parts;
  return { fact: fact.var, operator: OPERATORS[operator], value: value?.var ? { fact: value.var } : value };
}

await serve((rules) => {
  const engine = new Engine([], { allowUndefinedFacts: true });
  for (const [rule, logic] of Object.entries(rules)) {
    const [[operator]] = Object.entries(logic);
    const made = condition(logic);
    engine.addRule({
      conditions: operator === "and" || operator === "or" ? made : { all: [made] },
      event: { type: rule },
    });
  }
  const names = Object.keys(rules);
  return async (facts) => {
    const { events } = await engine.run(facts);
    const held = new Set(events.map((event) => event.type));
    return Object.fromEntries(names.map((rule) => [rule, held.has(rule)]));
  };
});
