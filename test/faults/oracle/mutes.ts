import type { Receiver } from '../stage/files.ts';
import type { Stage } from '../stage/stage.ts';
import { type Audience, everything } from './audience.ts';
import { type Episode, endOf, endsOnce, episodeOf, somethingDue } from './episodes.ts';
import { alertOf, alertsOf, type Hearing, hearing } from './hearing.ts';
import { LATE, worstDelay } from './late.ts';

/** A muted time, in seconds of the story. */
export interface MutedTime {
  readonly from: number;
  readonly to: number;
}

/** What ends so shortly after a muted time may be notified as if it ended within it, s. */
const SHORTLY = 8;

/**
 * Who is not notified in a muted time. What was notified before it or still fires after it must be notified when it is over, of an episode that
 * began and ended within it nothing must be.
 */
export function mutedWithin(receiver: Receiver, muted: MutedTime, stage: Stage): Audience {
  const of = episodeOf({ alerts: alertsOf(stage.story.transitions) });
  const hook = hearing(everything('hook'), stage);
  // The webhook, which is notified at once, read of its end within the muted time: so did whoever decides.
  const isWithin = (episode: Episode) =>
    episode.started >= muted.from && (hook.readAt(endOf(episode)) ?? Number.POSITIVE_INFINITY) < stage.zero + muted.to * 1_000;
  const { readAt } = hearing({ receivers: [receiver], duty: () => 'may' }, stage);
  const isRead = ({ transitions }: Episode) =>
    (readAt(transitions[0]) ?? Number.POSITIVE_INFINITY) < stage.zero + muted.from * 1_000;
  const isKnown = (episode: Episode) => isRead(episode) || episode.end >= muted.to + SHORTLY;
  return {
    receivers: [receiver],
    duty: (transition) => {
      const episode = of(transition);
      return episode === undefined ? 'may' : isWithin(episode) ? 'never' : isKnown(episode) ? 'due' : 'may';
    },
    checks: [
      endsOnce,
      somethingDue,
      (heard) => nothingWithin(heard, muted),
      (heard) => afterwards(heard, muted, LATE * 1_000 + worstDelay('hook', stage)),
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
function afterwards({ name, zero, alerts, readAt }: Hearing, { to }: MutedTime, late: number): readonly string[] {
  const latest = zero + to * 1_000 + late;
  return [...alerts.values()].flat().flatMap((transition) => {
    const read = readAt(transition);
    return transition.at < to && read !== undefined && read > latest
      ? [
          `${name} was notified of ${alertOf(transition)} ${transition.kind} ${Math.round((read - latest) / 1_000)} seconds too late`,
        ]
      : [];
  });
}
