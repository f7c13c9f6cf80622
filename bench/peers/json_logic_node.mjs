// JSON-Logic on Node (json-logic-engine): each rule compiled once to a function.

import { LogicEngine } from "json-logic-engine";
import { nest, serve } from "./loop.mjs";

await serve((rules) => {
  const engine = new LogicEngine();
  const built = Object.entries(rules).map(([rule, condition]) => [rule, engine.build(condition)]);
  return (facts) => {
    const nested = nest(facts);
    const found = {};
    for (const [rule, truth] of built) found[rule] = Boolean(truth(nested));
    return found;
  };
});
