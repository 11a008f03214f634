import { hashId } from '../core/ids.ts';
import type { ReaderSettings } from '../core/locale.ts';
import { type Instant, MINUTE, type TimeRange } from '../core/time.ts';
import type { Message } from '../messages/message.ts';
import { messageOf } from '../messages/message-of.ts';
import { KNOWN_NOISE_RULE, NOISE_RULE_ID } from '../messages/noise-texts.ts';
import { newAlertGroup } from '../notify/alert-group-id.ts';
import type { RuleOutbox } from '../notify/enqueue.ts';
import type { Target } from '../routing/route.ts';

/** The report of the noise until an instant, in words. */
export interface NoiseNews {
  readonly at: Instant;
  readonly window: TimeRange;
  readonly report: string;
}

/** Labels of the alert group of noise reports, which share no message with alerts. */
export const NOISE_GROUP = { alertname: KNOWN_NOISE_RULE.name };

/** What a noise report is to its alert groups: an event, whose numbers are made of its time and so only grow. */
export function noiseOutbox({ at, window, report }: NoiseNews, to: readonly Target[]): RuleOutbox {
  const entry = {
    ...{ alert: hashId(NOISE_RULE_ID), episode: hashId(NOISE_RULE_ID, at), reason: 'event', at, started: at, group: {} },
    ...{ labels: { ...NOISE_GROUP, severity: 'info' }, level: 'info', window, values: { report } },
    ...{ condition: '', no_recovery: true as const, late: false, to },
  };
  const n = 2 * Math.floor(at / MINUTE);
  return {
    ...{ source: NOISE_RULE_ID, rule: NOISE_RULE_ID },
    outbox: [
      { ...entry, n, kind: 'firing' },
      { ...entry, n: n + 1, kind: 'resolved' },
    ],
  };
}

/** The message of a noise report as its receiver gets it, for looking at it before it is sent. */
export function noiseMessage(news: NoiseNews, receiver: string, reader: ReaderSettings = {}): Message {
  const target = { receiver, destination: `${receiver}/preview/0`, route: '{}', group_labels: NOISE_GROUP };
  const { source, rule, outbox } = noiseOutbox(news, [target]);
  const entries = outbox.map(({ to: _to, ...entry }) => ({ ...entry, source, rule, queued_at: news.at }));
  const id = hashId(NOISE_RULE_ID, news.at, receiver);
  const inflight = {
    ...{ id, covers: {}, facts: { reminder: false, entries, also: {}, incident: id }, since: news.at, attempts: 0 },
    ...{ retry_at: null, token: '', until: null },
  };
  const context = { ruleOf: () => KNOWN_NOISE_RULE, kibana: undefined, readers: () => reader };
  return messageOf(hashId(NOISE_RULE_ID, receiver), newAlertGroup(target), inflight, context);
}
