import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runWords } from '../../support/cli/fake-command-line.ts';
import { jsonShown } from '../../support/docs/json-shown.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'dry-run');
const RULES = join(FIXTURES, 'rules.yaml');
const OVER = ['--from', '2026-01-01T10:00Z', '--to', '2026-01-01T10:30Z', '--documents', join(FIXTURES, 'documents.ndjson')];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-sweep-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sweep = (rule: string, ...words: readonly string[]) =>
  runWords(['dry-run', RULES, '--rule', rule, ...OVER, '--sweep', ...words]);
const pointsOf = async (rule: string, ...words: readonly string[]) =>
  JSON.parse((await sweep(rule, ...words, '--format', 'json')).stdout);

describe('a sweep', () => {
  test('asks no more than the rule alone, whatever the number of values', async () => {
    const one = await pointsOf('stub-5xx', 'count >= N', 'N=3');
    const many = await pointsOf('stub-5xx', 'count >= N', 'N=1..12');
    expect(one.questions.asked).toBeGreaterThan(0);
    expect(many.questions.asked).toBe(one.questions.asked);
    expect(many.questions.shared).toBe(12 * many.questions.asked);
  });

  test.each([
    ['stub-5xx', ['count >= N', 'N=1,3,5,6,7'], (text: string, value: string) => text.replace('count >= 3', `count >= ${value}`)],
    ['stub-5xx', ['for=0s,1m,2m,5m'], (text: string, value: string) => text.replace('for: 1m', `for: ${value}`)],
    [
      'memory',
      ['warning: used > N', 'N=50,85,90'],
      (text: string, value: string) => text.replace('used > 85', `used > ${value}`),
    ],
  ] as const)('of %s with %j gives at each value what a dry run with that value gives', async (rule, words, changed) => {
    const { sweep: curve } = await pointsOf(rule, ...words);
    for (const point of curve.points) {
      const file = join(folder, 'rules.yaml');
      await writeFile(file, changed(await readFile(RULES, 'utf8'), point.text));
      const alone = JSON.parse((await runWords(['dry-run', file, '--rule', rule, ...OVER, '--format', 'json'])).stdout);
      const [story] = alone.rules;
      const episodes = story.transitions.filter(({ to }: { readonly to: string }) => to === 'firing').length;
      expect([point.text, point.episodes, point.messages]).toEqual([point.text, episodes, story.notifications.length]);
    }
    expect(curve.points.length).toBeGreaterThan(2);
  });

  test('is as the docs show it', async () => {
    const { stdout } = await sweep('stub-5xx', 'count >= N', 'N=3,7', '--format', 'json');
    expect(jsonShown('docs/testing-rules.md', 'sweep')).toEqual(JSON.parse(stdout));
  });

  test('marks the value that the rule has', async () => {
    const { sweep: curve } = await pointsOf('stub-5xx', 'count >= N', 'N=1..5');
    expect(curve.points.filter(({ current }: { readonly current: boolean }) => current)).toMatchObject([{ value: 3 }]);
    expect(curve.current.value).toBe(3);
    const outside = await pointsOf('stub-5xx', 'count >= N', 'N=4..5');
    expect(outside.sweep.current).toMatchObject({ value: null, current: true, episodes: 1 });
  });

  test('text has a bar for each value, and says that there is no knee', async () => {
    const { code, stdout } = await sweep('stub-5xx', 'count >= N', 'N=3,7');
    expect(code).toBe(0);
    expect(stdout).toContain('Sweep of stub-5xx');
    expect(stdout).toMatch(/^3 +1 +█{30} +2 +4m +1 +← current$/m);
    expect(stdout).toMatch(/^7 +0 +0 +0s +0$/m);
    expect(stdout).toContain('has no knee');
  });

  test('Markdown is a table', async () => {
    const { stdout } = await sweep('stub-5xx', 'for=1m,10m', '--format', 'markdown');
    expect(stdout).toContain('### Sweep of <code>stub-5xx</code>');
    expect(stdout).toMatch(/^\| <code>1m<\/code> \| 1 \| █+ \| 2 \| 4m \| 1 \| current \|$/m);
  });

  test.each([
    ['stub-5xx', ['cuont >= N', 'N=1..3'], 'with N=1'],
    ['memory', ['used > N', 'N=1..3'], 'the rule has several levels'],
    ['memory', ['fatal: used > N', 'N=1..3'], 'the rule has no level fatal'],
    ['stub-5xx', ['N=1..3'], 'no condition contains the number N'],
    ['stub-5xx', ['for=1m..2m', '--against', 'HEAD'], 'cannot be used with'],
  ])('of %s with %j ends with 2', async (rule, words, said) => {
    const { code, stderr } = await sweep(rule, ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  test('of several rules asks for one', async () => {
    const { code, stderr } = await runWords(['dry-run', RULES, ...OVER, '--sweep', 'for=1m..2m']);
    expect(code).toBe(2);
    expect(stderr).toContain('--rule NAME chooses one');
  });
});

describe('a sweep as a page', () => {
  test('names the knee, marks it and the current value in the curve, has a row for each value, and loads and runs nothing', async () => {
    const { stdout, code } = await sweep('stub-5xx', 'count >= N', 'N=1..12', '--format', 'html');
    expect(code).toBe(0);
    const { sweep: curve } = await pointsOf('stub-5xx', 'count >= N', 'N=1..12');
    expect(stdout.match(/<circle class="point"/g)).toHaveLength(12);
    expect(stdout.match(/<tr>/g)).toHaveLength(13);
    expect(stdout).toContain('N=3 (current');
    const knee = curve.knee === null ? 'has no knee' : `Knee: N=${curve.knee.text}`;
    expect(stdout).toContain(`<p><strong>${knee}`.replace('<strong>has', '<strong>The episode curve has'));
    expect(stdout.includes('is-knee">')).toBe(curve.knee !== null);
    expect(stdout).not.toMatch(/<script|<link|<img|https?:|NaN|undefined/);
  });
});

describe('charts', () => {
  test('text shows the values, the limit, when it fired and which group', async () => {
    const { stdout } = await runWords(['dry-run', RULES, '--rule', 'stub-5xx', ...OVER]);
    const from = stdout.indexOf('  count, the highest');
    const lines = stdout.slice(from).split('\n').slice(0, 10);
    expect(lines[0]).toBe('  count, the highest of all groups; bad >= 3');
    expect(lines[1]).toMatch(/^ +6 │ +█+$/);
    expect(lines[3]).toMatch(/^ +3 │┄+█+┄+$/);
    expect(lines[7]).toMatch(/^ +fires │·+█+·+$/);
    expect(lines[9]).toBe('  most time in alert: service.name: cart 4m');
    expect(stdout).not.toContain('\u001B');
  });

  test('a page has them as SVG and loads nothing', async () => {
    const { stdout } = await runWords(['dry-run', RULES, '--rule', 'stub-5xx', ...OVER, '--format', 'html']);
    expect(stdout).toMatch(/^<!doctype html>/);
    const page = stdout
      .replace(/<script>.*?<\/script>/s, '')
      .replace(/<script type="text\/plain" id="sandbox-data-0">[\w+/=]+<\/script>/, '');
    expect(page.match(/<svg /g)).toHaveLength(1);
    expect(page).toContain('class="limit"');
    expect(page).toContain('class="fires"');
    expect(page).not.toMatch(/<script|<link|<img|https?:/);
  });
});
