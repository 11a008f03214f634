import type { Position } from '../../core/problems.ts';
import type { Instant } from '../../core/time.ts';
import type { Budget } from '../budget.ts';
import { notificationsMet } from '../evaluate-check.ts';
import { lineDiff } from '../line-diff.ts';
import type { Observation, SeenNotification } from '../observation.ts';
import type { Failure } from '../report.ts';
import type { RuleTest } from '../test-file.ts';
import { relativeTime } from '../times.ts';
import { messageIn, type SnapshotForm } from './message-forms.ts';
import type { SnapshotBook } from './snapshot-book.ts';
import { keptText, keyText } from './snapshot-file.ts';

/** One message in one form, under the key that its snapshot has. */
interface Taken {
  readonly key: string;
  readonly text: string;
  readonly at: Instant;
  readonly position: Position;
}

/** How the key of each snapshot of a test begins. */
export function keysOfTest(name: string): string {
  return `${keyText(name)} > `;
}

/** Holds the messages of a played test that have snapshots against them; one failure for each that differs, or that has none and may not get one. */
export function checkSnapshots(
  test: RuleTest,
  observations: readonly Observation[],
  book: SnapshotBook,
  budget: Budget,
): readonly Failure[] {
  return [...ofTest(test, observations), ...ofChecks(test, observations, budget)].flatMap((taken) => {
    const kept = book.take(taken.key, taken.text);
    if (kept.ok) return [];
    const base = { kind: 'snapshot', list: 'notifications', at: taken.at, position: taken.position, differences: [] } as const;
    if (kept.expected === undefined) {
      const expected = [`a snapshot "${taken.key}" in ${book.file}: run \`tocsin test --update\`, and commit the file`];
      return [{ ...base, message: 'this message has no snapshot', expected, got: taken.text.split('\n') }];
    }
    // A difference is looked for in a table of lines.
    budget.spend('comparisons', Math.ceil((taken.text.length + kept.expected.length) / 100));
    const message = `the message differs from ${book.file}`;
    const expected = [`the snapshot "${taken.key}"; if the change is intended, run \`tocsin test --update\``];
    return [{ ...base, message, expected, got: [], diff: lineDiff(kept.expected, taken.text) }];
  });
}

function ofTest(test: RuleTest, observations: readonly Observation[]): readonly Taken[] {
  const { snapshot: forms = [], name, position } = test;
  const seen = observations.flatMap(({ notifications }) => notifications);
  return seen.flatMap((one, index) =>
    forms.map((form) => {
      const key = `${keysOfTest(name)}message ${index + 1} to ${one.message.receiver}`;
      return { ...taken(one, form, key, test.start), position };
    }),
  );
}

function ofChecks(test: RuleTest, observations: readonly Observation[], budget: Budget): readonly Taken[] {
  return test.checks.flatMap((check, index) => {
    const seen = observations[index];
    if (seen === undefined || check.notifications?.items.some(({ snapshot }) => snapshot !== undefined) !== true) return [];
    return notificationsMet(check, seen, test.start, budget).flatMap(({ wanted, got, number }) =>
      (wanted.snapshot ?? []).map((form) => {
        const key = `${keysOfTest(test.name)}at ${relativeTime(check.at, test.start)}, notification ${number}`;
        return { ...taken(got, form, key, test.start), position: wanted.position };
      }),
    );
  });
}

function taken(seen: SeenNotification, form: SnapshotForm, key: string, start: Instant): Omit<Taken, 'position'> {
  const by = form === 'sent' ? `, by ${seen.channel}` : '';
  const head = `${relativeTime(seen.at, start)}, ${seen.message.reason}${by}:`;
  return {
    key: keyText(`${key}${form === 'sent' ? '' : ` as ${form}`}`),
    text: keptText(`${head}\n${messageIn(form, seen)}`),
    at: seen.at,
  };
}
