import type { Played } from '../stage/play.ts';

/** One play as a line for people. */
export function lineOf(played: Played): string {
  const { scenario, seed, replicas, verdict, broken, seconds, struck } = played;
  const who = `${scenario} seed ${seed}, ${replicas} replica${replicas === 1 ? '' : 's'}`;
  const mark = broken.length === 0 ? 'kept  ' : 'BROKEN';
  if (verdict === undefined) return `${mark} ${who}: failed after ${seconds} s`;
  const { saved, outbox, delivered, lost, repeated, bound, disordered } = verdict;
  const notified = `${saved} transitions, ${delivered} of ${outbox} notified, ${lost} lost, ${repeated} repeated (at most ${bound})`;
  return `${mark} ${who}: ${struck} faults, ${notified}, ${disordered} out of order, ${seconds} s`;
}

/** Why a play is broken, and how to see it again. */
export function whyBroken({ scenario, seed, broken, log }: Played): string {
  const again = `npm run test:faults -- --scenario ${scenario} --seed ${seed}`;
  const said = log.length === 0 ? [] : ['  the end of the log:', ...log.slice(-40).map((line) => `    ${line}`)];
  return [`${scenario} seed ${seed}, again with: ${again}`, ...broken.slice(0, 12).map((line) => `  ${line}`), ...said].join(
    '\n',
  );
}
