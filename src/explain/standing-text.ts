import type { ExplainedReceiver } from './explanation.ts';

const STATES: Readonly<Record<ExplainedReceiver['state'], string>> = {
  notified: 'notified',
  over: 'nothing pending',
  waiting: 'pending',
  inflight: 'pending',
  held: 'suppressed',
  dead: 'failed',
  outbox: 'pending',
  would: 'not notified',
  gone: 'not notified',
};

/** What a destination knows of an alert, in words: `notified of it as firing …`, `suppressed: its end, by silence …`. */
export function standingText({ state, why }: Pick<ExplainedReceiver, 'state' | 'why'>): string {
  return `${STATES[state]}${state === 'notified' ? ' ' : ': '}${why}`;
}
