import type { GivenDocument } from '../../src/backends/embedded/documents.ts';
import type { Silence } from '../../src/notify/silences.ts';

const MINUTE = 60_000;

/** Whether an error of the log is what must come: a message to a receiver that was renamed meanwhile is dead, loudly. */
export function isNotifiable({ msg, receiver }: { readonly msg?: unknown; readonly receiver?: unknown }): boolean {
  return String(msg).startsWith('notification dead') && String(receiver).startsWith('team-');
}

/** How fast everything comes and goes, ms. */
export interface Pace {
  /** How often rules are evaluated. */
  readonly every: number;
  /** How long pods live before all of them are replaced by others with new names. */
  readonly pods: number;
  /** How long one of the rules, and one of the receivers, lives before another takes its place. */
  readonly rules: number;
  readonly receivers: number;
  /** How long a silence lasts; a new one begins as often. */
  readonly silences: number;
}

const SERVICES = 4;
const PODS = 3;

const duration = (ms: number) => `${Math.round(ms / 1_000)}s`;

/** The rule files at a time: one of each kind that remembers something, grouped by pods, and one that another has taken the place of. */
export function ruleFiles(now: number, pace: Pace): Readonly<Record<string, string>> {
  const window = duration(pace.every);
  const common = `index: logs-*\nevery: ${window}\ndelay: 0s\nwindow: ${window}\n`;
  const rule = (name: string, keys: string) => `name: ${name}\n${common}${keys}`;
  const generation = Math.floor(now / pace.rules);
  return {
    'errors.yaml': rule('errors', 'type: frequency\nquery: log.level:error\ngroup_by: [pod]\ncondition: count >= 1\n'),
    'memory.yaml': rule(
      'memory',
      'type: threshold\ngroup_by: [pod]\nmetrics: { used: { avg: memory } }\ncondition: used > 60\nno_data: resolve\n',
    ),
    'silent.yaml': rule(
      'silent',
      `type: flatline\ngroup_by: [pod]\ncondition: count < 1\nforget_after: ${duration(pace.every * 12)}\n`,
    ),
    'traffic.yaml': rule('traffic', 'type: spike\ngroup_by: [service]\ncondition: current >= 3 * reference && current >= 10\n'),
    'new-pod.yaml': rule('new-pod', `type: new_term\nfield: pod\ngroup_by: [pod]\nlookback: ${duration(pace.every * 30)}\n`),
    'events.yaml': rule('events', 'type: match\nquery: log.level:error and service:s1\ngroup_by: [pod]\n'),
    [`passing-${generation}.yaml`]: rule(
      `passing-${generation}`,
      'type: frequency\ngroup_by: [service]\ncondition: count >= 1\n',
    ),
  };
}

/** `tocsin.yaml` at a time: a receiver that stays and one that is renamed; alert groups by pod. */
export function configFile(
  now: number,
  pace: Pace,
  given: { readonly namespace: string; readonly elasticsearch: string; readonly hook: string; readonly rest: string },
): string {
  const renamed = `team-${Math.floor(now / pace.receivers)}`;
  return `namespace: ${given.namespace}
elasticsearch: { url: '${given.elasticsearch}' }
rules: rules
meta_receiver: fixed
route:
  receiver: fixed
  group_by: [alertname, pod]
  group_interval: 1m
  routes: [{ receiver: ${renamed}, matchers: ['alertname=~"errors|passing.*"'], continue: true }, { receiver: fixed }]
receivers:
  - { name: fixed, webhook_configs: [{ url: '${given.hook}/fixed' }] }
  - { name: ${renamed}, slack_configs: [{ api_url: '${given.hook}/slack' }] }
${given.rest}`;
}

/** What pods say in the minute or so before a time; pods of the same number live as long as the pace says, and half of them are in problem. */
export function documentsOf(from: number, to: number, step: number, pace: Pace): readonly GivenDocument[] {
  const documents: GivenDocument[] = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) {
    const generation = Math.floor(at / pace.pods);
    for (let s = 0; s < SERVICES; s++) {
      for (let p = 0; p < PODS; p++) {
        const failure = (Math.floor(at / (7 * MINUTE)) + s + p) % 3 === 0;
        documents.push({
          index: 'logs-soak',
          source: {
            '@timestamp': new Date(at).toISOString(),
            service: `s${s}`,
            pod: `s${s}-${generation.toString(36)}-${p}`,
            'log.level': failure ? 'error' : 'info',
            memory: failure ? 80 : 40,
            message: failure ? `request ${at} failed` : 'all is well',
          },
        });
      }
    }
  }
  return documents;
}

/** The silence that begins at a time. */
export function silenceAt(now: number, pace: Pace): Silence {
  const number = Math.floor(now / pace.silences);
  return {
    v: 1,
    id: `silence-${number}`,
    matchers: [{ label: 'pod', op: '=~', value: `s${number % SERVICES}-.*` }],
    starts_at: number * pace.silences,
    ends_at: (number + 1) * pace.silences,
    created_by: 'soak',
    comment: 'planned work',
  };
}
