import type { Transition } from '../stage/story.ts';
import { type FirstCopy, type Hearing, isOver, type Told } from './hearing.ts';

/** From an alert's first failure to its end; times in seconds of the story. */
export interface Episode {
  readonly alert: string;
  readonly transitions: readonly [Transition, ...Transition[]];
  readonly started: number;
  readonly end: number;
}

/** The episodes of a story's alerts, in order. */
export function episodesOf({ alerts }: Pick<Hearing, 'alerts'>): readonly Episode[] {
  return [...alerts].flatMap(([alert, list]) =>
    list.flatMap((first): readonly Episode[] => {
      if (first.kind !== 'firing') return [];
      const rest = list.filter(({ started, index }) => started === first.started && index > first.index);
      const end = rest.at(-1);
      return end?.kind === 'resolved' ? [{ alert, transitions: [first, ...rest], started: first.started, end: end.at }] : [];
    }),
  );
}

/** The episode of each transition. */
export function episodeOf(hearing: Pick<Hearing, 'alerts'>): (transition: Transition) => Episode | undefined {
  const all = new Map(episodesOf(hearing).flatMap((one) => one.transitions.map((transition) => [transition, one] as const)));
  return (transition) => all.get(transition);
}

/** The last transition of an episode. */
export function endOf({ transitions }: Episode): Transition {
  return transitions.at(-1) ?? transitions[0];
}

/** What messages say of one episode, in order. */
export function toldOf(
  { messages, zero }: Pick<Hearing, 'messages' | 'zero'>,
  { alert, started }: Episode,
): readonly (Told & Pick<FirstCopy, 'heard'>)[] {
  const begun = zero + started * 1_000;
  return messages.flatMap(({ heard, told }) =>
    told.filter((one) => one.alert === alert && one.said.started === begun).map((one) => ({ ...one, heard })),
  );
}

/** Who was notified that an alert fires is notified of its end by one message, and who was not reads of both in one. */
export function endsOnce(hearing: Hearing): readonly string[] {
  const { name, readAt } = hearing;
  return episodesOf(hearing).flatMap((episode) => {
    const told = toldOf(hearing, episode);
    const begun = told.find(({ said }) => !isOver(said));
    const ends = told.filter(({ said }) => isOver(said));
    const what = `${episode.alert} from second ${episode.started} to ${episode.end}`;
    if (ends.length > 1) return [`${name} was notified of the end of ${what} by ${ends.length} messages`];
    if (begun !== undefined && readAt(endOf(episode)) === undefined)
      return [`${name} was notified that ${what} fires and never of its end`];
    // A message that covers earlier episodes too may follow one about those.
    const isAlone = begun === undefined && ends.some(({ said }) => said.status === 'resolved' && said.earlier === 0);
    return isAlone ? [`${name} was notified of the end of ${what} and not of its beginning`] : [];
  });
}

/** Between two ticks, what people read of an alert is that they are notified of it from now on: by one message. */
export function joinsOnce(hearing: Hearing): readonly string[] {
  return episodesOf(hearing).flatMap((episode) => {
    const joins = toldOf(hearing, episode).filter(({ transition }) => transition === undefined);
    return joins.length > 1 ? [`${hearing.name} was notified ${joins.length} times that ${episode.alert} fires already`] : [];
  });
}

/** A play in which nothing was due would prove nothing. */
export function somethingDue({ name, due }: Hearing): readonly string[] {
  return due === 0 ? [`nothing was due at ${name}: the play proves nothing`] : [];
}
