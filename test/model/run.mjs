import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { DEPTHS } from './depths.mjs';
import { CASES as escalationCases } from './escalation/cases.mjs';
import * as escalation from './escalation/model.mjs';
import { explore, violationsOf } from './explore.mjs';
import { CASES as protocolCases } from './protocol/cases.mjs';
import * as protocol from './protocol/model.mjs';
import { CASES as suppressionCases } from './suppression/cases.mjs';
import * as suppression from './suppression/model.mjs';

/** Every case, under the name of its model: what is expected of it, and its options. */
const CASES = [
  ...protocolCases.map((one) => caseOf('protocol', protocol, one)),
  ...suppressionCases.map((one) => caseOf('suppression', suppression, one)),
  ...escalationCases.map((one) => caseOf('escalation', escalation, one)),
];

function caseOf(room, model, [name, expected, options]) {
  const full = `${room}/${name}`;
  return { name: full, model, expected, options, depth: DEPTHS[full] ?? 3 };
}

function play({ name, model, expected, options }) {
  const began = performance.now();
  const explored = explore(model, options);
  const violations = violationsOf(explored);
  const isBroken = violations.length > 0;
  const asExpected = explored.capped
    ? 'unfinished'
    : expected === '?' || (expected === 'holds') !== isBroken
      ? 'as expected'
      : 'NOT AS EXPECTED';
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const lines = [
    `${isBroken ? 'breaks' : 'holds'}, ${asExpected} | ${name} | ${JSON.stringify(options)} | ${explored.states} states, ${explored.edges} steps, depth ${explored.depth}, ${seconds} s`,
  ];
  const repeats = [...explored.table].filter(([, { dup, stale }]) => dup + stale > 0).sort();
  if (repeats.length > 0) {
    const shown = repeats.map(([used, { dup, total, stale }]) => `[${used}] ${dup}/${total}/${stale}`);
    lines.push(`    [crashes, lost writes, unanswered sends, early leases] repeats of one/of all/stale: ${shown.join('  ')}`);
  }
  const [first] = violations;
  if (first !== undefined) lines.push(`    ${first.kind}`, ...first.trace.map((step) => `        ${step}`));
  return { text: lines.join('\n'), failed: asExpected === 'NOT AS EXPECTED' };
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function main([pattern = '.', depth = '1', workers = '2']) {
  const wanted = new RegExp(pattern);
  const todo = [...CASES.keys()].filter((index) => wanted.test(CASES[index].name) && CASES[index].depth <= Number(depth));
  say(`${todo.length} of ${CASES.length} cases`);
  const begin = () => {
    const index = todo.shift();
    if (index === undefined) return;
    const worker = new Worker(new URL(import.meta.url), { workerData: index, resourceLimits: { maxOldGenerationSizeMb: 9_500 } });
    worker.on('message', ({ text, failed }) => {
      say(text);
      if (failed) process.exitCode = 1;
    });
    worker.on('error', (error) => {
      say(`${CASES[index].name}: ${error.message}`);
      process.exitCode = 1;
    });
    worker.on('exit', begin);
  };
  for (let count = 0; count < Number(workers); count++) begin();
}

if (isMainThread) main(process.argv.slice(2));
else parentPort.postMessage(play(CASES[workerData]));
