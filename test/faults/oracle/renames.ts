import type { Receiver } from '../stage/files.ts';
import type { Audience } from './audience.ts';
import { endsOnce, episodesOf, joinsOnce, toldOf } from './episodes.ts';
import { type Hearing, isOver } from './hearing.ts';
import { LATE } from './late.ts';

/** What takes the place of a receiver, and the time by the clock since which every replica knows. */
interface Replacement {
  readonly before: Receiver;
  /** The same one, where the receiver only has another name. */
  readonly now: Receiver;
  readonly since: number;
}

/** Who reads a receiver and what took its place: of everything, and what ends afterwards where the route leads now. */
export function readsBoth({ before, now, since }: Replacement): Audience {
  return {
    receivers: before === now ? [before] : [before, now],
    duty: () => 'due',
    checks: [endsOnce, joinsOnce, ...(before === now ? [] : [(hearing: Hearing) => leftAlone(hearing, before, since)])],
  };
}

/** What is over once every replica knows the new configuration is notified there and not where nobody is notified any more. */
function leftAlone(hearing: Hearing, before: Receiver, since: number): readonly string[] {
  return episodesOf(hearing).flatMap((episode) => {
    if (hearing.zero + episode.end * 1_000 <= since + LATE * 1_000) return [];
    const end = toldOf(hearing, episode).find(({ said }) => isOver(said));
    return end?.heard.receiver === before
      ? [`${before} was notified of the end of ${episode.alert}, and is no receiver any more`]
      : [];
  });
}

/** Nothing of an alert is notified while it is held back: its end comes afterwards. */
export function heldBack(
  { name, zero, messages }: Hearing,
  { isHeld, from, to }: { readonly isHeld: (service: string) => boolean; readonly from: number; readonly to: number },
): readonly string[] {
  return messages.flatMap(({ heard, told }) => {
    const second = (heard.at - zero) / 1_000;
    const one = told.find(({ said, transition }) => isHeld(said.service) && (transition?.at ?? 0) >= from);
    return one !== undefined && second >= from && second < to
      ? [`${name} was notified of ${one.alert} in second ${second}, although it was held back`]
      : [];
  });
}
