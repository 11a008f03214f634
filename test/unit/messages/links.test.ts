import { describe, expect, it, test } from 'vitest';
import { type DiscoverQuestion, discoverLink, traceLink, traceLogsLink } from '../../../src/messages/links.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const KIBANA = { url: 'https://kibana.example.com' };
const QUESTION: DiscoverQuestion = {
  indices: ['traces-apm*', 'traces-*.otel-*'],
  timeField: '@timestamp',
  query: { language: 'kql', text: 'status >= 500' },
  group: {},
  window: { from: NOON - 300_000, to: NOON },
};

/** What Kibana's redirect reads out of a link: the locator, the version of its parameters, and the parameters. */
function readLink(link: string | undefined) {
  const url = new URL(link ?? 'https://no.link');
  const { l, v, p } = Object.fromEntries(url.searchParams);
  return { path: url.pathname, locator: l, version: v, parameters: JSON.parse(p ?? 'null') };
}

describe('the link to Discover', () => {
  it('opens the indices, the query and the window without a data view that someone saved', () => {
    expect(readLink(discoverLink(KIBANA, QUESTION))).toEqual({
      path: '/app/r',
      locator: 'DISCOVER_APP_LOCATOR',
      version: '8.9.0',
      parameters: {
        dataViewSpec: {
          id: expect.stringMatching(/^tocsin-[0-9a-f]+$/),
          title: 'traces-apm*,traces-*.otel-*',
          timeFieldName: '@timestamp',
          allowNoIndex: true,
        },
        timeRange: { from: '2026-01-01T11:55:00.000Z', to: '2026-01-01T12:00:00.000Z' },
        query: { language: 'kuery', query: 'status >= 500' },
      },
    });
  });

  test.each<[string, Partial<DiscoverQuestion>, unknown]>([
    ['narrowed to the group', { group: { a: 'x', b: 'y "z" \\' } }, '(status >= 500) and a:"x" and b:"y \\"z\\" \\\\"'],
    ['narrowed to the group that lacks a field', { group: { a: null } }, '(status >= 500) and not a:*'],
    ['of everything', { query: { language: 'kql', text: '*' }, group: { a: 'x' } }, 'a:"x"'],
    ['in Lucene', { query: { language: 'lucene', text: 's:5*' }, group: { a: null } }, '(s:5*) AND NOT _exists_:a'],
    ['with half a character', { group: { a: '\ud83d' } }, '(status >= 500) and a:"\ufffd"'],
  ])('has the query %s', (_name, change, query) => {
    expect(readLink(discoverLink(KIBANA, { ...QUESTION, ...change })).parameters.query.query).toBe(query);
  });

  it('names the time field of the rule, and another data view for other indices', () => {
    const one = readLink(discoverLink(KIBANA, QUESTION)).parameters.dataViewSpec;
    const other = readLink(discoverLink(KIBANA, { ...QUESTION, indices: ['logs-*'], timeField: 'ts' })).parameters.dataViewSpec;
    expect(other).toMatchObject({ title: 'logs-*', timeFieldName: 'ts' });
    expect(other.id).not.toBe(one.id);
  });

  it('is none for a query in DSL', () => {
    expect(discoverLink(KIBANA, { ...QUESTION, query: { language: 'dsl', text: '{}' } })).toBeUndefined();
  });

  test.each([
    ['the default space', { url: 'https://kibana.example.com/', space: 'default' }, '/app/r'],
    ['another space', { url: 'https://kibana.example.com', space: 'shop' }, '/s/shop/app/r'],
    ['a base path', { url: 'https://example.com/kibana/' }, '/kibana/app/r'],
  ])('leads to %s', (_name, kibana, path) => {
    expect(readLink(discoverLink(kibana, QUESTION)).path).toBe(path);
  });
});

describe('the links of traces', () => {
  const range = { from: NOON - 60_000, to: NOON + 120_000 };

  it('lead to the trace in APM, around its time', () => {
    const url = new URL(traceLink({ ...KIBANA, space: 'shop' }, 'a/b', range));
    expect(url.pathname).toBe('/s/shop/app/apm/link-to/trace/a%2Fb');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      rangeFrom: '2026-01-01T11:59:00.000Z',
      rangeTo: '2026-01-01T12:02:00.000Z',
    });
  });

  it('lead to the logs of all of them, in every field that may hold their ids', () => {
    const traceIds = ['4bf92f3577b34da6a3ce929d0e0e4736', 'b"'];
    const { parameters } = readLink(
      traceLogsLink(KIBANA, { indices: ['logs-*'], fields: ['trace.id', 'trace_id'], traceIds, ...range }),
    );
    expect(parameters).toMatchObject({
      dataViewSpec: { title: 'logs-*', timeFieldName: '@timestamp' },
      timeRange: { from: '2026-01-01T11:59:00.000Z', to: '2026-01-01T12:02:00.000Z' },
      query: {
        language: 'kuery',
        query:
          'trace.id:("4bf92f3577b34da6a3ce929d0e0e4736" or "b\\"") or trace_id:("4bf92f3577b34da6a3ce929d0e0e4736" or "b\\"")',
      },
    });
  });

  it('stay within what messages may link to, with five traces', () => {
    const traceIds = Array.from({ length: 5 }, (_, index) => `${index}bf92f3577b34da6a3ce929d0e0e4736`);
    const link = traceLogsLink(KIBANA, { indices: ['logs-*'], fields: ['trace.id', 'trace_id'], traceIds, ...range });
    expect(link.length).toBeLessThan(1_500);
  });
});
