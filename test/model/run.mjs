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
  return { text: lines.join('\n'), failed: asExpected !== 'as expected' };
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

const HELP = `npm run test:model -- [PATTERN] [DEPTH] [WORKERS]

  PATTERN  a regular expression for the names of cases: MODEL/NAME, such as 'suppression/(retry|part)' (all)
  DEPTH    how large cases may be: 1, a second or two each (the default); 2, minutes; 3, hours, and some never end
  WORKERS  how many are visited at once (2); each takes up to 9.5 GB, those of depth 1 far less

Each line says whether the promises hold in a case or break, and whether that is as expected. The exit code is 1 when one is not, or did not end within
its limit, and 2 when no case has such a name. test/model/README.md says what the models are about.

`;

/** What was asked for, or what is wrong with it. */
function read([pattern = '.', depth = '1', workers = '2', ...more]) {
  if (more.length > 0) return { problem: `there are at most three arguments, not also ${more.join(' ')}` };
  if (!/^[123]$/.test(depth)) return { problem: `DEPTH is 1, 2 or 3, not ${depth}` };
  if (!/^[1-9]\d?$/.test(workers)) return { problem: `WORKERS is a number from 1 to 99, not ${workers}` };
  let wanted;
  try {
    wanted = new RegExp(pattern);
  } catch (error) {
    return { problem: `PATTERN: ${error.message}` };
  }
  const named = [...CASES.keys()].filter((index) => wanted.test(CASES[index].name));
  const todo = named.filter((index) => CASES[index].depth <= Number(depth));
  if (named.length === 0)
    return { problem: `no case has a name like ${pattern}; the models are protocol, suppression and escalation` };
  if (todo.length === 0)
    return {
      problem: `every case with such a name is larger: it takes DEPTH ${Math.min(...named.map((index) => CASES[index].depth))}`,
    };
  return { todo, workers: Number(workers) };
}

function main(args) {
  if (args.some((one) => one === '--help' || one === '-h')) return say(HELP.trimEnd());
  const { problem, todo, workers } = read(args);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
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
  for (let count = 0; count < workers; count++) begin();
}

if (isMainThread) main(process.argv.slice(2));
else parentPort.postMessage(play(CASES[workerData]));
