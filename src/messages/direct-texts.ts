/** What a message from memory says when a problem of Tocsin itself begins, and when it is over; times and durations are texts for people. */
export interface DirectTexts {
  readonly firing: { readonly title: string; readonly text: (since: string, problem: string) => string };
  readonly resolved: { readonly title: string; readonly text: (lasted: string) => string };
}

/** The store does not answer. */
export const STORE_AWAY: DirectTexts = {
  firing: {
    title: 'Tocsin does not reach its store',
    text: (since, problem) =>
      `Since ${since} Elasticsearch does not answer, so no rule is evaluated and no alert is sent. ${problem}`,
  },
  resolved: {
    title: 'Tocsin reaches its store again',
    text: (lasted) => `It was away for ${lasted}. Windows that were missed are evaluated now.`,
  },
};

/** The store answers, and takes so long that everything is late. */
export const STORE_SLOW: DirectTexts = {
  firing: {
    title: 'The store of Tocsin is slow',
    text: (since, problem) => `Since ${since} Elasticsearch answers slowly, so alerts are saved and sent late. ${problem}`,
  },
  resolved: {
    title: 'The store of Tocsin is fast enough again',
    text: (lasted) => `It was slow for ${lasted}.`,
  },
};

/** The store answers and takes no writes. */
export const STORE_UNWRITABLE: DirectTexts = {
  firing: {
    title: 'Tocsin cannot write its store',
    text: (since, problem) => `Since ${since} Elasticsearch refuses what Tocsin writes, so no alert is saved or sent. ${problem}`,
  },
  resolved: {
    title: 'Tocsin can write its store again',
    text: (lasted) => `It could not be written for ${lasted}. What was missed is evaluated and sent now.`,
  },
};

/** A task of one replica fails; `lost`: what it no longer does. */
export function taskTexts(task: string, lost: string): DirectTexts {
  return {
    firing: {
      title: `Tocsin: ${lost}`,
      text: (since, problem) => `Since ${since} this replica has had a problem with its ${task}. ${problem}`,
    },
    resolved: {
      title: `Tocsin: its ${task} work again`,
      text: (lasted) => `The problem lasted for ${lasted}.`,
    },
  };
}
