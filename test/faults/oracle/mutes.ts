import type { Receiver } from '../stage/files.ts';
import type { Stage } from '../stage/stage.ts';
import type { Audience } from './audience.ts';
import { type Episode, endsOnce, episodeOf, somethingDue } from './episodes.ts';
import { alertOf, alertsOf, type Hearing } from './hearing.ts';
import { LATE } from './late.ts';

/** A muted time, in seconds of the story. */
export interface MutedTime {
  readonly from: number;
  readonly to: number;
}

/** What begins so shortly before a muted time may be notified before it or not, s. */
const SHORTLY = 8;

/**
 * Who is not notified in a muted time. What was notified before it or still fires after it must be notified when it is over, of an episode that
 * began and ended within it nothing must be.
 */
export function mutedWithin(receiver: Receiver, muted: MutedTime, stage: Stage): Audience {
  const of = episodeOf({ alerts: alertsOf(stage.story.transitions) });
  const isWithin = ({ started, end }: Episode) => started >= muted.from && end <= muted.to - LATE;
  const isKnown = ({ started, end }: Episode) => started <= muted.from - SHORTLY || end >= muted.to + SHORTLY;
  return {
    receivers: [receiver],
    duty: (transition) => {
      const episode = of(transition);
      return episode === undefined ? 'may' : isWithin(episode) ? 'never' : isKnown(episode) ? 'due' : 'may';
    },
    checks: [
      endsOnce,
      somethingDue,
      (hearing) => nothingWithin(hearing, muted),
      (hearing) => afterwards(hearing, muted, stage.calmSince),
    ],
  };
}

/** Of what happens in the muted time no message comes within it. */
function nothingWithin({ name, zero, messages }: Hearing, { from, to }: MutedTime): readonly string[] {
  return messages.flatMap(({ heard, told }) => {
    const second = (heard.at - zero) / 1_000;
    const news = told.find(({ transition }) => transition !== undefined && transition.at >= from);
    return second >= from && second < to && news !== undefined
      ? [`${name} was notified of ${news.alert} ${news.transition?.kind} in second ${second}, which is muted`]
      : [];
  });
}

/** What happened before its end comes when the muted time is over. */
function afterwards({ name, zero, alerts, readAt }: Hearing, { to }: MutedTime, calmSince: number): readonly string[] {
  const latest = Math.max(zero + to * 1_000, calmSince) + LATE * 1_000;
  return [...alerts.values()].flat().flatMap((transition) => {
    const read = readAt(transition);
    return transition.at < to && read !== undefined && read > latest
      ? [
          `${name} was notified of ${alertOf(transition)} ${transition.kind} ${Math.round((read - latest) / 1_000)} seconds too late`,
        ]
      : [];
  });
}
