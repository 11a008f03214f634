import type { Receiver } from './files.ts';

/** What a text says of one alert: the tick of its last change, and what it changed to. */
export interface Said {
  readonly rule: string;
  readonly service: string;
  readonly started: number;
  readonly at: number;
  readonly status: string;
  readonly severity: string;
  /** Episodes before this one that the message says it covers as well. */
  readonly earlier: number;
}

/** One message as a receiver got all of it. */
export interface Heard {
  readonly receiver: Receiver;
  readonly at: number;
  /** Which message it is: the same for each copy. */
  readonly message: string;
  readonly said: readonly Said[];
  /** All of it that a person reads. */
  readonly text: string;
  /** Whether its sender was notified that it was taken. */
  readonly answered: boolean;
}

const TITLE = /<<(\S+) (\S+) (\S+) (\S+) (\w+) (\w+) (\d+)>>/g;

/** Reads the rules' titles out of a message's text, each once. */
export function saidIn(text: string): readonly Said[] {
  const found = new Map<string, Said>();
  const plain = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  for (const [whole, rule = '', service = '', started = '', at = '', status = '', severity = '', earlier = ''] of plain.matchAll(
    TITLE,
  )) {
    found.set(whole, {
      rule,
      service,
      started: Date.parse(started),
      at: Date.parse(at),
      status,
      severity,
      earlier: Number(earlier),
    });
  }
  return [...found.values()];
}
