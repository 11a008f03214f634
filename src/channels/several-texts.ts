import type { Message, MessageAlert } from '../messages/message.ts';
import { commonCondition, summaryLines } from '../messages/summary.ts';
import type { Markup } from '../templates/markup.ts';
import { clip } from './clean-text.ts';

/** Longest text in a message about several alerts, and most characters of all of them together; each alert may have a few lines all the same. */
const LONGEST = 1_500;
const OWN_BUDGET = 6_000;
const COMMON_BUDGET = 2_800;
const SHORTEST = 150;

/** A text that several alerts of a message share; `rules` names them where other alerts of the message do not have it. */
interface CommonText {
  readonly text: string;
  readonly rules?: string;
}

/** What the rules say about the alerts of a message: a summary of many and what several of them share once, and the rest by alert. Bounded, whatever the rules say. */
export interface SeveralTexts {
  readonly common: readonly CommonText[];
  /** The condition that all alerts share. */
  readonly condition: string | undefined;
  /** The texts that only this alert of the message has. */
  ownOf(alert: MessageAlert): readonly string[];
  /** The formatting of one of these texts, if it has any and was not cut. */
  markupOf(text: string): Markup | undefined;
}

/** The texts of one alert: the rule's text about it, and the rule's description, unless the title says the same. */
export function textsOf({ text, description, title }: MessageAlert): readonly string[] {
  return [...new Set([text, description])].flatMap((one) => (one === undefined || one === '' || isSaid(one, title) ? [] : [one]));
}

function isSaid(text: string, title: string): boolean {
  const said = text.trim().replace(/\.$/, '');
  return title === said || title.startsWith(`${said}:`);
}

/** Sorts the texts of a message about several alerts, without what its own text says already. */
export function severalTexts(message: Message): SeveralTexts {
  const alertsOf = new Map<string, MessageAlert[]>();
  for (const alert of message.alerts) {
    for (const text of textsOf(alert).filter((one) => !isSaid(one, message.title.text))) {
      const known = alertsOf.get(text);
      if (known === undefined) alertsOf.set(text, [alert]);
      else known.push(alert);
    }
  }
  const shared = [...alertsOf].filter(([text, alerts]) => alerts.length > 1 && text !== message.text);
  const commonLimit = share(COMMON_BUDGET, shared.length);
  const ownLimit = share(OWN_BUDGET, alertsOf.size - shared.length);
  const condition = commonCondition(message);
  const overview = summaryLines(message).join('\n');
  const first = overview === '' ? [] : [{ text: overview }];
  const texts = shared.map(([text, alerts]) => ({
    text: clip(text, commonLimit),
    ...(alerts.length < message.alerts.length && { rules: [...new Set(alerts.map(({ rule }) => rule))].join(', ') }),
  }));
  return {
    common: [...first, ...texts],
    condition,
    markupOf: (text) => (text === message.text ? message.markup : message.alerts.find((alert) => alert.text === text)?.markup),
    ownOf: (alert) =>
      textsOf(alert)
        .filter((text) => text !== message.text && alertsOf.get(text)?.length === 1)
        .map((text) => clip(text, ownLimit)),
  };
}

function share(budget: number, texts: number): number {
  return Math.min(LONGEST, Math.max(SHORTEST, Math.floor(budget / Math.max(1, texts))));
}
