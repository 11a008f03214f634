import type { Answer } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import { canonicalKey, type Search } from '../../search/search.ts';

/** Answers that several runs of one moment have in common. */
export interface SharedAnswers {
  /** A port of one run: what another run has asked at this moment is not asked again. */
  over(search: Search): Search;
  /** The runs are at another moment. */
  nextMoment(): void;
  /** Questions of all runs, and those among them that were asked. */
  readonly questions: { readonly all: number; readonly asked: number };
}

/** Starts without answers; no more are kept than the questions of one moment. */
export function shareAnswers(): SharedAnswers {
  const known = new Map<string, Promise<Answer>>();
  const questions = { all: 0, asked: 0 };
  const ask = async (search: Search, queries: readonly Query[], signal: AbortSignal): Promise<readonly Answer[]> => {
    const keys = queries.map((query) => `${query.window.from} ${query.window.to} ${canonicalKey(query)}`);
    const fresh = queries.filter((_query, place) => !known.has(keys[place] ?? ''));
    questions.all += queries.length;
    questions.asked += fresh.length;
    if (fresh.length > 0) {
      const answers = search.ask(fresh, signal);
      // Callers that wait for an answer get the failure; without one waiting it must not end the process.
      answers.catch(() => undefined);
      let place = 0;
      for (const [index, key] of keys.entries()) {
        if (queries[index] !== fresh[place]) continue;
        const position = place++;
        const answer = answers.then((all) => answerAt(all, position));
        answer.catch(() => undefined);
        known.set(key, answer);
      }
    }
    return Promise.all(keys.map((key) => known.get(key) ?? missing()));
  };
  return {
    over: (search) => ({ ask: (queries, signal) => ask(search, queries, signal) }),
    nextMoment: () => known.clear(),
    questions,
  };
}

function answerAt(answers: readonly Answer[], place: number): Answer {
  const answer = answers[place];
  if (answer === undefined) throw new Error('a search returned fewer results than there were queries');
  return answer;
}

function missing(): Promise<Answer> {
  return Promise.reject(new Error('a query was dropped while it was running'));
}
