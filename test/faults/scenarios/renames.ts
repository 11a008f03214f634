import { type Audience, everything } from '../oracle/audience.ts';
import { endsOnce, somethingDue } from '../oracle/episodes.ts';
import { escalatedTo } from '../oracle/escalation.ts';
import { hearing } from '../oracle/hearing.ts';
import { heldBack, readsBoth } from '../oracle/renames.ts';
import type { Change, Configuration, Places } from '../stage/files.ts';
import { wholeNumber } from '../stage/random.ts';
import { silence } from '../stage/silence.ts';
import { type Stage, until, WILLING } from '../stage/stage.ts';
import { lasting, quiet, type Shape, type Transition } from '../stage/story.ts';
import { escalating, STEPS } from './escalation.ts';
import { startAgain } from './kills.ts';
import type { Scenario } from './scenario.ts';

const common = { part: 'Who is notified, and when', cluster: 'shared', fast: 0 } as const;

/** Seconds of the story in which alerts whose service ends in `-2` are held back. */
const HELD = { from: 16, to: 56 } as const;
const RENAMED_WITHIN = 60_000;

/** By the seed: what holds alerts back when the receiver goes, what becomes of it, and how replicas come to know. */
function partsOf(seed: number) {
  const turn = seed - 1;
  const pick = <T>(list: readonly [T, ...T[]], place: number): T => list[place % list.length] ?? list[0];
  return {
    held: pick<'silenced' | 'inhibited' | 'free'>(['silenced', 'inhibited', 'free'], turn),
    /** Renamed, or removed, so that the route leads to another one. */
    now: pick<'same' | 'spare'>(['same', 'spare'], Math.floor(turn / 3)),
    way: pick<'reloaded' | 'restarted' | 'killed'>(['reloaded', 'restarted', 'killed'], turn + Math.floor(turn / 3)),
    /** Whether the receiver fails before it goes, so that something waits there. */
    fails: pick([false, true], Math.floor(turn / 2)),
  };
}

/** Each alert has a group of its own at the chat too; while `-3` of a rule fires, its `-2` is inhibited, if the seed says so. */
const before =
  (seed: number): Change =>
  (usual) => ({
    ...withRoute(usual, 'chat', (route) => ({ ...route, group_by: ['alertname', 'service'] })),
    ...inhibiting(seed),
  });

function inhibiting(seed: number): object {
  const rule = { source_matchers: ['service=~".*-3"'], target_matchers: ['service=~".*-2"'], equal: ['alertname'] };
  return partsOf(seed).held === 'inhibited' ? { inhibit_rules: [rule] } : {};
}

const escalatingBefore =
  (seed: number): Change =>
  (usual, places) => ({ ...usual, ...inhibiting(seed), route: escalating(usual, places).route });

function withRoute(usual: Configuration, receiver: string, change: (route: Configuration['route']['routes'][number]) => object) {
  const routes = usual.route.routes.map((route) => (route.receiver === receiver ? { ...route, ...change(route) } : route));
  return { ...usual, route: { ...usual.route, routes } };
}

/** The configuration in which a receiver has another name, or is gone and another one takes its place. */
function replaced(first: Change, receiver: string, now: 'same' | 'spare'): Change {
  return (usual, places) => {
    const name = now === 'same' ? `${receiver}-renamed` : 'spare';
    const old = first(usual, places);
    const text = JSON.stringify(old.route).replaceAll(`"receiver":"${receiver}"`, `"receiver":"${name}"`);
    return {
      ...old,
      receivers: old.receivers.map((one) => ((one as { name: string }).name === receiver ? successor(one, name, places) : one)),
      route: JSON.parse(text) as Configuration['route'],
    };
  };
}

function successor(receiver: object, name: string, { spare }: Places): object {
  return name === 'spare' ? { name, webhook_configs: [{ name: 'one', url: spare }] } : { ...receiver, name };
}

/** `-1` fires through it all and gets worse; `-2` ends while it is held back; `-3` fires while `-2` is held back, and once more. */
const aroundTheRename: Shape = (random, main, index) => {
  if (index === 0) return [...quiet(wholeNumber(random, 1, 4)), ...lasting(wholeNumber(random, 25, 40)), ...lasting(70, 3)];
  if (index === 1) return [...quiet(wholeNumber(random, 1, 3)), ...lasting(wholeNumber(random, 28, 36))];
  const again = wholeNumber(random, 60, 90);
  const first = [...quiet(HELD.from - 4), ...lasting(HELD.to - HELD.from + 4)];
  return [...first, ...quiet(again - first.length), ...lasting(Math.min(main - again, 8))];
};

/** The receiver goes while alerts fire that it was notified of. */
const rename = (first: (seed: number) => Change) => async (stage: Stage) => {
  const { held, now, way, fails } = partsOf(stage.seed);
  if (held === 'silenced') await silence(stage, [{ label: 'service', op: '=~', value: '.*-2' }], HELD);
  await stage.second(HELD.from - 2);
  if (fails) stage.manner = { ...WILLING, chat: { status: 503 } };
  await stage.second(wholeNumber(stage.random, HELD.from + 6, HELD.from + 11));
  await reconfigure(stage, replaced(first(stage.seed), 'chat', now), way);
  stage.manner = WILLING;
  stage.calmSince = Date.now();
  await stage.second(stage.story.main);
};

async function reconfigure(stage: Stage, change: Change, way: ReturnType<typeof partsOf>['way']): Promise<void> {
  const before = stage.replicas.map(reloadsOf);
  if (way === 'reloaded') await stage.rewrite({ change });
  for (const [number, replica] of stage.replicas.entries()) {
    stage.struck++;
    if (way === 'reloaded') {
      replica.reload();
      await until('the configuration is reloaded', RENAMED_WITHIN, async () => reloadsOf(replica) > (before[number] ?? 0));
    } else {
      if (way === 'killed') await replica.kill();
      else await replica.stop();
      await stage.rewrite({ change });
      await startAgain(stage, replica);
    }
  }
}

function reloadsOf({ log }: Stage['replicas'][number]): number {
  return log.filter(({ msg }) => msg === 'configuration reloaded').length;
}

/** Who reads the chat, and what took its place. */
function successors(stage: Stage): Audience {
  const { now, held } = partsOf(stage.seed);
  const both = readsBoth({ before: 'chat', now: now === 'same' ? 'chat' : 'spare', since: stage.calmSince });
  // Silences are read every few seconds. Whether an alert is inhibited may be unknown after a start: then it is notified.
  const times = { from: HELD.from + 8, to: HELD.to };
  const isHeld = (service: string) => held === 'silenced' && service.endsWith('-2');
  return { ...both, checks: [...(both.checks ?? []), (heard) => heldBack(heard, { ...times, isHeld })] };
}

/**
 * Everything is due but what is over before anyone could read of it: while it is held back. All alerts fire once more at the end, at the same time, and
 * are inhibited again.
 */
function exceptHeld(audience: Audience, stage: Stage): Audience {
  const { held } = partsOf(stage.seed);
  const { readAt, zero } = hearing({ ...audience, duty: () => 'may' }, stage);
  const times = [HELD, ...(held === 'inhibited' ? [{ from: stage.story.main, to: stage.story.length }] : [])];
  const first = new Map(
    stage.story.transitions.filter(({ kind }) => kind === 'firing').map((one) => [`${one.service} ${one.started}`, one]),
  );
  const isUnread = ({ service, started }: Transition) => {
    const time = times.find(({ to }) => started < to);
    const begun = first.get(`${service} ${started}`);
    const read = begun === undefined ? undefined : readAt(begun);
    return time !== undefined && (read ?? Number.POSITIVE_INFINITY) > zero + time.from * 1_000;
  };
  return {
    ...audience,
    duty: (one) => (held !== 'free' && one.service.endsWith('-2') && isUnread(one) ? 'may' : audience.duty(one)),
  };
}

/** The same of alerts that escalated to the chat: those who take its place are notified of the alert once more. */
function escalatedSuccessors(stage: Stage): Audience {
  const { duty } = escalatedTo({ receiver: 'chat', after: STEPS.chat, from: 'hook' }, stage);
  const { receivers } = successors(stage);
  return { receivers, duty, checks: [endsOnce, somethingDue] };
}

/** Faults of receivers that are renamed and removed. */
export const renameScenarios: readonly Scenario[] = [
  {
    ...common,
    name: 'rename',
    title:
      'A receiver of firing alerts is renamed or removed, by a reload, a restart or a kill, while alerts are silenced or inhibited',
    main: 125,
    seeds: 12,
    change: before,
    shape: aroundTheRename,
    strike: rename(before),
    audiences: (stage) => [everything('hook'), successors(stage), everything('mail')].map((one) => exceptHeld(one, stage)),
  },
  {
    ...common,
    name: 'rename-escalated',
    title: 'A receiver that alerts escalated to is renamed or removed, in the same ways',
    main: 125,
    seeds: 6,
    change: escalatingBefore,
    shape: aroundTheRename,
    strike: rename(escalatingBefore),
    audiences: (stage) => [{ ...everything('hook'), checks: [endsOnce] }, escalatedSuccessors(stage)],
  },
];
