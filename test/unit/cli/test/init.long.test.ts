import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
// Commands are loaded when they are first used: here, and not within the time of the first test.
import '../../../../src/cli/test.ts';
import { runWords } from '../../../support/cli/fake-command-line.ts';

const START = Date.parse('2026-01-31T10:00:00.000Z');
const RULE = `name: errors
type: frequency
index: logs-*
query: http.response.status_code >= 500
group_by: [service.name]
condition: count >= 5
for: 1m
delay: 0s
message: { title: "{{ group['service.name'] }} fails" }
evidence: { fields: [url.path], samples: 2 }
`;
const RANGE = ['--from', '2026-01-31T10:00Z', '--to', '2026-01-31T10:50Z'];

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-init-'));
  await writeFile(join(folder, 'errors.yaml'), RULE);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Documents of two services, one every twenty seconds each; one service fails from second `bad` on, for five minutes. */
async function documents(bad: number, more: object = {}): Promise<void> {
  const lines = Array.from({ length: 240 }, (_, index) => {
    const seconds = Math.floor(index / 2) * 20;
    const name = index % 2 === 0 ? 'shop' : 'cart';
    const fails = name === 'shop' && seconds >= bad && seconds < bad + 300;
    return JSON.stringify({
      '@timestamp': new Date(START + seconds * 1000).toISOString(),
      service: { name, version: '1.2' },
      http: { response: { status_code: fails ? 503 : 200 } },
      url: { path: '/pay' },
      user: { email: 'someone@example.com' },
      ...more,
    });
  });
  await writeFile(join(folder, 'logs.ndjson'), `${lines.join('\n')}\n`);
}

const init = (...words: readonly string[]) =>
  runWords(['test', 'init', join(folder, 'errors.yaml'), '--documents', join(folder, 'logs.ndjson'), ...RANGE, ...words]);
const written = async () => readFile(join(folder, 'errors.test.yaml'), 'utf8');

describe('tocsin test init', () => {
  test('writes a test that passes: an episode, over few documents with only what the rule uses', async () => {
    await documents(600);
    const { code, stdout, stderr } = await init();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('1 passed');
    expect(stdout).toContain('the rule fires and resolves, over 5 documents');
    const text = await written();
    const file = parse(text) as {
      readonly tests: readonly { readonly documents: readonly object[]; readonly checks: readonly object[] }[];
    };
    expect(file.tests[0]?.documents.map((entry) => Object.keys((entry as { readonly document: object }).document))).toEqual([
      ['http.response.status_code', 'service.name', 'url.path'],
    ]);
    expect(file.tests[0]?.checks).toMatchObject([
      { alerts: [{ group: { 'service.name': 'shop' }, status: 'pending' }], notifications: 'none' },
      { alerts: [{ status: 'firing', values: { count: 5 } }], notifications: [{ reason: 'first', title: 'shop fails' }] },
      { alerts: 'none', notifications: 'none' },
      { alerts: 'none', notifications: [{ reason: 'resolved' }] },
    ]);
    for (const hidden of ['someone@example.com', 'version', 'cart', '200']) expect(text).not.toContain(hidden);
    expect((await runWords(['test', folder, '--coverage'])).stdout).toContain('does not fire, pending only');
  });

  test('where nothing fires writes that, over documents that the query leaves out, and says how to go on', async () => {
    await documents(100_000);
    const { code, stdout } = await init();
    expect(code).toBe(0);
    expect(stdout).toContain('does not fire: it never fired in this time, over 5 documents');
    expect(stdout).toContain('add documents');
    expect(await written()).toContain('its query leaves these documents out');
    expect(parse(await written())).toMatchObject({
      tests: [{ name: 'does not fire for ordinary documents', checks: [{ alerts: 'none', notifications: 'none' }] }],
    });
  });

  test('replaces no file, unless it is asked to', async () => {
    await documents(600);
    await writeFile(join(folder, 'errors.test.yaml'), '# mine\n');
    expect(await init()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[test-init/exists] (use --force to replace it'),
    });
    expect(await written()).toBe('# mine\n');
    expect((await init('--force')).code).toBe(0);
    expect(await written()).toContain('fires, and resolves');
  });

  test('takes its own options, also those that test has too', async () => {
    await documents(600);
    expect(await init('--max-documents', '7')).toMatchObject({ code: 2, stderr: expect.stringContaining('documents/too-many') });
    expect(await init('--watch')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('`tocsin test init` has no option --watch'),
    });
    const { stdout } = await runWords(['test', 'init', '--help']);
    expect(stdout).toContain('--config <file>');
    expect(stdout).not.toContain('--coverage-min');
  });

  test('writes through no link', async () => {
    await documents(600);
    await writeFile(join(folder, 'victim'), 'untouched');
    await symlink(join(folder, 'victim'), join(folder, 'errors.test.yaml'));
    expect(await init('--force')).toMatchObject({ code: 2, stderr: expect.stringContaining('test-init/unwritable') });
    expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('untouched');
  });

  test.each([
    [
      'a rule that never resolved within the range',
      RULE.replace('for: 1m', 'for: 1m\nkeep_firing_for: 10h'),
      'fires, over 5 documents',
    ],
    [
      'an event',
      'name: errors\ntype: match\nindex: logs-*\nquery: http.response.status_code >= 500\ndelay: 0s\n',
      'over 1 documents',
    ],
    [
      'a metric',
      'name: errors\ntype: threshold\nindex: logs-*\nmetrics: { worst: { max: http.response.status_code } }\ncondition: worst > 500\ndelay: 0s\n',
      'fires and resolves, over 1 documents',
    ],
    [
      'silence',
      'name: errors\ntype: flatline\nindex: logs-*\nquery: http.response.status_code >= 500\ngroup_by: [service.name]\ncondition: count < 1\noutage_hold: off\ndelay: 0s\n',
      'fires',
    ],
  ])('makes one of %s', async (_what, rule, says) => {
    await writeFile(join(folder, 'errors.yaml'), rule);
    await documents(600);
    const { code, stdout, stderr } = await init();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('1 passed');
    expect(stdout).toContain(says);
  });

  test.each([
    ['a file that is no rule file', 'logs.ndjson', RULE, 'test-init/rule'],
    ['a rule file with an error', 'errors.yaml', RULE.replace('frequency', 'frequncy'), 'errors.yaml:2'],
    [
      'a rule that only a cluster answers',
      'errors.yaml',
      'name: errors\ntype: esql\nesql: STATS n = COUNT(*)\nvariables: { n: number }\nindex: logs-*\ncondition: n > 1\n',
      'test-init/',
    ],
  ])('refuses %s, and writes nothing', async (_what, file, rule, says) => {
    await documents(600);
    await writeFile(join(folder, 'errors.yaml'), rule);
    const { code, stderr } = await runWords([
      'test',
      'init',
      join(folder, file),
      '--documents',
      join(folder, 'logs.ndjson'),
      ...RANGE,
    ]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
    expect((await readdir(folder)).sort()).toEqual(['errors.yaml', 'logs.ndjson']);
  });
});
