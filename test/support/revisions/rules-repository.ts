import { HOUR, iso, MINUTE } from '../../../src/core/time.ts';
import { type ScriptedRepository, scriptedRepository } from './repository.ts';

/** Begin of the documents of these tests, and how long they last. */
export const START = Date.parse('2026-01-24T00:00:00Z');
export const LONG = 6 * HOUR;

/** A rule that counts errors of a service. */
export const errorRule = (name: string, least: number, more = '') =>
  `name: ${name}
type: frequency
index: logs-*
query: 'http.response.status_code >= 500'
group_by: [service.name]
window: 5m
every: 1m
condition: count >= ${least}
labels: { team: shop, severity: warning }
${more}`;

const TEST = `tests:
  - name: enough errors
    start: 2026-01-01T10:00:00Z
    documents:
      - at: 1m
        repeat: 6
        every: 1s
        document: { http.response.status_code: 500, service.name: shop }
    checks:
      - at: 3m
        alerts: [{ group: { service.name: shop }, status: firing }]
`;

/** Documents of six hours, one a line: \`shop\` has errors in the third of each hour that begins it, \`cart\` has none. */
export function errorDocuments(): string {
  const lines: string[] = [];
  for (let at = START - HOUR; at < START + LONG; at += MINUTE / 2) {
    const bad = at % HOUR < 20 * MINUTE;
    const line = (service: string, status: number) =>
      JSON.stringify({
        '@timestamp': iso(at),
        'service.name': service,
        'http.response.status_code': status,
        'user.name': 'someone',
      });
    lines.push(line('shop', bad ? 500 : 200), line('cart', 200));
  }
  return `${lines.join('\n')}\n`;
}

/** A repository whose branch \`proposal\` changes one rule, adds one and removes one; its documents lie beside the rules. */
export async function rulesRepository(): Promise<ScriptedRepository> {
  const one = await scriptedRepository();
  await one.write({
    'rules/errors.yaml': errorRule('errors', 8),
    'rules/errors.test.yaml': TEST,
    'rules/same.yaml': errorRule('same', 5),
    'rules/gone.yaml': errorRule('gone', 9),
    'documents.ndjson': errorDocuments(),
  });
  one.commit('before');
  one.git('checkout', '-q', '-b', 'proposal');
  await one.write({
    'rules/errors.yaml': errorRule('errors', 3),
    'rules/new.yaml': errorRule('new', 2),
    'rules/gone.yaml': undefined,
  });
  one.commit('after');
  return one;
}
