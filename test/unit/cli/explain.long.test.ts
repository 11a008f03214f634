import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { type ExplainOptions, explainNamed, explainRule } from '../../../src/cli/explain.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { newRuleDocument } from '../../../src/evaluation/rule-document.ts';
import { explainText } from '../../../src/reports/explain/explain-text.ts';
import { fakeCommandLine, runWords } from '../../support/cli/fake-command-line.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const RULES = `
name: stub-5xx
type: frequency
index: logs-*
group_by: [service.name, url.path]
delay: 0s
window: 5m
condition: count >= 2
---
name: renamed
id: old-name
type: frequency
index: logs-*
condition: count >= 2
`;

let folder = '';
let file = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-explain-'));
  file = join(folder, 'tocsin.yaml');
  await writeFile(file, 'rules: rules.yaml\nelasticsearch: { url: "http://127.0.0.1:9" }\n');
  await writeFile(join(folder, 'rules.yaml'), RULES);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Explains over documents in memory: three errors on one path and one without a path. */
async function notify(rule: string, options: Partial<ExplainOptions> = {}, parts = {}) {
  const config = await loadConfig(file, {});
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const documents = createDocuments();
  const document = { '@timestamp': new Date(NOON - 60_000).toISOString(), 'service.name': 'stub' };
  documents.add([1, 2, 3].map(() => ({ index: 'logs-app', source: { ...document, 'url.path': '/' } })));
  documents.add([{ index: 'logs-app', source: document }]);
  const { line, written } = fakeCommandLine({ now: NOON });
  const backend = { ...embeddedBackend({ documents }), ...parts };
  const result = await explainRule(rule, backend, { config: config.value, whole: true }, line, {
    at: 'now',
    color: false,
    ...options,
  });
  return { ...result, stderr: written().stderr };
}

describe('tocsin explain', () => {
  test('tells a rule by its name or by its id', async () => {
    const { data, exitCode } = await notify('stub-5xx');
    expect(exitCode).toBe(0);
    expect(data.explanation).toMatchObject({ at: NOON, groups: [{ group: { 'url.path': '/' }, finding: { kind: 'breach' } }] });
    expect((await notify('old-name')).data.explanation.rule.name).toBe('renamed');
  });

  test('--at means the tick before that moment', async () => {
    expect((await notify('stub-5xx', { at: 'now-90s' })).data.explanation.at).toBe(NOON - 120_000);
  });

  test('--group names a group by some or all of its fields', async () => {
    const { data } = await notify('stub-5xx', { group: ['service.name=stub', 'url.path=/'] });
    expect(data.explanation.groups).toHaveLength(1);
  });

  test('a group that nobody knows ends with 1, and those that came are named', async () => {
    const { data, exitCode } = await notify('stub-5xx', { group: ['url.path=/nothing'] });
    expect(exitCode).toBe(1);
    expect(data.explanation.missing?.came).toEqual([{ 'service.name': 'stub', 'url.path': '/' }]);
  });

  test('a window that cannot be evaluated ends with 1', async () => {
    const problem = { code: 'timeout', message: 'too slow', hint: 'wait', transient: true };
    const search = { ask: async () => [{ kind: 'failed', problem, cost: { took: 0, shards: 0, merged: 1 } }] };
    expect(await notify('stub-5xx', {}, { search })).toMatchObject({ exitCode: 1 });
  });

  test.each([
    ['a misspelt rule', 'stub-5x', {}, 'there is no rule "stub-5x"', 'did you mean stub-5xx? known: stub-5xx, renamed'],
    ['an unknown rule', 'quite-another', {}, 'there is no rule', 'known: stub-5xx, renamed'],
    ['the built-in rule', 'TocsinHealth', {}, 'sends no query', '`tocsin alerts` shows its alerts'],
    [
      'a misspelt field',
      'stub-5xx',
      { group: ['service.nam=stub'] },
      'does not group by service.nam',
      'did you mean service.name? known: service.name',
    ],
    ['a field of a rule without group_by', 'renamed', { group: ['a=b'] }, 'does not group by a', 'it has no group_by'],
    ['no field', 'stub-5xx', { group: ['stub'] }, '"stub" is not field=value', 'service.name=stub'],
    ['a moment to come', 'stub-5xx', { at: 'now+1h' }, 'is in the future', 'a time in the past'],
    ['no moment', 'stub-5xx', { at: 'yesterday' }, 'is not a time', 'now-7d'],
  ])('%s is an error with the next step', async (_name, rule, options, message, hint) => {
    await expect(notify(rule, options)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  test.each([
    [
      'fires still',
      {},
      'the rule "deleted" was deleted or renamed: no rule file has it; 1 of its alerts is firing (stub). Its alerts end 2m after every replica has dropped the rule',
      'It was last evaluated for',
    ],
    [
      'is loaded by no replica',
      { unloaded: { since: NOON - 30_000, seen: NOON } },
      'no running replica has had it loaded since 2026-01-01T11:59:30.000Z',
      'Its alerts end within a minute after 2026-01-01T12:01:30.000Z',
    ],
    ['has ended', { removed: true, alerts: {} }, 'so its alerts have ended', 'tocsin-alerts'],
  ])('a deleted rule that %s says so, and until when its alerts live', async (_name, given, message, hint) => {
    const backend = embeddedBackend({ documents: createDocuments() });
    const alert = { group: { 'service.name': 'stub' }, status: 'firing', since: NOON - 60_000 } as const;
    const first = { at: NOON, now: NOON, every: 3_600_000 };
    const document = { ...newRuleDocument({ id: 'deleted', shape: 's' }, first, 1), alerts: { a: alert }, ...given };
    await backend.ruleStates.save([{ id: 'deleted', document, version: undefined }]);
    const config = await loadConfig(file, {});
    if (!config.ok) throw new Error('no configuration');
    const { line } = fakeCommandLine({ now: NOON });
    const { data, exitCode } = await explainNamed('deleted', backend, { config: config.value, whole: true }, line, {
      at: 'now',
      color: false,
    });
    expect(exitCode).toBe(0);
    if (!('about' in data)) throw new Error('a deleted rule has records only');
    expect(data.about).toEqual({ removedRule: 'deleted' });
    expect(data.said.join(' ')).toContain(message);
    expect(data.said.join(' ')).toContain(hint);
  });

  test.each([
    [
      'by its name',
      'name: kept\ntype: frequncy\nindex: logs\n',
      'kept',
      'kept',
      'is in FILE, which does not load; 1 of its alerts is firing (stub).',
    ],
    ['that has an id, by its name', 'name: kept\nid: other\n', 'kept', 'other', 'is in FILE, which does not load'],
    ['whose file is not YAML', 'name: [\n', 'kept', 'kept', 'FILE does not load and may have it'],
  ])('a rule %s whose file does not load is not called deleted', async (_name, text, name, id, said) => {
    const broken = join(folder, 'kept.yaml');
    await writeFile(broken, text);
    const backend = embeddedBackend({ documents: createDocuments() });
    const alert = { group: { 'service.name': 'stub' }, status: 'firing', since: NOON - 60_000 } as const;
    const first = { at: NOON, now: NOON, every: 60_000 };
    const document = { ...newRuleDocument({ id, shape: 's' }, first, 1), alerts: { a: alert } };
    await backend.ruleStates.save([{ id, document, version: undefined }]);
    const config = await loadConfig(file, {});
    if (!config.ok) throw new Error('no configuration');
    const { line, written } = fakeCommandLine({ now: NOON });
    const own = { ...config.value, rules: [join(folder, 'rules.yaml'), broken] };
    const { data } = await explainNamed(name, backend, { config: own, whole: true }, line, { at: 'now', color: false });
    if (!('about' in data)) throw new Error('there is no rule to ask');
    expect(data.about).toEqual({ brokenRule: id });
    expect(data.said.join(' ')).toContain(said.replace('FILE', broken));
    expect(data.said.join(' ')).toContain('evaluate its last good version');
    expect(data.said.join(' ')).not.toContain('deleted');
    expect(written().stderr).toContain('kept.yaml');
  });

  test.each([
    ['a receiver that is not there', 'receivers: [{ name: oncall, console_configs: [{}] }]\nroute: { receiver: oncal }\n'],
    [
      'a secret that is not there',
      `receivers: [{ name: oncall, slack_configs: [{ api_url: "\${GONE}" }] }]\nroute: { receiver: oncall }\n`,
    ],
    ['receivers that are a text', 'receivers: oncall\n'],
  ])('alerts and explain need no valid receivers: %s', async (_name, text) => {
    const broken = join(folder, 'broken-receivers.yaml');
    await writeFile(broken, `rules: rules.yaml\nelasticsearch: { url: "http://127.0.0.1:9" }\n${text}`);
    for (const words of [['alerts'], ['explain', 'stub-5xx']]) {
      const { stderr } = await runWords([...words, '--config', broken], { now: NOON });
      // Nothing listens there: both got as far as asking the cluster.
      expect(stderr).toMatch(/\[(?:store|explain)\/unanswered\]/);
    }
  });

  test('what of the configuration has errors is warned of, and alerts still need elasticsearch', async () => {
    const broken = join(folder, 'broken-route.yaml');
    const head = 'rules: rules.yaml\nroute: { receiver: oncal }\n';
    await writeFile(broken, `${head}elasticsearch: { url: "http://127.0.0.1:9" }\n`);
    const { stderr } = await runWords(['alerts', '--config', broken], { now: NOON });
    expect(stderr).toContain('unknown receiver "oncal"');
    expect(stderr).toContain('warning: the configuration has errors');
    await writeFile(broken, `${head}elasticsearch: { url: 5 }\n`);
    const refused = await runWords(['alerts', '--config', broken], { now: NOON });
    expect(refused.code).toBe(2);
    expect(refused.stderr).not.toContain('unanswered');
  });

  test('a story over a configuration with errors says nothing of where alerts lead', async () => {
    const config = await loadConfig(file, {});
    if (!config.ok) throw new Error('no configuration');
    const documents = createDocuments();
    documents.add(
      [1, 2, 3].map((n) => ({ index: 'logs-app', source: { '@timestamp': new Date(NOON - n * 1000).toISOString() } })),
    );
    const { line } = fakeCommandLine({ now: NOON });
    const read = { config: config.value, whole: false };
    const { data } = await explainRule('renamed', embeddedBackend({ documents }), read, line, { at: 'now', color: false });
    expect(data.explanation.cautions.map(({ code }) => code)).toContain('no-routing');
    const text = explainText(data, { color: false, columns: 200 });
    expect(text).toContain('unknown while the configuration has errors');
    expect(text).not.toContain('route ');
  });

  test('a rule that was never evaluated and whose file does not load is not called unknown', async () => {
    const broken = join(folder, 'never.yaml');
    await writeFile(broken, 'name: never\ntype: frequncy\nindex: logs\n');
    const config = await loadConfig(file, {});
    if (!config.ok) throw new Error('no configuration');
    const own = { ...config.value, rules: [broken] };
    const { line } = fakeCommandLine({ now: NOON });
    const answer = explainNamed('never', embeddedBackend(), { config: own, whole: true }, line, { at: 'now', color: false });
    await expect(answer).rejects.toMatchObject({
      code: 'explain/rule',
      message: `the rule "never" is in ${broken}, which does not load`,
    });
  });

  test.each([[[]], [['stub-5xx', '--receiver', 'default']]])('wants a rule or a receiver, and not both: %j', async (words) => {
    const { code, stderr } = await runWords(['explain', ...words, '--config', file], { now: NOON });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('expected the name of a rule, or --receiver NAME'),
    });
  });

  test('a rule file that does not load is named, and the others can be explained', async () => {
    const broken = join(folder, 'broken.yaml');
    await writeFile(broken, 'name: broken\n');
    const rules = [join(folder, 'rules.yaml'), broken];
    const config = await loadConfig(file, {});
    if (!config.ok) throw new Error('no configuration');
    const { line, written } = fakeCommandLine({ now: NOON });
    const own = { ...config.value, rules };
    const result = await explainRule('renamed', embeddedBackend(), { config: own, whole: true }, line, {
      at: 'now',
      color: false,
    });
    expect(result.data.explanation.rule.id).toBe('old-name');
    expect(written().stderr).toContain('broken.yaml');
  });

  test('a cluster that is away ends with 2', async () => {
    const { code, stdout, stderr } = await runWords(['explain', 'stub-5xx', '--config', file], { now: NOON });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/the state cannot be read: .*\[explain\/unanswered\]/);
  });
});
