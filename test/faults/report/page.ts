import { ESCALATION_POINTS } from '../scenarios/escalation.ts';
import { DELIVERY_POINTS, TICK_POINTS, WAITING_POINTS } from '../scenarios/kills.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { KillPoint } from '../stage/kills.ts';
import type { Played } from '../stage/play.ts';
import type { Machine } from './machine.ts';
import { latest, type Row, ranges, rowsOf } from './tables.ts';

/** What one or several runs saw. */
export interface Results {
  readonly machine: Machine;
  readonly played: readonly Played[];
}

/** The page `docs/reliability.md` out of what runs saw; refuses to praise what was broken. */
export function pageOf(scenarios: readonly Scenario[], results: readonly Results[]): string {
  const played = latest(results.flatMap((one) => one.played));
  const rows = rowsOf(scenarios, played);
  return [
    HEAD,
    summary(rows),
    ...PARTS.map((part) =>
      partOf(
        part,
        rows.filter(({ scenario }) => scenario.part === part),
      ),
    ),
    ...missing(scenarios, rows),
    COLUMNS,
    killsOf(played),
    machineOf(results),
    FOUND,
    LIMITS,
  ].join('\n\n');
}

const PARTS = [
  'Tocsin itself',
  'Elasticsearch',
  'Receivers',
  'Who is notified, and when',
  'Clocks and files',
  'Replicas',
  'Telemetry',
] as const;

/** What the page says whatever runs saw. */
export const HEAD = `# Reliability

<!-- Written by \`npm run test:faults -- --report\`: do not edit. The text is in test/faults/report/page.ts. -->

Tocsin loses no notification, repeats none without a cause, and keeps them in order. This page shows the results of fault injection: the built
\`tocsin run\`, in separate processes, against a real Elasticsearch, a real SMTP server and HTTP servers, while each of them fails.

\`\`\`sh
npm run test:faults                                         # everything; the table below
npm run test:faults -- --scenario smtp-550 --seed 42        # one scenario, with your own seed
npm run test:faults -- --list                               # lists the scenarios
npm test                                                    # runs some of them
\`\`\`

## Method

- A seed generates a story of nine alerts of three rules, evaluated every second. They fire, get worse and better and resolve at known ticks.
- Each of these transitions is due at three receivers: a webhook with an alert group per alert, and Slack and mail with one per rule. Where alerts
  escalate, wait for a digest or a muted time, or move with a renamed receiver, the story also decides who must be notified, when, and who must not.
- The seed also determines the faults and their times. A proxy in front of Elasticsearch and the receivers see every request, so a process can be
  killed at any step: before it takes effect, after that but before the response, or after the response.
- When everything works again, the messages at the receivers are compared with the story, not with Tocsin's own records.

## Results`;

function summary(rows: readonly Row[]): string {
  const sum = (pick: (row: Row) => number) => rows.reduce((total, row) => total + pick(row), 0);
  const count = (value: number) => value.toLocaleString('en-US');
  const cells = [
    count(sum((row) => row.plays)),
    count(sum((row) => row.struck)),
    count(sum((row) => row.saved)),
    count(sum((row) => row.outbox)),
    count(sum((row) => row.delivered)),
    `**${count(sum((row) => row.lost))}**`,
    `${count(sum((row) => row.repeated))} of at most ${count(sum((row) => row.bound))}`,
    `**${count(sum((row) => row.disordered))}**`,
  ];
  const broken = sum((row) => row.broken);
  return [
    '| plays | faults | transitions saved | messages due | delivered | lost | repeated | out of order |',
    '|---:|---:|---:|---:|---:|---:|---:|---:|',
    `| ${cells.join(' | ')} |`,
    ...(broken === 0 ? [] : ['', `**${broken} plays failed**; see the column \`broken\`.`]),
  ].join('\n');
}

function partOf(part: string, rows: readonly Row[]): string {
  const anyBroken = rows.some(({ broken }) => broken > 0);
  const lines = rows.map((row) => {
    const { scenario, seeds, replicas, struck, saved, outbox, delivered, lost, repeated, bound, disordered, broken } = row;
    const numbers = [
      ranges(seeds),
      replicas.join(', '),
      struck,
      saved,
      outbox,
      delivered,
      lost,
      `${repeated} ≤ ${bound}`,
      disordered,
    ];
    const cells = [scenario.title, `\`${scenario.name}\``, ...numbers, ...(anyBroken ? [broken] : [])];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `## ${part}`,
    '',
    `| fault | scenario | seeds | replicas | faults | saved | due | delivered | lost | repeated | out of order |${anyBroken ? ' broken |' : ''}`,
    `|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|${anyBroken ? '---:|' : ''}`,
    ...lines,
  ].join('\n');
}

function missing(scenarios: readonly Scenario[], rows: readonly Row[]): readonly string[] {
  const left = scenarios.filter((scenario) => !rows.some((row) => row.scenario === scenario)).map(({ name }) => `\`${name}\``);
  return left.length === 0 ? [] : [`Not played in these runs: ${left.join(', ')}.`];
}

/** How to read the tables. */
export const COLUMNS = `## Columns

| column | meaning |
|---|---|
| seeds, replicas | one play per seed; if a scenario does not require a number of replicas, the seeds use one, two and three in turn |
| faults | requests and messages affected by the fault, processes that were killed, stopped or frozen |
| saved | transitions of the story in the rules' documents, each once, with its tick; if the number differs from the story, the play has failed |
| due, delivered | transitions times receivers, without those that a receiver need not be notified of; a transition counts as delivered if the receiver accepted a message about it or about a later transition of the same alert |
| lost | due and not delivered: must be 0 |
| repeated | further copies of a message, with the same ID, and the permitted number: messages in flight when a process was killed or frozen, messages whose response was lost, and messages whose lease expired although its holder was alive |
| out of order | first copies about an earlier transition of an alert after a later one, or about the same one again: must be 0 |

A play also fails if a message is taken over before its lease expires, if a message differs from the story, if Retry-After is not respected, if a tick is
evaluated twice or a shard moves without a fault, or if a rule waits longer than 30 seconds for another replica to take it over. Where a receiver is not
notified of everything, a play fails if a message comes too early or too late, if a step of an escalation or a move is reported twice, if an episode
is reported that began and ended in a muted time, or if the end of a reported alert does not come exactly once.`;

function killsOf(played: readonly Played[]): string {
  const kills = played.flatMap((one) => one.kills);
  const times = (step: string, moment: KillPoint['moment']) =>
    kills.filter((one) => one.step === step && one.moment === moment).length;
  const steps = [
    ...new Set([...TICK_POINTS, ...WAITING_POINTS, ...ESCALATION_POINTS, ...DELIVERY_POINTS].map(({ step }) => step)),
  ];
  const lines = steps.map((step) => {
    const isSend = step.startsWith('send');
    const cells = [
      isSend ? '' : times(step, 'before'),
      times(step, 'done'),
      step === 'send to mail' ? '' : times(step, 'answered'),
    ];
    return `| ${[step, ...cells].join(' | ')} |`;
  });
  return [
    '## Where processes were killed',
    '',
    'Each step of a tick, of a delivery and of an escalation (the copy leaves, is taken over, is forgotten), as seen by Elasticsearch and the receivers;',
    'SIGKILL before it took effect, after that but before the response, and right after the response.',
    '',
    '| step | before | before the response | after the response |',
    '|---|---:|---:|---:|',
    ...lines,
  ].join('\n');
}

function machineOf(results: readonly Results[]): string {
  const lines = results.map(({ machine, played }) => {
    const { cores, memoryGiB, system, node, elasticsearch, load, atOnce, seconds, day } = machine;
    const minutes = Math.max(1, Math.round(seconds / 60));
    const shape = `${cores} cores, ${memoryGiB} GiB, ${system}, Node.js ${node}, Elasticsearch ${elasticsearch}`;
    return `- ${day}: ${played.length} plays in ${minutes} minutes, ${atOnce} in parallel, on ${shape}; load ${load} (the machine was shared).`;
  });
  return ['## Where and when', '', ...lines].join('\n');
}

/** What plays were broken by, and is fixed. */
export const FOUND = `## Bugs found and fixed

- Missing timeouts: Node.js may garbage-collect \`AbortSignal.any\` of an \`AbortSignal.timeout\` while a request waits for it
  ([nodejs/node#57867](https://github.com/nodejs/node/pull/57867)). A hanging receiver blocked its alert groups permanently.
- All receivers of a turn shared sixteen sends, and rules were kept until the last send ended: one hanging receiver delayed all others
  ([decision 10](decisions/0010-sends-per-destination.md)).
- If the response to the write that claimed a message was lost, the message waited until its lease expired, a minute by default.
- A replica that was killed and restarted waited 20 seconds for its own leases.
- An alert that fired while its receiver was renamed or removed, and ended while it was silenced or inhibited, was never reported as over.
- The end of an escalated alert that was held back, or could not be delivered, before its receiver was renamed was never reported under the new name.`;

/** What no run can show. */
export const LIMITS = `## Limits

- A seed repeats the story, the faults and their times, but not the order of requests within a process. The storage protocol was checked separately
  with an explicit-state model, over all interleavings within small bounds.
- Tocsin cannot detect that a receiver accepts a message and loses it.
- Deleting the state indices loses the notifications pending in them. Elasticsearch is assumed to keep acknowledged writes.
- With a clock that is ahead, windows are evaluated before their documents arrive, and those documents are missed. Alerts notified in that time are
  continued when the clock reaches it again. Keep machines on NTP.
- Digests are sent each minute and every other minute is muted: longer times of the clock are tested separately.
- Folding of waiting entries, the limit of ten thousand waiting entries and \`give_up_after\` are tested separately.
- Machines are simulated by processes on one machine: network failures are simulated at the proxy, disk failures are not covered.
- Incoming webhooks of Slack have no message ID, so repeats there are recognized by their text.
`;
