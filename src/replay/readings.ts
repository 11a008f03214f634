import type { RuleId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import { groupValue } from '../core/printed.ts';
import { put } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { TurnLog } from '../engine/turn-log.ts';

/** What one group was measured as, window by window, oldest first. */
export interface ReadingSeries {
  /** `shop, /cart`; empty without group_by. */
  readonly group: string;
  readonly points: readonly {
    readonly at: Instant;
    readonly values: Readonly<Record<string, number | null>>;
    readonly breach: boolean;
  }[];
}

/** Takes what evaluations of one rule measured as turns pass. */
export interface ReadingsBook {
  take(log: TurnLog): void;
  /** The groups that breached most first, then those with most readings. */
  series(): { readonly readings: readonly ReadingSeries[]; readonly complete: boolean };
}

type Point = ReadingSeries['points'][number];

/** Most points that are kept of a version of a rule, and most groups that are shown. */
const MOST_POINTS = 40_000;
const MOST_GROUPS = 12;

/** Starts a book of the readings of a rule after `from`. */
export function readingsBook(rule: RuleId, from: Instant): ReadingsBook {
  const groups = new Map<string, Point[]>();
  let points = 0;
  let complete = true;
  return {
    take: ({ runs }) => {
      for (const run of runs) {
        if (run.rule !== rule || run.at <= from) continue;
        for (const { group, finding, values } of run.findings ?? []) {
          if (points >= MOST_POINTS) {
            complete = false;
            return;
          }
          points++;
          const name = Object.values(group).map(groupValue).join(', ');
          const known = groups.get(name) ?? [];
          known.push({ at: run.at, values: numbersOf(values), breach: finding.kind === 'breach' });
          groups.set(name, known);
        }
      }
    },
    series: () => {
      const all = [...groups].map(([group, own]) => ({
        group,
        points: own,
        breaches: own.filter(({ breach }) => breach).length,
      }));
      const first = all.toSorted(
        (a, b) => b.breaches - a.breaches || b.points.length - a.points.length || (a.group < b.group ? -1 : 1),
      );
      const readings = first.slice(0, MOST_GROUPS).map(({ group, points: own }) => ({ group, points: own }));
      return { readings, complete: complete && first.length <= MOST_GROUPS };
    },
  };
}

function numbersOf(values: Readonly<Record<string, Json>>): Point['values'] {
  const numbers: Record<string, number | null> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number' || value === null) put(numbers, name, value);
    else if (typeof value === 'bigint') put(numbers, name, Number(value));
  }
  return numbers;
}
