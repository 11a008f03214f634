import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../../src/explain/explanation.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { explained } from '../../support/engine/explaining.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, world } from '../../support/engine/world.ts';

const boom = (minute: number, service: string) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });
const of = ({ groups }: Explanation, service: string) => groups.find(({ group }) => group['service'] === service);

describe('the traces behind a group', () => {
  const traced = (minute: number, trace: string) => ({ ...boom(minute, 'a'), trace: { id: trace } });
  const scene = world();
  scene.add('traces-app', traced(0.2, 't1'), traced(0.4, 't2'), { ...boom(0.5, 'b'), trace: { id: 't3' } });
  const logged = (trace: string, message: string) => ({
    ...boom(0.3, 'a'),
    trace: { id: trace },
    log: { level: 'error' },
    message,
  });
  scene.add('logs-app', logged('t1', 'connection refused'), logged('t3', 'of a group that is fine'));
  const evidence = { fields: [], samples: 3, top: [] };
  const rule = testRule({
    name: 'slow',
    index: 'traces-*',
    groupBy: ['service'],
    window: MINUTE,
    condition: 'count >= 2',
    evidence,
  });
  const moment = NOON + MINUTE;

  test('are notified with what they left in the logs, of groups that are bad', async () => {
    const story = await explained(scene, rule, { moment }, { kibana: { url: 'https://kibana.example.com' } });
    const traces = of(story, 'a')?.traces;
    expect(traces).toMatchObject({
      traceIds: ['t2', 't1'],
      logs: [{ level: 'error', text: 'connection refused', traceId: 't1' }],
    });
    expect(traces?.links.map(({ label, url }) => [label, new URL(url).pathname])).toEqual([
      ['Trace', '/app/apm/link-to/trace/t1'],
      ['Logs of the traces', '/app/r'],
    ]);
    expect(of(story, 'b')).toMatchObject({ finding: { kind: 'clear' }, traces: undefined });
  });

  test('are notified as not known when the search for them fails, and so is all the rest', async () => {
    const search: Search = {
      ask: async (queries, signal) => {
        const answers = await scene.backend.search.ask(queries, signal);
        return answers.map((answer, index) => {
          const query = queries[index];
          const isAboutLogs = query?.kind === 'hits' && query.first !== undefined;
          return isAboutLogs ? { kind: 'failed', problem: searchProblem('timeout', 'too slow'), cost: NO_COST } : answer;
        });
      },
    };
    const story = await explained(scene, rule, { moment }, { search });
    expect(of(story, 'a')).toMatchObject({ finding: { kind: 'breach' }, traces: { logs: [], problem: 'too slow' } });
  });
});
