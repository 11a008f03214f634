import { setTimeout as pause } from 'node:timers/promises';
import { es } from '../../support/elasticsearch/request.ts';
import { type Stage, until } from '../stage/stage.ts';
import type { Scenario } from './scenario.ts';

const HEALTH = 'tocsin-health';
/** One document of each kind that no Tocsin wrote; `indexed` are the fields by which searches find it. */
const POISON = (now: number) =>
  [
    {
      index: 'rules',
      id: 'poisoned',
      indexed: { hasOutbox: true, evaluated_through: now },
      body: { v: 1, rule: 'poisoned', outbox: [null] },
    },
    {
      index: 'rules',
      id: HEALTH,
      indexed: { hasOutbox: true, evaluated_through: now },
      body: { v: 1, rule: HEALTH, evaluated_through: 1e308 },
    },
    { index: 'alert-groups', id: 'poisoned', indexed: { receiver: 'x', due: now }, body: { v: 1, queued: [null], due: now } },
    { index: 'silences', id: 'poisoned', indexed: { starts_at: now, ends_at: now + 3_600_000 }, body: silence(now, []) },
    { index: 'silences', id: 'worse', indexed: { starts_at: now, ends_at: now + 3_600_000 }, body: silence(now, null) },
    { index: 'leases', id: '7', indexed: { holder: 'x', until: now }, body: { v: 1, shard: 7, holder: null, until: 'soon' } },
    { index: 'leases', id: 'replica-0', indexed: { holder: 'x', until: now }, body: [] },
  ] as const;

function silence(now: number, matchers: unknown) {
  return { v: 1, id: 'poisoned', matchers, starts_at: now, ends_at: now + 3_600_000, created_by: 'x', comment: '' };
}

/** Documents that are damaged appear while the story runs, again and again, for what can be replaced is replaced. */
async function poisoned(stage: Stage): Promise<void> {
  const client = es(stage.cluster[0] ?? '');
  for (let second = 1; second < stage.story.main; second += 3) {
    await stage.second(second);
    await damage(stage);
  }
  // The busier the machine, the later a replica meets each of them.
  await until('each kind is named in a log', 60_000, async () => {
    if (unnamed(stage).length === 0) return true;
    await pause(2_000);
    await damage(stage);
    return false;
  });
  // What stays would keep the play from becoming quiet: an alert group that is due for ever, and silences of other plays' time.
  for (const [index, id] of [
    ['rules', 'poisoned'],
    ['alert-groups', 'poisoned'],
    ['silences', 'poisoned'],
    ['silences', 'worse'],
  ])
    await client.json('DELETE', `/tocsin-${index}/_doc/${encodeURIComponent(`${encodeURIComponent(stage.namespace)}:${id}`)}`);
}

async function damage(stage: Stage): Promise<void> {
  const client = es(stage.cluster[0] ?? '');
  for (const { index, id, indexed, body } of POISON(Date.now())) {
    const document = encodeURIComponent(`${encodeURIComponent(stage.namespace)}:${id}`);
    await client.json('PUT', `/tocsin-${index}/_doc/${document}?refresh=true`, {
      namespace: stage.namespace,
      id,
      ...indexed,
      body,
    });
    stage.struck++;
  }
}

/** Each kind was named in the log of some replica, and no turn broke. */
function named(stage: Stage): readonly string[] {
  const says = linesOf(stage);
  return [
    ...unnamed(stage),
    ...(says('a turn failed') ? ['a turn failed'] : []),
    ...(says('internal error') ? ['an internal error was met'] : []),
  ];
}

function unnamed(stage: Stage): readonly string[] {
  const says = linesOf(stage);
  return [
    ...(says('invalid stored document skipped', '"silence"') ? [] : ['no replica named the silence']),
    ...(says('invalid stored document skipped', '"alert_group"') ? [] : ['no replica named the alert group']),
    ...(says('a lease is invalid') ? [] : ['no replica named the lease']),
  ];
}

/** Whether the log of some replica has a line with all of these parts. */
function linesOf({ replicas }: Pick<Stage, 'replicas'>) {
  const lines = replicas.flatMap(({ log }) => log.map((line) => JSON.stringify(line)));
  return (...parts: readonly string[]) => lines.some((line) => parts.every((part) => line.includes(part)));
}

/** Faults of what is stored. */
export const stateScenarios: readonly Scenario[] = [
  {
    name: 'poisoned',
    title: 'One document of each kind is damaged: a rule’s, health’s, an alert group, silences, leases',
    part: 'Elasticsearch',
    cluster: 'shared',
    main: 14,
    seeds: 6,
    fast: 1,
    strike: poisoned,
    check: named,
  },
];
