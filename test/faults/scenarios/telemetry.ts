import { setTimeout as pause } from 'node:timers/promises';
import { es } from '../../support/elasticsearch/request.ts';
import type { Heard } from '../stage/heard.ts';
import { wholeNumber } from '../stage/random.ts';
import type { Stage } from '../stage/stage.ts';
import { killAndStart } from './kills.ts';
import type { Scenario } from './scenario.ts';

const HOSTS = ['node-1', 'node-2', 'node-3', 'node-4', 'node-5'] as const;
/** The host that does not come back. */
const AWAY = 'node-5';
/** Seconds of the story in which no host reports. */
const SILENT = { from: 4, to: 12 } as const;
/** Hosts report until long after the story, ms. */
const TAIL = 600_000;

const hostsIndex = (index: string) => `${index}-hosts`;

/** A critical rule about hosts, evaluated every second. */
const hostRule = (index: string) =>
  JSON.stringify({
    name: 'hosts',
    type: 'flatline',
    description: 'A host stopped sending.',
    index: hostsIndex(index),
    ignore_missing_index: true,
    group_by: ['host.name'],
    ...{ every: '1s', window: '2s', delay: '0s', timeout: '3s' },
    labels: { severity: 'critical' },
    evidence: { samples: 0 },
    flapping: 'off',
  });

/** All hosts fall silent together and all but one come back, while replicas are killed and their requests are lost. */
async function totalOutage(stage: Stage): Promise<void> {
  const { zero, cluster, index, random } = stage;
  const client = es(cluster[0] ?? '');
  const mappings = {
    properties: { '@timestamp': { type: 'date' }, host: { properties: { name: { type: 'keyword' } } } },
  };
  await client.json('PUT', `/${hostsIndex(index)}`, { settings: { number_of_shards: 1, number_of_replicas: 0 }, mappings });
  const documents: object[] = [];
  for (let at = zero - 4_000; at < zero + TAIL; at += 500) {
    if (at >= zero + SILENT.from * 1_000 && at < zero + SILENT.to * 1_000) continue;
    const present = at < zero + SILENT.from * 1_000 ? HOSTS : HOSTS.filter((host) => host !== AWAY);
    documents.push(...present.map((host) => ({ '@timestamp': new Date(at + 250).toISOString(), host: { name: host } })));
  }
  await client.bulk(hostsIndex(index), documents);
  for (const second of [SILENT.from + 1, SILENT.to - 3, SILENT.to + 1]) {
    await stage.second(second + wholeNumber(random, 0, 2));
    await pause(wholeNumber(random, 0, 999));
    await killAndStart(stage);
  }
  await stage.second(stage.story.main);
}

/** Each receiver was sent the outage, critical, and the host that stayed away; and none of the hosts that came back. */
function outageWasSent({ hook, chat, mail }: Stage): readonly string[] {
  return Object.entries({ hook: hook.heard, chat: chat.heard, mail: mail.heard }).flatMap(([receiver, heard]) => {
    const about = heard.filter(({ text }) => text.includes(`${HOSTS.length} hosts stopped reporting at once`));
    const alone = (host: string) => heard.some(({ text }) => text.includes(`A host stopped sending: ${host}`));
    return [
      ...(about.length === 0 ? [`${receiver} was not sent the outage`] : []),
      ...(about.some(({ text }) => !/critical/i.test(text) && !/resolved/i.test(text))
        ? [`${receiver} was sent it as less than critical`]
        : []),
      ...(distinct(about) > 3 ? [`${receiver} was sent ${distinct(about)} messages about one outage`] : []),
      ...(alone(AWAY) ? [] : [`${receiver} was not sent ${AWAY}, which stayed away`]),
      ...HOSTS.filter((host) => host !== AWAY && alone(host)).map((host) => `${receiver} was sent ${host}, which came back`),
    ];
  });
}

function distinct(heard: readonly Heard[]): number {
  return new Set(heard.map(({ message }) => message)).size;
}

/** Faults of what is watched, and of Tocsin at the same time. */
export const telemetryScenarios: readonly Scenario[] = [
  {
    name: 'total-outage',
    title: 'Every host stops sending at once and all but one return, while replicas are killed',
    part: 'Telemetry',
    cluster: 'shared',
    main: 22,
    seeds: 6,
    fast: 1,
    rules: hostRule,
    strike: totalOutage,
    check: outageWasSent,
  },
];
