import type { Receiver } from '../stage/files.ts';
import type { Stage } from '../stage/stage.ts';
import type { Audience } from './audience.ts';
import { everything } from './audience.ts';
import { type Episode, endOf, endsOnce, episodeOf, episodesOf, joinsOnce, somethingDue, toldOf } from './episodes.ts';
import { type Hearing, hearing, isOver } from './hearing.ts';
import { LATE } from './late.ts';

/** A step of an escalation: who is notified too, how many seconds after the first message. */
interface Step {
  readonly receiver: Receiver;
  readonly after: number;
  /** The receiver that escalates. */
  readonly from: Receiver;
}

/**
 * Who is notified because alerts escalate. An alert that fires long enough after the first message about it, and after the last one that it got
 * worse, must escalate; one that is over before must not. They are notified while it fires, not too early, once, and of the end.
 */
export function escalatedTo({ receiver, after, from }: Step, stage: Stage): Audience {
  const { zero } = stage;
  const first = hearing(everything(from), stage);
  const of = episodeOf(first);
  const calm = (stage.calmSince - zero) / 1_000;
  const begun = ({ transitions }: Episode) =>
    Math.max(
      ...transitions
        .filter(({ kind }) => kind === 'firing' || kind === 'worse')
        .map((one) => ((first.readAt(one) ?? Number.POSITIVE_INFINITY) - zero) / 1_000),
    );
  const escalates = (episode: Episode) => episode.end >= Math.max(begun(episode) + after, calm) + LATE;
  // Its end was even delivered before it could have escalated.
  const isShort = (episode: Episode) =>
    (first.readAt(endOf(episode)) ?? Number.POSITIVE_INFINITY) < zero + (episode.started + after) * 1_000;
  return {
    receivers: [receiver],
    duty: (transition) => {
      const episode = of(transition);
      if (episode === undefined) return 'may';
      return escalates(episode) ? 'due' : isShort(episode) ? 'never' : 'may';
    },
    checks: [endsOnce, joinsOnce, somethingDue, (heard) => inTime(heard, after, escalates)],
  };
}

function inTime(heard: Hearing, after: number, escalates: (episode: Episode) => boolean): readonly string[] {
  const { name, zero } = heard;
  return episodesOf(heard).flatMap((episode) => {
    const told = toldOf(heard, episode);
    const begun = told.find(({ said }) => !isOver(said));
    const isEarly = told.some((one) => one.heard.at < zero + (episode.started + after) * 1_000);
    const isLate = escalates(episode) && (begun === undefined || begun.heard.at > zero + episode.end * 1_000);
    return [
      ...(isEarly ? [`${name} was notified of ${episode.alert} less than ${after} seconds after its beginning`] : []),
      ...(isLate ? [`${name} was not notified of ${episode.alert} while it fired`] : []),
    ];
  });
}
