import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runWords, type Surroundings } from '../../support/cli/fake-command-line.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'dry-run');
const RULES = join(FIXTURES, 'rules.yaml');
const DOCUMENTS = join(FIXTURES, 'documents.ndjson');
const HALF_HOUR = ['--from', '2026-01-01T10:00Z', '--to', '2026-01-01T10:30Z'];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-dry-run-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dryRun = (words: readonly string[], given?: Surroundings) => runWords(['dry-run', ...words], given);

async function reportOf(words: readonly string[]) {
  const { code, stdout } = await dryRun([...words, '--format', 'json']);
  return { code, report: JSON.parse(stdout) };
}

describe('the JSON of a dry run', () => {
  test('reports every rule what it would have done', async () => {
    const { code, report } = await reportOf([RULES, ...HALF_HOUR, '--documents', DOCUMENTS]);
    expect(code).toBe(0);
    const pod = { pod: 'p1' };
    const cart = { 'service.name': 'cart' };
    const notified = { receiver: 'default', channel: 'console', alerts: 1 };
    const at = (time: string) => ({ at: `2026-01-01T10:${time}:00.000Z` });
    expect(report).toEqual({
      from: '2026-01-01T10:00:00.000Z',
      to: '2026-01-01T10:30:00.000Z',
      rules: [
        {
          name: 'memory',
          windows: 30,
          failed: 0,
          gaps: [],
          transitions: [
            {
              ...at('03'),
              group: pod,
              from: 'inactive',
              to: 'firing',
              reason: 'breach',
              severity: 'warning',
              values: { used: 90 },
            },
            {
              ...at('08'),
              group: pod,
              from: 'firing',
              to: 'inactive',
              reason: 'recovered',
              severity: 'warning',
              values: { used: 60 },
            },
          ],
          levels: [
            { ...at('05'), group: pod, from: 'warning', to: 'critical', reason: 'worse', values: { used: 97 } },
            { ...at('07'), group: pod, from: 'critical', to: 'warning', reason: 'better', values: { used: 90 } },
          ],
          notifications: [
            { ...at('03'), ...notified, reason: 'first', title: '[FIRING] memory: p1' },
            { ...at('08'), ...notified, reason: 'resolved', title: '[RESOLVED] memory: p1' },
          ],
        },
        {
          name: 'stub-5xx',
          windows: 30,
          failed: 0,
          gaps: [],
          transitions: [
            {
              ...at('06'),
              group: cart,
              from: 'inactive',
              to: 'pending',
              reason: 'breach',
              severity: 'critical',
              values: { count: 3 },
            },
            {
              ...at('07'),
              group: cart,
              from: 'pending',
              to: 'firing',
              reason: 'breach',
              severity: 'critical',
              values: { count: 6 },
            },
            {
              ...at('11'),
              group: cart,
              from: 'firing',
              to: 'inactive',
              reason: 'recovered',
              severity: 'critical',
              values: { count: 0 },
            },
          ],
          notifications: [
            { ...at('07'), ...notified, reason: 'first', title: '[FIRING] cart fails' },
            { ...at('12'), ...notified, reason: 'resolved', title: '[RESOLVED] cart fails' },
          ],
        },
      ],
      health: [],
    });
  });

  test('ticks lie in (from, to]', async () => {
    const { report } = await reportOf([
      RULES,
      '--from',
      '2026-01-01T10:03Z',
      '--to',
      '2026-01-01T10:08Z',
      '--documents',
      DOCUMENTS,
    ]);
    expect(report.rules[0].windows).toBe(5);
    expect(report.rules[0].transitions.map(({ at }: { at: string }) => at)).toEqual([
      '2026-01-01T10:04:00.000Z',
      '2026-01-01T10:08:00.000Z',
    ]);
  });

  test('a range between two ticks has none', async () => {
    const { code, report } = await reportOf([
      RULES,
      '--from',
      '2026-01-01T10:03:10Z',
      '--to',
      '2026-01-01T10:03:50Z',
      '--documents',
      DOCUMENTS,
    ]);
    expect({ code, windows: report.rules[0].windows, failed: report.rules[0].failed }).toEqual({
      code: 0,
      windows: 0,
      failed: 0,
    });
  });

  test('a warm-up gives the alerts their past without reporting it', async () => {
    const range = ['--from', '2026-01-01T10:06Z', '--to', '2026-01-01T10:30Z'];
    const { report } = await reportOf([RULES, ...range, '--warm-up', '6m', '--documents', DOCUMENTS]);
    const [memory] = report.rules;
    expect(memory.windows).toBe(24);
    expect(memory.transitions).toMatchObject([{ at: '2026-01-01T10:08:00.000Z', from: 'firing', to: 'inactive' }]);
    expect(memory.levels).toMatchObject([{ from: 'critical', to: 'warning' }]);
    expect(memory.notifications).toMatchObject([{ at: '2026-01-01T10:08:00.000Z', reason: 'resolved' }]);
    const cold = await reportOf([RULES, ...range, '--documents', DOCUMENTS]);
    expect(cold.report.rules[0].transitions[0]).toMatchObject({ at: '2026-01-01T10:07:00.000Z', from: 'inactive' });
  });

  test('the same words give the same bytes', async () => {
    const words = [RULES, ...HALF_HOUR, '--documents', DOCUMENTS, '--format', 'json'];
    expect(await dryRun(words)).toEqual(await dryRun(words));
  });
});

describe('windows that cannot be evaluated', () => {
  test('are counted and explained, under health too, and end with 1', async () => {
    const { code, report } = await reportOf([join(FIXTURES, 'no-index.yaml'), ...HALF_HOUR, '--documents', DOCUMENTS]);
    expect(code).toBe(1);
    expect(report.rules).toMatchObject([
      {
        name: 'no-index',
        windows: 30,
        failed: 30,
        transitions: [],
        problems: [{ code: 'no_index', first: '2026-01-01T10:01:00.000Z' }],
      },
    ]);
    expect(report.health).toMatchObject([
      {
        at: '2026-01-01T10:03:00.000Z',
        group: { kind: 'rule', subject: 'no-index' },
        from: 'inactive',
        to: 'firing',
        severity: 'warning',
      },
    ]);
  });

  test('a file that does not load ends with 1, and the others are played', async () => {
    const { code, stdout, stderr } = await dryRun([FIXTURES, ...HALF_HOUR, '--documents', DOCUMENTS, '--format', 'json']);
    expect(code).toBe(1);
    expect(stderr).toContain('broken.yaml:4:1 conditon: unknown key "conditon"');
    const report = JSON.parse(stdout);
    expect(report.rules.map(({ name }: { name: string }) => name)).toEqual(['memory', 'no-index', 'stub-5xx']);
    expect(report.health).toContainEqual(
      expect.objectContaining({ group: { kind: 'file', subject: expect.stringContaining('broken.yaml') } }),
    );
  });
});

describe('documents from files', () => {
  test('several files, packed or not, plain sources or with an index', async () => {
    const lines = (await readFile(DOCUMENTS, 'utf8')).trim().split('\n');
    const traces = join(folder, 'traces.ndjson.gz');
    const metrics = join(folder, 'metrics.ndjson');
    await writeFile(traces, gzipSync(lines.filter((line) => line.includes('traces-')).join('\n')));
    // Without _index a document belongs to every index; these have no pod or no status code, so that changes nothing.
    const plain = lines.filter((line) => line.includes('metrics-')).map((line) => JSON.stringify(JSON.parse(line)._source));
    await writeFile(metrics, `${plain.join('\r\n')}\r\n\r\n`);
    const split = await reportOf([RULES, ...HALF_HOUR, '--documents', traces, metrics]);
    const whole = await reportOf([RULES, ...HALF_HOUR, '--documents', DOCUMENTS]);
    expect(split).toEqual(whole);
  });

  test('a line that is no document ends with 2: a part of the documents proves nothing', async () => {
    const file = join(folder, 'bad.ndjson');
    await writeFile(file, '{"@timestamp":"2026-01-01T10:00:00Z"}\n{"a": \n');
    const { code, stdout, stderr } = await dryRun([RULES, ...HALF_HOUR, '--documents', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/bad\.ndjson:2:\d+/);
  });

  test('a file that is not there ends with 2', async () => {
    const { code, stderr } = await dryRun([RULES, ...HALF_HOUR, '--documents', join(folder, 'absent.ndjson')]);
    expect(code).toBe(2);
    expect(stderr).toContain('absent.ndjson cannot be read');
  });
});

describe('what it refuses', () => {
  test.each([
    ['a range that ends before it begins', [RULES, '--from', '2026-01-02', '--to', '2026-01-01'], 'is not before'],
    ['a range without length', [RULES, '--from', '2026-01-01', '--to', '2026-01-01'], 'is not before'],
    ['a moment that is none', [RULES, '--from', 'tuesday'], 'is not a time'],
    ['a cluster that is not there', [RULES, ...HALF_HOUR], 'Elasticsearch cannot be reached'],
  ])('%s', async (_name, words, message) => {
    const { code, stdout, stderr } = await dryRun(words, { env: { ELASTICSEARCH_URL: 'http://127.0.0.1:1' } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('who interrupts it gets no half a report', async () => {
    const stopped = AbortSignal.abort();
    const { code, stdout, stderr } = await dryRun([RULES, ...HALF_HOUR, '--documents', DOCUMENTS], { signal: stopped });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('interrupted');
  });
});

describe('receivers', () => {
  test('are those of tocsin.yaml, their channels render, and nothing is sent', async () => {
    const config = join(folder, 'tocsin.yaml');
    await writeFile(
      config,
      [
        'receivers:',
        '  - { name: team, webhook_configs: [{ url: "http://127.0.0.1:1/s3cret" }] }',
        '  - { name: pager, console_configs: [{}] }',
        'route:',
        '  receiver: team',
        '  routes: [{ matchers: [severity=critical], receiver: pager }]',
      ].join('\n'),
    );
    const { code, report } = await reportOf([RULES, ...HALF_HOUR, '--documents', DOCUMENTS, '--config', config]);
    expect(code).toBe(0);
    const receivers = report.rules.map(({ notifications }: { notifications: { receiver: string; channel: string }[] }) =>
      notifications.map(({ receiver, channel }) => `${receiver} by ${channel}`),
    );
    // memory gets worse and better: the pager takes over, and gives back.
    expect(receivers[0]).toEqual(['team by webhook', 'pager by console', 'team by webhook', 'pager by console']);
    expect(receivers[1]).toEqual(['pager by console', 'pager by console']);
  });
});

describe('for people', () => {
  test('text has a lane and a row a rule; on a terminal it has colours', async () => {
    const words = [RULES, ...HALF_HOUR, '--documents', DOCUMENTS];
    const plain = await dryRun(words);
    expect(plain.stdout).toMatch(/^memory {3}│·+█+·+$/m);
    expect(plain.stdout).toMatch(/^stub-5xx +30 +1 +4m {2}default 2 {2}/m);
    expect(plain.stdout).not.toContain('\u001B');
    expect((await dryRun(words, { terminal: true })).stdout).toContain('\u001B[31m');
  });
});

describe('--arrival', () => {
  const START = Date.parse('2026-01-01T10:00:00.000Z');
  const document = (minute: number, late: number, service: string) =>
    JSON.stringify({
      '@timestamp': new Date(START + minute * 60_000).toISOString(),
      service,
      'event.ingested': new Date(START + (minute + late) * 60_000).toISOString(),
    });
  const rule = (more: string) =>
    `name: late\ntype: frequency\nindex: logs-*\ngroup_by: [service]\nwindow: 1m\ndelay: 0s\ncondition: count >= 1\n${more}`;

  async function story(more: string, ...words: readonly string[]) {
    await writeFile(join(folder, 'late.yaml'), rule(more));
    // The last one does not say when it came: it is there from the beginning.
    const lines = [document(3, 0, 'shop'), document(9, 6, 'cart'), '{"@timestamp":"2026-01-01T10:20:00Z","service":"old"}'];
    await writeFile(join(folder, 'late.ndjson'), lines.join('\n'));
    const { report } = await reportOf([
      join(folder, 'late.yaml'),
      ...HALF_HOUR,
      ...['--documents', join(folder, 'late.ndjson')],
      ...words,
    ]);
    const [{ transitions, late = [] }] = report.rules;
    const fired = (
      changes: readonly { readonly to: string; readonly at: string; readonly group: object; readonly reason: string }[],
    ) =>
      changes
        .filter(({ to }) => to === 'firing')
        .map(({ at, group, reason }) => `${at.slice(11, 16)} ${Object.values(group)} ${reason}`);
    return { transitions: fired(transitions), late: fired(late) };
  }

  test('lets documents be as late as they were', async () => {
    const [shop, cart, old] = ['10:04 shop breach', '10:10 cart breach', '10:21 old breach'];
    expect(await story('')).toEqual({ transitions: [shop, cart, old], late: [] });
    expect(await story('', '--arrival', 'event.ingested')).toEqual({ transitions: [shop, old], late: [] });
  });

  test('shows what a second look finds beside what was found in time', async () => {
    expect(await story('revisit: 10m\n', '--arrival', 'event.ingested')).toEqual({
      transitions: ['10:04 shop breach', '10:21 old breach'],
      late: ['10:10 cart late_documents'],
    });
  });
});
