import { describe, expect, it } from 'vitest';
import { FROM_THE_START } from '../../../src/backends/elasticsearch/stores/indices.ts';
import { observe } from '../../faults/stage/observer.ts';
import { stepOf } from '../../faults/stage/steps.ts';
import { alertGroup, inflightOf, queuedEntry } from '../../support/engine/notified.ts';

const bulk = (id: string, body: unknown) => `${JSON.stringify({ index: { _id: id } })}\n${JSON.stringify({ body })}\n`;

describe('the requests of the service, as the fault plays see them', () => {
  const history = ['alerts', 'notifications'];

  it.each(FROM_THE_START.filter((index) => !history.includes(index)))('names the step of a search in tocsin-%s', (index) => {
    expect(stepOf(`/tocsin-${index}/_search?size=1`, '', () => undefined)).not.toBe('other');
  });

  it('follows the documents of rules and of alert groups', () => {
    const observer = observe();
    const written = {
      type: 'application/json',
      status: 200,
      body: Buffer.from(JSON.stringify({ items: [{ index: { status: 200, _seq_no: 1, _primary_term: 1 } }] })),
    };
    const document = alertGroup({ queued: [queuedEntry(1)] });
    observer.saw('a life', { method: 'POST', path: '/tocsin-alert-groups/_bulk', payload: bulk('team', document) }, written);
    expect(observer.alertGroups.get('team')).toMatchObject([{ life: 'a life', document: { queued: [{ n: 1 }] } }]);
  });

  it('follows what leaves an alert group for others', () => {
    const bulkOf = (id: string, before: unknown, after: unknown) =>
      stepOf('/tocsin-alert-groups/_bulk', bulk(id, after), () => before);
    const entry = { ...queuedEntry(1), to: [] };
    const leaving = { since: 0, n: 1, entries: [entry] };
    const left = alertGroup({ leaving });
    expect(bulkOf('team', alertGroup({}), left)).toBe('pass on');
    expect(bulkOf('lead', alertGroup({}), alertGroup({ taken: { 'alert group/team/errors#0': 1 } }))).toBe('hand over');
    expect(bulkOf('team', left, alertGroup({ leaving: { ...leaving, entries: [] } }))).toBe('forget passed on');
    expect(bulkOf('team', left, left)).toBe('enqueue');
  });

  it('tells a claim in an alert group from what is only enqueued', () => {
    const claimed = alertGroup({ inflight: inflightOf([]) });
    expect(stepOf('/tocsin-alert-groups/_bulk', bulk('team', alertGroup({})), () => alertGroup({}))).toBe('enqueue');
    expect(stepOf('/tocsin-alert-groups/_bulk', bulk('team', claimed), () => alertGroup({}))).toBe('claim');
  });
});
