// What every peer does (see loop.py), for those on Node.

import { createInterface } from "node:readline";

export async function serve(prepare) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const { rules, cases } = JSON.parse((await lines.next()).value);
  const check = await prepare(rules);
  const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");
  const answers = [];
  for (const one of cases) answers.push(await check(one));
  say(answers);
  for await (const line of lines) {
    const number = Number(line);
    const began = process.hrtime.bigint();
    for (let index = 0; index < number; index++) await check(cases[index % cases.length]);
    say(Number(process.hrtime.bigint() - began) / 1e9);
  }
}

export function nest(facts) {
  const result = {};
  for (const [name, value] of Object.entries(facts)) {
    const path = name.split(".");
    const last = path.pop();
    let target = result;
    for (const step of path) target = target[step] ??= {};
    target[last] = value;
  }
  return result;
}
