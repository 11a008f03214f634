import { type Random, wholeNumber } from './random.ts';

/** One second of one group: how many documents say that it fails. */
export type Level = 0 | 1 | 3;

/** A group of a rule, and how bad it is in each second of the story. */
export interface Plot {
  readonly rule: string;
  readonly service: string;
  readonly levels: readonly Level[];
}

/** What is to be seen of one alert at one tick. */
export interface Transition {
  readonly rule: string;
  readonly service: string;
  /** Its place in the alert's story, from 0. */
  readonly index: number;
  readonly kind: 'firing' | 'worse' | 'better' | 'resolved';
  readonly severity: 'warning' | 'critical';
  /** Seconds from the beginning of the story to the tick, and to the tick at which the episode began. */
  readonly at: number;
  readonly started: number;
}

/** Documents and the transitions that follow from them, whatever befalls who evaluates them. */
export interface Story {
  readonly plots: readonly Plot[];
  readonly transitions: readonly Transition[];
  /** Seconds in which groups fail and recover at random; what befalls Tocsin befalls it in these. */
  readonly main: number;
  /** Seconds until every group has resolved. */
  readonly length: number;
}

export const RULES = ['orders', 'payments', 'search'] as const;
const SERVICES = 3;
/** After the main part: quiet, everything fires once more, and resolves. */
const REST = 3;
const FINALE = 2;

/** How bad one group is in each second of the main part; `index` is its place in its rule, from 0. What it leaves out at the end is quiet. */
export type Shape = (random: Random, main: number, index: number) => readonly Level[];

/**
 * Tells a story of `main` seconds out of a random source: groups fire, get worse and better, resolve, and all do so once more at the end.
 */
export function notifyStory(random: Random, main: number, shape: Shape = changing): Story {
  const plots = RULES.flatMap((rule) =>
    Array.from({ length: SERVICES }, (_, index): Plot => {
      const shaped = shape(random, main, index).slice(0, main);
      const levels = [...shaped, ...quiet(main - shaped.length + REST), ...lasting(FINALE), ...quiet(1)];
      return { rule, service: `${rule}-${index + 1}`, levels };
    }),
  );
  return { plots, transitions: plots.flatMap(transitionsOf), main, length: main + REST + FINALE + 1 };
}

/** The transitions of one group: a tick evaluates the second before it, one failure is a warning, three are critical, none is the end. */
export function transitionsOf({ rule, service, levels }: Plot): readonly Transition[] {
  const notified: Transition[] = [];
  let before: Level = 0;
  let started = 0;
  for (const [second, level] of levels.entries()) {
    const at = second + 1;
    if (before === 0) started = at;
    const kind =
      level === before ? undefined : before === 0 ? 'firing' : level === 0 ? 'resolved' : level > before ? 'worse' : 'better';
    const severity = (level === 0 ? before : level) === 3 ? 'critical' : 'warning';
    if (kind !== undefined) notified.push({ rule, service, index: notified.length, kind, severity, at, started });
    before = level;
  }
  return notified;
}

/** The story's documents when it begins at `zero`, each in the middle of its second. */
export function documentsOf({ plots }: Story, zero: number): readonly object[] {
  return plots.flatMap(({ rule, service, levels }) =>
    levels.flatMap((level, second) =>
      Array.from({ length: level }, () => ({
        '@timestamp': new Date(zero + second * 1_000 + 500).toISOString(),
        app: rule,
        service,
      })),
    ),
  );
}

function changing(random: Random, main: number): readonly Level[] {
  const levels: Level[] = [];
  while (levels.length < main) {
    levels.push(...quiet(wholeNumber(random, 1, 4)));
    levels.push(...Array.from({ length: wholeNumber(random, 1, 4) }, (): Level => (random() < 0.3 ? 3 : 1)));
  }
  return levels;
}

/** Fires once, for all of the main part. */
export const steadily: Shape = (random, main) => {
  const first = wholeNumber(random, 1, 4);
  return [...quiet(first), ...lasting(main - first)];
};

/** Seconds in which nothing fails. */
export function quiet(seconds: number): readonly Level[] {
  return Array.from({ length: seconds }, (): Level => 0);
}

/** Seconds in which a group is as bad all the time. */
export function lasting(seconds: number, level: Level = 1): readonly Level[] {
  return Array.from({ length: seconds }, () => level);
}
