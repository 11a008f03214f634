import { TEST_CERTIFICATE } from '../../support/certificate.ts';
import { RULES } from './story.ts';

/** Where a replica finds its cluster and its receivers, and what a scenario wants otherwise. */
export interface Places {
  readonly namespace: string;
  readonly cluster: readonly string[];
  readonly index: string;
  readonly hook: string;
  readonly chat: string;
  /** A webhook of which the usual configuration says nothing. */
  readonly spare: string;
  readonly smarthost: string;
  /** Whether mail must go over TLS. */
  readonly tls: boolean;
}

/** The receivers of every scenario: each transition is due to each of them. */
export const RECEIVERS = ['hook', 'chat', 'mail'] as const;
export type Receiver = (typeof RECEIVERS)[number] | 'spare';

/** Whose mails the oracle reads. */
export const TEAM = 'team@example.com';

/** A lease that outlives a send, short enough that a story can wait for its end, ms. */
const LEASE = 19_000;

/** How notifications are spaced, and who gets the mails beside the team. */
export interface Spacing {
  readonly alsoMailTo?: string;
  readonly groupWait?: string;
  readonly groupInterval?: string;
}

/** Receivers of a configuration, and the way to them. */
interface Way {
  readonly receivers: readonly object[];
  readonly route: {
    readonly receiver: string;
    readonly routes: readonly ({ readonly receiver: string } & Readonly<Record<string, unknown>>)[];
  } & Readonly<Record<string, unknown>>;
}

/** A `tocsin.yaml` as JSON. */
export type Configuration = Way & Readonly<Record<string, unknown>>;

/** What a scenario makes of the usual configuration. */
export type Change = (usual: Configuration, places: Places) => Configuration;

/** The `tocsin.yaml` of a replica. */
export function configText(places: Places, spacing: Spacing = {}, change: Change = (usual) => usual): string {
  return JSON.stringify(change(usualConfig(places, spacing), places));
}

function usualConfig(
  { namespace, cluster, hook, chat, smarthost, tls }: Places,
  { groupWait = '0s', groupInterval = '2s', alsoMailTo }: Spacing,
): Configuration {
  const mail = {
    smarthost,
    from: 'tocsin@example.com',
    to: alsoMailTo === undefined ? TEAM : [TEAM, alsoMailTo],
    ...(tls ? { ca: TEST_CERTIFICATE } : { require_tls: false }),
  };
  return {
    namespace,
    elasticsearch: { urls: cluster, request_timeout: '6s', compression: false },
    rules: ['rules.yaml'],
    server: { enabled: false },
    log: { level: 'debug' },
    delivery: { lease: `${LEASE / 1_000}s`, send_timeout: '15s' },
    reload_interval: '1s',
    receivers: [
      { name: 'hook', webhook_configs: [{ name: 'one', url: hook }] },
      { name: 'chat', slack_configs: [{ name: 'one', api_url: chat }] },
      { name: 'mail', email_configs: [{ name: 'one', ...mail }] },
    ],
    route: {
      receiver: 'hook',
      group_wait: groupWait,
      group_interval: groupInterval,
      routes: [
        { receiver: 'hook', group_by: ['alertname', 'service'], continue: true },
        { receiver: 'chat', group_by: ['alertname'], continue: true },
        { receiver: 'mail', group_by: ['alertname'] },
      ],
    },
  };
}

/** What the oracle reads out of every text that a receiver gets: which alert, and the tick of its last change. */
const TITLE = "<<{{ rule }} {{ group['service'] }} {{ started }} {{ at }} {{ status }} {{ severity }} {{ earlier_episodes }}>>";

/** The rules of every scenario, one document each. */
export function rulesText(index: string, description = 'Something fails.'): string {
  return RULES.map((rule) =>
    JSON.stringify({
      name: rule,
      type: 'frequency',
      description,
      index,
      query: `app:${rule}`,
      group_by: ['service'],
      every: '1s',
      window: '1s',
      delay: '0s',
      timeout: '3s',
      levels: [
        { severity: 'critical', condition: 'count >= 3' },
        { severity: 'warning', condition: 'count >= 1' },
      ],
      evidence: { samples: 0 },
      // Stories are made of short episodes, and each of them is to be notified.
      flapping: 'off',
      // Otherwise an end is sent under the title that it fired with.
      message: { title: TITLE, resolved_title: TITLE },
    }),
  ).join('\n---\n');
}
