/** Rules of the end-to-end tests, one of each type, over data streams that begin with a prefix of the test's own. */
export const shopRules = (prefix: string) => `
name: stub-5xx
type: frequency
index: ${prefix}traces-apm*
query: service.name:"stub" and http.response.status_code >= 500
group_by: [service.name, url.path]
delay: 0s
window: 2m
condition: count >= 5
recover: count < 1
for: 1m
keep_firing_for: 1m
labels: { severity: critical, team: todo }
message:
  title: "{{ group['service.name'] }} fails on {{ group['url.path'] }}"
  text: "{{ count }} server errors in {{ window }}"
evidence: { fields: [message, trace.id], samples: 2, top: [http.response.status_code] }
---
name: container-memory
type: threshold
index: ${prefix}metrics-kubernetes*
group_by: [kubernetes.pod.name]
delay: 0s
window: 2m
metrics:
  used: { max: kubernetes.container.memory.usage.bytes }
  limit: { max: kubernetes.container.memory.limit.bytes }
levels:
  - { severity: critical, condition: used / limit > 0.95 }
  - { severity: warning, condition: used / limit > 0.85 }
recover: used / limit < 0.80
message: { title: "{{ group['kubernetes.pod.name'] }} is near its limit" }
---
name: traffic-jump
type: spike
index: ${prefix}traces-apm*
group_by: [service.name]
delay: 0s
window: 5m
condition: current >= 3 * reference && current >= 50
message: { title: "traffic of {{ group['service.name'] }} jumps" }
---
name: host-silent
type: flatline
index: ${prefix}metrics-system*
group_by: [host.name]
delay: 0s
window: 3m
condition: count < 1
message: { title: "{{ group['host.name'] }} is silent" }
`;

const MINUTE = 60_000;

/** One document and the data it belongs to. */
export interface ShopDocument {
  readonly index: string;
  readonly source: Readonly<Record<string, unknown>>;
}

/** An hour of the shop: errors on /todos/ from minute 10 to 16, a pod near its limit, a host that is silent for a while, a jump of traffic. */
export function shopDocuments(prefix: string, start: number): readonly ShopDocument[] {
  const at = (minute: number) => new Date(start + minute * MINUTE).toISOString();
  const documents: ShopDocument[] = [];
  for (let minute = 0; minute < 60; minute++) {
    const errors = minute >= 10 && minute < 16 ? 4 : 0;
    for (let n = 0; n < errors; n++) {
      const trace = `trace-${minute}-${n}`;
      documents.push({
        index: `${prefix}traces-apm-default`,
        source: {
          '@timestamp': at(minute + n / 10),
          'service.name': 'stub',
          'url.path': '/todos/',
          'http.response.status_code': 500,
          'trace.id': trace,
          message: `boom ${n} <!channel>`,
        },
      });
    }
    const calls = minute >= 30 && minute < 35 ? 20 : 2;
    for (let n = 0; n < calls; n++) {
      documents.push({
        index: `${prefix}traces-apm-default`,
        source: { '@timestamp': at(minute + n / 100), 'service.name': 'shop', 'url.path': '/', 'http.response.status_code': 200 },
      });
    }
    const share = minute < 12 ? 0.5 : minute < 15 ? 0.9 : minute < 18 ? 0.97 : 0.6;
    const pod = { '@timestamp': at(minute), 'kubernetes.pod.name': 'stub-1' };
    documents.push({
      index: `${prefix}metrics-kubernetes`,
      source: { ...pod, 'kubernetes.container.memory.usage.bytes': share * 1_000 },
    });
    documents.push({
      index: `${prefix}metrics-kubernetes`,
      source: { ...pod, 'kubernetes.container.memory.limit.bytes': 1_000 },
    });
    for (const host of ['node-1', 'node-2']) {
      if (host === 'node-2' && minute >= 20 && minute < 27) continue;
      documents.push({
        index: `${prefix}metrics-system`,
        source: { '@timestamp': at(minute), 'host.name': host, 'system.cpu.total.pct': 0.2 },
      });
    }
  }
  return documents;
}

/** The mapping that these documents have in a stack: keywords, numbers and text where agents' templates put them. */
export const SHOP_MAPPING = {
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date' },
    message: { type: 'text' },
    'service.name': { type: 'keyword' },
    'url.path': { type: 'keyword' },
    'trace.id': { type: 'keyword' },
    'http.response.status_code': { type: 'long' },
    'kubernetes.pod.name': { type: 'keyword' },
    'kubernetes.container.memory.usage.bytes': { type: 'long' },
    'kubernetes.container.memory.limit.bytes': { type: 'long' },
    'host.name': { type: 'keyword' },
    'system.cpu.total.pct': { type: 'double' },
  },
};
