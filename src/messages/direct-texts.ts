/** What a message from memory says when a problem of Tocsin itself begins, and when it has ended; times and durations are texts for people. */
export interface DirectTexts {
  readonly firing: { readonly title: string; readonly text: (since: string, problem: string) => string };
  readonly resolved: { readonly title: string; readonly text: (lasted: string) => string };
}

/** The store does not answer. */
export const STORE_AWAY: DirectTexts = {
  firing: {
    title: 'Tocsin cannot reach its store',
    text: (since, problem) =>
      `Elasticsearch has not answered since ${since}, so rules are not evaluated and alerts are not sent. ${problem}`,
  },
  resolved: {
    title: 'Tocsin can reach its store again',
    text: (lasted) => `It was unavailable for ${lasted}. Missed windows are being evaluated.`,
  },
};

/** The store answers, and takes so long that everything is late. */
export const STORE_SLOW: DirectTexts = {
  firing: {
    title: 'Tocsin’s store is slow',
    text: (since, problem) => `Elasticsearch has been slow since ${since}, so alerts are saved and sent late. ${problem}`,
  },
  resolved: {
    title: 'Tocsin’s store responds normally again',
    text: (lasted) => `It was slow for ${lasted}.`,
  },
};

/** The store answers and takes no writes. */
export const STORE_UNWRITABLE: DirectTexts = {
  firing: {
    title: 'Tocsin cannot write its store',
    text: (since, problem) =>
      `Elasticsearch has refused Tocsin's writes since ${since}, so alerts are not saved or sent. ${problem}`,
  },
  resolved: {
    title: 'Tocsin can write its store again',
    text: (lasted) => `It could not be written for ${lasted}. Missed windows are being evaluated and sent.`,
  },
};

/** A task of one replica fails; `lost`: what it no longer does. */
export function taskTexts(task: string, lost: string): DirectTexts {
  return {
    firing: {
      title: `Tocsin: ${lost}`,
      text: (since, problem) => `This replica has had a problem with its ${task} since ${since}. ${problem}`,
    },
    resolved: {
      title: `Tocsin: ${task} working again`,
      text: (lasted) => `The problem lasted for ${lasted}.`,
    },
  };
}
