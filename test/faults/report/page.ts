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

const PARTS = ['Tocsin itself', 'Elasticsearch', 'Receivers', 'Clocks and files', 'Replicas', 'Telemetry'] as const;

/** What the page says whatever runs saw. */
export const HEAD = `# Reliability

<!-- Written by \`npm run test:faults -- --report\`: do not edit. The text is in test/faults/report/page.ts. -->

Nothing due is lost, nothing is notified twice without a cause, and nothing is notified out of order. This page is the proof: the built \`tocsin run\`, in
processes of its own, against a real Elasticsearch, a real SMTP server and HTTP servers, while each of them fails.

\`\`\`sh
npm run test:faults                                         # everything; the table below
npm run test:faults -- --scenario smtp-550 --seed 42        # one line of it, with a seed of your own
npm run test:faults -- --list                               # what there is
npm test                                                    # plays a share of it
\`\`\`

How it is done: a seed makes a story of nine alerts of three rules, evaluated every second. They fire, get worse and better, resolve, all at known
ticks, and each of these transitions is due to three receivers: a webhook with an alert group for each alert, Slack and mail with one for each
rule. The seed also decides what goes wrong and when. A proxy before Elasticsearch and the receivers see every request, so a process can be
killed at any step, before it has an effect, after it and before its answer, or after its answer. When all is well again and quiet, what
the receivers read is held against the story, not against what Tocsin believes of itself.`;

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
    ...(broken === 0 ? [] : ['', `**${broken} plays broke a promise**; the column \`broken\` says which.`]),
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
    `| what goes wrong | scenario | seeds | replicas | faults | saved | due | delivered | lost | repeated | out of order |${anyBroken ? ' broken |' : ''}`,
    `|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|${anyBroken ? '---:|' : ''}`,
    ...lines,
  ].join('\n');
}

function missing(scenarios: readonly Scenario[], rows: readonly Row[]): readonly string[] {
  const left = scenarios.filter((scenario) => !rows.some((row) => row.scenario === scenario)).map(({ name }) => `\`${name}\``);
  return left.length === 0 ? [] : [`Not played in these runs: ${left.join(', ')}.`];
}

/** How to read the tables. */
export const COLUMNS = `## What the columns say

| column | says |
|---|---|
| seeds, replicas | one play for each seed; where a scenario does not need a number of replicas, the seeds take one, two and three in turn |
| faults | requests and messages that met with the fault, processes that were killed, stopped or frozen |
| saved | transitions of the story that are in the rules' documents, each once, with its tick: as many as the story has, or the play is broken |
| due, delivered | transitions times receivers; a transition is delivered to a receiver that took a message about it or about what came after it in the same alert |
| lost | due and not delivered: must be 0 |
| repeated | further copies of a message, under the same id, and how many there may be: messages in flight when a process was killed or frozen, messages whose answer the sender never heard, and messages whose lease ran out although its holder lived |
| out of order | first copies that speak of an alert's earlier transition after a later one, or of the same one again: must be 0 |

A play is also broken when a message is taken over before its lease is over, when a message says something else than the story, when
Retry-After is not honoured, when a tick is evaluated twice or a share moves although nothing goes wrong, and when a rule waits longer than 30 seconds
for a replica that takes it over.`;

function killsOf(played: readonly Played[]): string {
  const kills = played.flatMap((one) => one.kills);
  const times = (step: string, moment: KillPoint['moment']) =>
    kills.filter((one) => one.step === step && one.moment === moment).length;
  const steps = [...new Set([...TICK_POINTS, ...WAITING_POINTS, ...DELIVERY_POINTS].map(({ step }) => step))];
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
    'Each step of a tick and of a delivery, as Elasticsearch and the receivers see it; SIGKILL before it had an effect, after it had one and before',
    'its answer, and right after its answer.',
    '',
    '| step | before | before its answer | after its answer |',
    '|---|---:|---:|---:|',
    ...lines,
  ].join('\n');
}

function machineOf(results: readonly Results[]): string {
  const lines = results.map(({ machine, played }) => {
    const { cores, memoryGiB, system, node, elasticsearch, load, atOnce, seconds, day } = machine;
    const minutes = Math.max(1, Math.round(seconds / 60));
    const shape = `${cores} cores, ${memoryGiB} GiB, ${system}, Node.js ${node}, Elasticsearch ${elasticsearch}`;
    return `- ${day}: ${played.length} plays in ${minutes} minutes, ${atOnce} side by side, on ${shape}; load ${load} (the machine had other work too).`;
  });
  return ['## Where and when', '', ...lines].join('\n');
}

/** What plays were broken by, and is fixed. */
export const FOUND = `## What it has found

Plays that were broken by these, and were repeated when they were fixed:

- Deadlines that never came: Node.js may collect \`AbortSignal.any\` of an \`AbortSignal.timeout\` as garbage while a request waits for it. A receiver that
  hung kept its alert groups for ever.
- Sixteen sends shared by all receivers of a turn, and rules kept until the last of them was over: who hung held up everybody
  ([decision 10](decisions/0010-sends-in-lanes.md)).
- A message claimed by a write of which no answer came waited until its lease was over, a minute by default.
- A replica that was killed and started again waited 20 seconds for its own leases.`;

/** What no run can show. */
export const LIMITS = `## What this does not prove

- A test finds what it meets. The order of requests within a process is its own each time: a seed repeats the story and what goes wrong when, not the
  interleaving. The storage protocol itself was checked with an explicit-state model, over all interleavings within small bounds.
- A receiver that takes a message and forgets it is not Tocsin's to notice.
- Deleting the state indices loses what was due in them. Elasticsearch is believed to keep what it has acknowledged.
- A clock that is ahead lets windows be evaluated before their documents are there; those that come later are not seen. What was notified meanwhile is
  notified on when it is that time again. Keep machines on NTP.
- Entries that wait so long that they are folded, ten thousand waiting entries and \`give_up_after\` are tested one by one, not here.
- Machines are simulated by processes of one machine: networks between them fail at the proxy, disks do not fail at all.
- The state of Slack after a message was sent: incoming webhooks bear no id, so a repeat there is recognised by its text.
`;
