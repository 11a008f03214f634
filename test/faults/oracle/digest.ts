import type { Receiver } from '../stage/files.ts';
import type { Stage } from '../stage/stage.ts';
import type { Audience } from './audience.ts';
import { endsOnce } from './episodes.ts';
import { alertOf, type Hearing } from './hearing.ts';
import { LATE, worstDelay } from './late.ts';

const MINUTE = 60_000;
/** What is saved so shortly before a time may come with the next one, ms. */
const SHORTLY = 20_000;

/**
 * Who is notified at each full minute: of everything, at the first time after it or, if something fails then, as soon as nothing does; and by one
 * message for each rule and time. The webhook is notified of everything at once.
 */
export function eachMinute(receiver: Receiver, stage: Stage): Audience {
  const latest = LATE * 1_000 + worstDelay('hook', stage);
  return {
    receivers: [receiver],
    duty: () => 'due',
    checks: [endsOnce, onTime, (hearing) => soonEnough(hearing, latest)],
  };
}

/** No message comes before the time of the first thing that it says, nor after another one about its rule and time. */
function onTime({ name, zero, messages }: Hearing): readonly string[] {
  const seen = new Set<string>();
  return messages.flatMap(({ heard, news }) => {
    const [first] = news;
    if (first === undefined) return [];
    const earliest = Math.min(...news.map(({ at }) => minuteFrom(zero + at * 1_000)));
    const key = `${first.rule} ${Math.floor(heard.at / MINUTE)}`;
    const isSecond = seen.has(key);
    seen.add(key);
    return [
      ...(heard.at < earliest ? [`${name} was notified of ${first.rule} ${earliest - heard.at} ms before the time`] : []),
      ...(isSecond ? [`${name} was notified of ${first.rule} twice in the minute of ${new Date(heard.at).toISOString()}`] : []),
    ];
  });
}

function soonEnough({ name, zero, alerts, readAt }: Hearing, latest: number): readonly string[] {
  return [...alerts.values()].flat().flatMap((transition) => {
    const time = minuteFrom(zero + transition.at * 1_000 + SHORTLY);
    const read = readAt(transition);
    if (read === undefined || read <= time + latest) return [];
    const late = Math.round((read - time) / 1_000);
    return [`${name} was notified of ${alertOf(transition)} ${transition.kind} ${late} seconds after the time`];
  });
}

function minuteFrom(time: number): number {
  return Math.ceil(time / MINUTE) * MINUTE;
}
