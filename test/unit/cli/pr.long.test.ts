import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../../src/cli/program.ts';
import { iso } from '../../../src/core/time.ts';
import { fakeCommandLine } from '../../support/cli/fake-command-line.ts';
import { type ScriptedRepository, scriptedRepository } from '../../support/revisions/repository.ts';
import { errorRule, LONG, rulesRepository, START } from '../../support/revisions/rules-repository.ts';

// Six hours of three rules are played several times, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let one: ScriptedRepository;
beforeAll(async () => {
  one = await rulesRepository();
});
afterAll(() => one.remove());

/** How a run differs from a plain one: on a terminal, by another clock, or in another repository. */
interface Otherwise {
  readonly terminal?: boolean;
  readonly monotonic?: () => number;
  readonly folder?: string;
}

const FOR_EVER = new Promise<void>(() => undefined);

async function prOn({ terminal = false, monotonic, folder = one.folder }: Otherwise, words: readonly string[]) {
  const env = { PATH: process.env['PATH'], HOME: folder };
  const { line, written } = fakeCommandLine({ env, now: START + LONG, terminal });
  // Minutes are waited for by budgets alone.
  const sleep = (ms: number) => (ms < 60_000 ? line.clock.sleep(ms) : FOR_EVER);
  const clock = { ...line.clock, sleep, ...(monotonic !== undefined && { monotonic }) };
  const code = await runCommandLine(['pr', '--against', 'main', ...words], { ...line, clock, folder });
  return { code, ...written() };
}

const pr = (...words: readonly string[]) => prOn({}, words);

const history = () => ['--documents', join(one.folder, 'documents.ndjson'), '--from', iso(START), '--to', iso(START + LONG)];

/** A page without its program, and the program. */
function partsOfPage(page: string): { readonly program: string; readonly rest: string } {
  const [before = '', after = ''] = page.split('<script>');
  const end = after.indexOf('</script>');
  return { program: after.slice(0, end), rest: before + after.slice(end + '</script>'.length) };
}

/** Runs something over other files, and puts back what was there. */
async function withFiles<T>(files: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  await one.write(files);
  try {
    return await work();
  } finally {
    one.git('checkout', '-q', '--', '.');
    one.git('clean', '-qfd');
  }
}

describe('tocsin pr', () => {
  test('compares both versions of what changed over the same documents, tests it, and says nothing of the rest', async () => {
    const { code, stdout, stderr } = await pr(...history(), '--format', 'json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      against: { ref: 'main', commit: one.git('rev-parse', 'main').trim() },
      range: { from: iso(START), to: iso(START + LONG) },
      problems: [],
      tests: { passed: 1, failed: 0, broken: 0 },
      rules: [
        {
          name: 'errors',
          change: 'changed',
          file: 'rules/errors.yaml',
          keys: [{ path: 'condition', before: 'count >= 8', after: 'count >= 3' }],
          before: { windows: 360, failed: 0, episodes: 6 },
          after: { windows: 360, failed: 0, episodes: 6 },
          episodes: { same: 0, changed: 6, gone: 0, fresh: 0 },
          tests: { passed: 1, failed: 0 },
        },
        { name: 'gone', change: 'removed', before: { episodes: 6 }, after: null, tests: null },
        { name: 'new', change: 'added', before: null, after: { episodes: 6 }, tests: null },
      ],
    });
    expect(report.rules[0].after.in_alert_ms).toBeGreaterThan(report.rules[0].before.in_alert_ms);
  });

  test('as a comment and as a page that loads nothing and runs its sandboxes alone', async () => {
    const { code, stdout } = await pr(...history(), '--html', 'report.html');
    expect(code).toBe(0);
    expect(stdout.startsWith('<!-- tocsin-pr -->\n')).toBe(true);
    expect(stdout).toContain('### 3 rules: 1 added, 1 changed, 1 removed');
    expect(stdout).toContain('| <code>errors</code> | changed | 6 |');
    const page = await readFile(join(one.folder, 'report.html'), 'utf8');
    one.git('clean', '-qfd');
    const { program, rest } = partsOfPage(page);
    const hash = createHash('sha256').update(program).digest('base64');
    expect(rest).toContain(`content="default-src 'none'; script-src 'sha256-${hash}'; style-src 'sha256-`);
    expect(rest).not.toMatch(/(?:src|href)="(?!#)|<script(?! type="text\/plain")| on\w+=/);
    expect([...rest.matchAll(/data-sandbox="\d+" data-name="(.*?)"/g)].map(([, name]) => name)).toEqual(['errors', 'new']);
  });

  test('without a cluster and without documents it checks and tests, and says that nothing was replayed', async () => {
    const { code, stdout } = await pr('--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      range: null,
      notes: ['Nothing was replayed: neither a cluster nor --documents is given.'],
    });
  });

  test('nothing changed is a report too', async () => {
    const { code, stdout } = await pr('--no-history', 'rules/same.yaml');
    expect(code).toBe(0);
    expect(stdout).toContain('### No rule changes');
  });

  test.each([
    ['a test that fails', { 'rules/errors.yaml': errorRule('errors', 30) }, 'rule-test/failed'],
    ['a rule with an error', { 'rules/new.yaml': errorRule('new', 2).replace('every:', 'evry:') }, 'rule/unknown-key'],
    ['a rule that is no YAML any more', { 'rules/same.yaml': 'name: [' }, 'rule/'],
  ])('%s ends with 1, and is beside its line in every format', async (_name, files, code) => {
    await withFiles(files, async () => {
      for (const format of ['github', 'sarif', 'gitlab'] as const) {
        const ran = await pr('--no-history', '--format', format);
        expect([format, ran.code, ran.stdout.includes(code)]).toEqual([format, 1, true]);
      }
      const junit = await pr('--no-history', '--format', 'junit');
      expect([junit.code, /failures="[1-9]/.test(junit.stdout)]).toEqual([1, true]);
    });
  });

  test('a test that fails is shown with what was expected, what was there and what led to it, in the comment and the page', async () => {
    await withFiles({ 'rules/errors.yaml': errorRule('errors', 30) }, async () => {
      const { stdout } = await pr('--no-history', '--html', 'report.html');
      const [, shown = ''] =
        /<details><summary><code>rules&#47;errors&#46;test&#46;yaml&#58;2<\/code> <code>enough errors<\/code><\/summary>\n\n<pre><code>(.*?)<\/code><\/pre>/s.exec(
          stdout,
        ) ?? [];
      const decoded = shown.replace(/&#(\d+);/g, (_all, point) => String.fromCodePoint(Number(point)));
      expect(decoded).toContain('rules/errors.test.yaml:11:18 at +3m, alerts: no alert');
      expect(decoded).toMatch(/^ +status +firing +inactive$/m);
      expect(decoded).toContain('timeline from 2026-01-01T10:00:00.000Z:');
      expect(shown.replace(/&#\d+;/g, '')).not.toMatch(/[<>@#:`|*_~&]/);
      const page = await readFile(join(one.folder, 'report.html'), 'utf8');
      expect(page).toContain('timeline from 2026-01-01T10:00:00.000Z:');
    });
  });

  test('however much a failed test has to say, and whatever it holds, the comment is bounded and nothing of it is markup', async () => {
    const name = '</code></pre>@everyone ::error::own';
    const checks = Array.from(
      { length: 60 },
      (_, minute) => `      - { at: ${minute + 1}m, alerts: [{ group: { service.name: ${JSON.stringify(name)} } }] }\n`,
    );
    const file = `tests:\n${Array.from({ length: 12 }, (_, index) => `  - name: ${JSON.stringify(`${index} ${name}`)}\n    index: logs-a\n    documents: []\n    checks:\n${checks.join('')}`).join('')}`;
    await withFiles({ 'rules/errors.test.yaml': file }, async () => {
      const { stdout, code } = await pr('--no-history');
      expect(code).toBe(1);
      expect(stdout.length).toBeLessThan(65_536);
      expect(stdout.match(/<pre><code>/g)).toHaveLength(5);
      expect(stdout.match(/<\/pre>/g)).toHaveLength(5);
      expect(stdout).toContain('193 lines left out');
      expect(stdout).not.toMatch(/@everyone|^::/m);
    });
  });

  test('the policy is held against what changed: findings, tests that lie elsewhere, and what tests reach', async () => {
    const files = {
      'tocsin.yaml': 'lint: { require: [description], coverage: { require: [fires, resolves] } }\n',
      'rules/tests/new.test.yaml': `rules: ../new.yaml\ntests:\n  - name: new fires\n    documents: [{ at: 1m, repeat: 3, every: 1s, index: logs-a, document: { http.response.status_code: 500, service.name: shop } }]\n    checks: [{ at: 3m, alerts: [{ status: firing }] }]\n`,
    };
    await withFiles(files, async () => {
      const { code, stdout } = await pr('--no-history', '--format', 'json');
      expect(code).toBe(1);
      const { problems, rules, tests } = JSON.parse(stdout);
      expect(problems.map((one: { readonly code: string; readonly file: string }) => [one.code, one.file])).toEqual(
        expect.arrayContaining([['policy/description', 'rules/new.yaml']]),
      );
      expect(tests).toMatchObject({ passed: 2 });
      const byName = Object.fromEntries(
        rules.map((rule: { readonly name: string; readonly tests: unknown }) => [rule.name, rule.tests]),
      );
      expect(byName).toMatchObject({
        errors: { passed: 1, reached: 2, parts: 4, missing: ['does not fire', 'resolves'] },
        gone: null,
        new: { passed: 1, reached: 2, parts: 4 },
      });
      const comment = (await pr('--no-history')).stdout;
      expect(comment).toContain('✅ 1, 2 of 4 parts');
      expect(comment).toContain('❌ 2 problems with tests');
      expect(comment).toContain('no test reaches &#34;resolves&#34;');
      const github = (await pr('--no-history', '--format', 'github')).stdout;
      expect(github).toMatch(/^::error file=rules\/new\.yaml,line=1,col=1,title=rule-test\/coverage::new: no test reaches/m);
    });
  });

  test('a comment that ignores a finding is obeyed, and two rules that ask the same are no new finding when they move', async () => {
    await withFiles({ 'rules/errors.yaml': `# moved\n${errorRule('errors', 3)}` }, async () => {
      expect(JSON.parse((await pr('--no-history', '--format', 'json')).stdout).problems).toEqual([]);
    });
    const short = errorRule('errors', 3, 'for: 10s');
    await withFiles({ 'rules/errors.yaml': short }, async () => {
      const { problems } = JSON.parse((await pr('--no-history', '--format', 'json')).stdout);
      expect(problems.map((one: { readonly code: string }) => one.code)).toEqual(['rule/short-for']);
      expect(JSON.stringify(problems)).not.toContain(one.folder);
    });
    await withFiles(
      { 'rules/errors.yaml': short.replace('for: 10s', 'for: 10s # tocsin:ignore rule/short-for as before') },
      async () => {
        expect(JSON.parse((await pr('--no-history', '--format', 'json')).stdout).problems).toEqual([]);
      },
    );
  });

  test('what was wrong before is no finding of this change', async () => {
    await withFiles({ 'rules/errors.yaml': errorRule('errors', 3).replace('every: 1m\n', 'every: 1m\nindxe: x\n') }, async () => {
      const { code, stdout } = await pr('--no-history', '--format', 'json');
      expect(code).toBe(1);
      const { problems } = JSON.parse(stdout);
      expect(problems.filter((one: { readonly severity: string }) => one.severity === 'error')).toHaveLength(1);
      expect(JSON.parse(stdout).rules).toContainEqual(expect.objectContaining({ name: 'errors', change: 'broken' }));
    });
  });

  test('on a terminal it is text without the signs of Markdown and HTML, in colours where they are wanted', async () => {
    const { code, stdout } = await prOn({ terminal: true }, history());
    expect(code).toBe(0);
    expect(stdout).toContain('\u001b[');
    const plain = stripVTControlCharacters(stdout);
    expect(plain).toContain('3 rules: 1 added, 1 changed, 1 removed\n');
    expect(plain).toMatch(/^errors +changed +6 +/m);
    expect(plain).toMatch(/^ {2}condition +count >= 8 +count >= 3$/m);
    expect(plain).not.toMatch(/<|&#|###|\||`/);
    expect((await prOn({ terminal: true }, [...history(), '--no-color'])).stdout).toBe(plain);
    expect((await prOn({ terminal: true }, [...history(), '--format', 'markdown'])).stdout).toContain('<!-- tocsin-pr -->');
    expect((await pr(...history(), '--format', 'text')).stdout).toContain('3 rules: 1 added, 1 changed, 1 removed\n');
  });

  test('a budget that ends within a rule leaves it and the ones after it out, and does not call that good', async () => {
    let looks = 0;
    // Each look at this clock takes a second.
    const monotonic = () => looks++ * 1_000;
    await prOn({ monotonic }, [...history(), '--budget', '10d']);
    // Of four versions of three rules, the first two are of one rule; the third ends in its middle.
    const seconds = Math.round((looks * 2.5) / 4);
    looks = 0;
    const words = [...history(), '--budget', `${seconds}s`];
    const { code, stdout } = await prOn({ monotonic }, [...words, '--format', 'json']);
    expect(code).toBe(1);
    const { rules, notes } = JSON.parse(stdout);
    expect(rules.map(({ not_played: left }: { readonly not_played?: string }) => left)).toEqual([undefined, 'budget', 'budget']);
    expect(rules[0]).toMatchObject({ before: { episodes: 6 }, after: { episodes: 6 } });
    expect(rules[1]).toMatchObject({ before: null, after: null });
    expect(notes).toContainEqual(expect.stringContaining('2 of 3 rules were not replayed, because the budget of'));
    looks = 0;
    const comment = (await prOn({ monotonic }, words)).stdout;
    expect(comment).toContain('⚠️ 2 of 3 rules not replayed: the budget was exhausted · no new findings');
    expect(comment).not.toContain('✅ no new findings');
  });

  test('a budget that ends within the first rule is said too', async () => {
    let looks = 0;
    const { code, stdout } = await prOn({ monotonic: () => looks++ * 1_000 }, [...history(), '--budget', '2m']);
    expect(code).toBe(1);
    expect(stdout).toContain('⚠️ 3 of 3 rules not replayed: the budget was exhausted · no new findings');
    expect(stdout).toContain('not replayed: budget');
  });

  test('a broken rule does not count as one that the budget left out', async () => {
    await withFiles({ 'rules/errors.yaml': errorRule('errors', 3).replace('every: 1m\n', 'every: 1m\nindxe: x\n') }, async () => {
      const { stdout } = await pr(...history());
      expect(stdout).toContain('❌ broken');
      expect(stdout).not.toContain('budget');
    });
  });

  test('a change that names another cluster does not get it asked', async () => {
    await withFiles({ 'tocsin.yaml': 'elasticsearch: { url: https://elsewhere.example:9200 }\n' }, async () => {
      const { code, stdout } = await pr('--format', 'json');
      expect(code).toBe(2);
      expect(JSON.parse(stdout).notes).toContainEqual(expect.stringContaining('names a different cluster'));
    });
  });

  test('says that tocsin.yaml changes where it does, and only there', async () => {
    const own = await scriptedRepository();
    const config = 'silences: windows\nroute: { receiver: team, group_by: [service.name] }\nreceivers: [{ name: team }]\n';
    const inhibiting = 'inhibit_rules: [{ source_matchers: [\'a="b"\'], target_matchers: [\'c="d"\'] }]\n';
    const notes = async () => JSON.parse((await prOn({ folder: own.folder }, ['--no-history', '--format', 'json'])).stdout).notes;
    try {
      await own.write({ 'tocsin.yaml': `${config}${inhibiting}`, 'rules/same.yaml': errorRule('same', 5), 'windows/.keep': '' });
      own.commit('a configuration');
      expect(await notes()).toEqual([]);
      await own.write({ 'tocsin.yaml': config });
      expect(await notes()).toEqual([expect.stringContaining('tocsin.yaml changes too')]);
    } finally {
      await own.remove();
    }
  });

  test.each([
    [['--from', 'now', '--to', 'now-1d'], 'is not before'],
    [['--documents', '/nowhere.ndjson'], '/nowhere.ndjson'],
    [['../elsewhere'], 'is outside of'],
  ])('%j cannot be done', async (words, message) => {
    const { code, stderr } = await pr(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('names and documents are strangers', () => {
  const HOSTILE = `x"</script><script>alert(1)</script> --> | @everyone [a](http://b.example) ::error::own ##[error]own \`\`\``;

  test('nothing of them is a link, markup, a mention, or a command of a CI', async () => {
    const text = errorRule('PLACE', 1).replace('PLACE', JSON.stringify(HOSTILE));
    const documents = JSON.stringify({
      '@timestamp': iso(START + 60_000),
      'service.name': `\n${HOSTILE}\n::warning::own`,
      'http.response.status_code': 500,
    });
    await withFiles({ 'rules/evil.yaml': text, 'documents.ndjson': `${documents}\n` }, async () => {
      const { stdout } = await pr(...history(), '--html', 'report.html');
      expect(stdout).toContain('alert');
      expect(stdout).not.toMatch(/<script|-->(?!\n\n### )|@everyone|\]\(|^::|##\[/m);
      const page = await readFile(join(one.folder, 'report.html'), 'utf8');
      const { program, rest } = partsOfPage(page);
      expect(program.startsWith('"use strict";var tocsinPage=')).toBe(true);
      expect(rest.match(/<\/script>/g)).toHaveLength(
        rest.match(/<script type="text\/plain" id="sandbox-data-\d+">[\w+/=]+<\/script>/g)?.length ?? 0,
      );
      expect(rest).not.toContain('<script>');
      for (const format of ['github', 'junit', 'sarif', 'gitlab', 'json']) {
        const ran = await pr('--no-history', '--format', format);
        expect(ran.stdout).not.toMatch(/^::(?:error|warning)::own|##\[error\]/m);
      }
    });
  });

  test('a comment is never longer than a forge takes', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 120 }, (_, index) => [`rules/many/${index}.yaml`, errorRule(`${index} ${'<'.repeat(150)}`, 5)]),
    );
    await withFiles(many, async () => {
      const { stdout } = await pr('--no-history');
      expect(stdout.length).toBeLessThan(65_536);
      expect(stdout).toContain('… and ');
    });
  });
});
