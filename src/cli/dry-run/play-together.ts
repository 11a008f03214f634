import { type Play, type PlayedRules, play } from '../../replay/play.ts';
import { type SharedAnswers, shareAnswers } from './shared-answers.ts';
import { sideBySide } from './side-by-side.ts';

/** What runs side by side gave, in the order of the sets of rules, and how many questions they shared. */
export interface PlayedTogether {
  readonly reports: readonly PlayedRules[];
  readonly questions: SharedAnswers['questions'];
}

/**
 * Plays several sets of rules over the same time, moment by moment side by side: what one of them asked at a moment the others are answered
 * from it. No more is kept than the answers of one moment. Throws as `play` does; then all of them have ended.
 */
export async function playTogether(
  sets: readonly Pick<Play, 'rules' | 'failures' | 'observe'>[],
  common: Omit<Play, 'rules' | 'failures'>,
): Promise<PlayedTogether> {
  const answers = shareAnswers();
  const together = sideBySide(sets.length, answers.nextMoment);
  const stop = new AbortController();
  const signal = AbortSignal.any([common.signal, stop.signal]);
  const runs = sets.map(async (set, place) => {
    try {
      return await play({
        ...common,
        ...set,
        signal,
        around: answers.over,
        pace: together.arrive,
        progress: place === 0 ? common.progress : () => undefined,
      });
    } catch (thrown) {
      stop.abort();
      throw thrown;
    } finally {
      together.leave();
    }
  });
  const ended = await Promise.allSettled(runs);
  const reports = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { reports, questions: answers.questions };
}
