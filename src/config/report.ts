import { type Complaints, complaintsOf } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';

/** Takes the problems of a configuration as they are found, and knows where each stands. */
export interface Report extends Complaints {
  /** From now on no message quotes this text: it came from the environment, and may be a secret in the wrong place. */
  conceal(text: string, shownAs: string): void;
}

/** Starts a report about a file; without one, or where it says nothing, problems have no position. */
export function reportOn(document: YamlDocument | undefined): Report {
  const concealed = new Map<string, string>();
  const clean = (text: string) => [...concealed].reduce((shown, [hidden, name]) => shown.replaceAll(hidden, name), text);
  return {
    ...complaintsOf(document, clean),
    conceal: (text, shownAs) => {
      if (text.length >= 4) concealed.set(text, shownAs);
    },
  };
}
