import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { defaultConfig } from '../../../src/config/load.ts';
import type { Checked } from '../../../src/core/problems.ts';
import { secret } from '../../../src/core/secret.ts';
import { manualClock } from '../../../src/core/time.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { createReloader, type FileSources, fileFailures, keepFixed } from '../../../src/service/reload/reload.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const rule = (name: string, condition = 'count >= 1') =>
  `name: ${name}\ntype: frequency\nindex: logs-*\ncondition: ${condition}\n`;

async function plainConfig(): Promise<Config> {
  const checked = await defaultConfig({});
  if (!checked.ok) throw new Error('the default configuration is not valid');
  return checked.value;
}

/** Files and a configuration that a test changes under a reloader. */
async function files(first: Readonly<Record<string, string>>) {
  const config = await plainConfig();
  const now: { texts: Readonly<Record<string, string>>; config: Checked<Config> } = {
    texts: first,
    config: { ok: true, value: config, problems: [] },
  };
  const sources: { -readonly [K in keyof FileSources]: FileSources[K] } = {
    config: async () => now.config,
    rules: async (_config, previous) =>
      compileRules(
        Object.entries(now.texts).map(([file, text]) => ({ file, text })),
        {},
        previous,
      ),
  };
  const { log, lines, raw } = capturedLog();
  const clock = manualClock(0);
  const reloader = createReloader(config, await sources.rules(config), { sources, log, clock });
  const ids = async () => (await reloader.reload()).ruleSet.rules.map(({ id }) => id).sort();
  return { now, config, sources, reloader, ids, lines, raw, clock };
}

describe('a reload of rules', () => {
  it('takes new, changed and removed rules', async () => {
    const { now, ids, reloader } = await files({ 'a.yaml': rule('a'), 'b.yaml': rule('b') });
    now.texts = { 'a.yaml': rule('a', 'count >= 5'), 'c.yaml': rule('c') };
    expect(await ids()).toEqual(['a', 'c']);
    expect(reloader.current().ruleSet.rules.find(({ id }) => id === 'a')?.levels[0]?.condition.text).toBe('count >= 5');
  });

  it('keeps the last good version of a file that no longer loads, and takes the others', async () => {
    const { now, ids, reloader, lines } = await files({ 'a.yaml': rule('a'), 'b.yaml': rule('b') });
    now.texts = { 'a.yaml': rule('a', 'cuont >= 5'), 'b.yaml': rule('b'), 'c.yaml': rule('c') };
    expect(await ids()).toEqual(['a', 'b', 'c']);
    expect(reloader.current().failures).toEqual([{ file: 'a.yaml', message: expect.stringContaining('a.yaml:4') }]);
    expect(lines().filter((line) => line.startsWith('error'))).toHaveLength(1);
  });

  it('complains once, not at each look, and says when all is well again', async () => {
    const { now, ids, reloader, lines } = await files({ 'a.yaml': rule('a') });
    now.texts = { 'a.yaml': '{' };
    for (let look = 0; look < 3; look++) await ids();
    expect(lines().filter((line) => line.startsWith('error'))).toHaveLength(1);
    now.texts = { 'a.yaml': rule('a') };
    await ids();
    expect(reloader.current().failures).toEqual([]);
    expect(lines().at(-1)).toBe('info: all rule files load');
  });

  it('that is asked for while files are being read reads them again, and later callers share it', async () => {
    const { now, reloader, sources } = await files({ 'a.yaml': rule('a') });
    const { rules } = sources;
    let reads = 0;
    const answers: (() => void)[] = [];
    sources.rules = async (...given) => {
      reads += 1;
      const read = await rules(...given);
      await new Promise<void>((resolve) => answers.push(resolve));
      return read;
    };
    const early = reloader.reload();
    while (answers.length < 1) await new Promise(setImmediate);
    now.texts = { 'b.yaml': rule('b') };
    const late = [reloader.reload(), reloader.reload()];
    answers[0]?.();
    expect((await early).ruleSet.rules.map(({ id }) => id)).toEqual(['a']);
    while (answers.length < 2) await new Promise(setImmediate);
    answers[1]?.();
    for (const loaded of await Promise.all(late)) expect(loaded.ruleSet.rules.map(({ id }) => id)).toEqual(['b']);
    expect(reads).toBe(2);
  });

  it('gives the same object while nothing changes, so that nothing is built again', async () => {
    const { reloader } = await files({ 'a.yaml': rule('a') });
    const before = reloader.current();
    expect(await reloader.reload()).toBe(before);
  });

  it('refuses files that would leave no rule at all, and says so in health', async () => {
    const { now, ids, reloader, lines } = await files({ 'a.yaml': rule('a') });
    now.texts = {};
    expect(await ids()).toEqual(['a']);
    expect(await ids()).toEqual(['a']);
    expect(reloader.current().failures).toEqual([
      { file: 'all rule files', message: expect.stringContaining('the new files contain no rule') },
    ]);
    expect(lines().filter((line) => line.startsWith('error'))).toHaveLength(1);
    now.texts = { 'a.yaml': rule('a') };
    await ids();
    expect(reloader.current().failures).toEqual([]);
  });
});

describe('a reload of the configuration', () => {
  it('takes a valid one', async () => {
    const { now, config, reloader, lines } = await files({ 'a.yaml': rule('a') });
    now.config = { ok: true, value: { ...config, reloadInterval: 5_000 }, problems: [] };
    expect((await reloader.reload()).config.reloadInterval).toBe(5_000);
    expect(lines()).toEqual(['info: configuration reloaded']);
  });

  it('keeps the last good one when the new one is not valid, with one error', async () => {
    const { now, config, reloader, lines } = await files({ 'a.yaml': rule('a') });
    now.config = { ok: false, problems: [{ code: 'config/x', severity: 'error', message: 'no good' }] };
    await reloader.reload();
    await reloader.reload();
    expect(reloader.current().config).toBe(config);
    expect(lines()).toEqual(['error: invalid configuration: the last good one remains active']);
  });

  it('says which problems the new one has, without the values in it, and when the one in force was last read', async () => {
    const { now, reloader, clock, config } = await files({ 'a.yaml': rule('a') });
    clock.set(5_000);
    const at = { file: 'tocsin.yaml', line: 3, column: 7 };
    now.config = {
      ok: false,
      problems: [
        { code: 'config/value', severity: 'error', message: 'expected text, got "hunter2"', path: 'receivers[0].password', at },
        { code: 'config/yaml', severity: 'error', message: 'unexpected scalar hunter2', at },
      ],
    };
    const loaded = await reloader.reload();
    expect(loaded.failures).toEqual([{ file: 'tocsin.yaml', message: expect.stringContaining('receivers[0].password') }]);
    expect(JSON.stringify(loaded.failures)).not.toContain('hunter2');
    expect(reloader.configReload()).toEqual({ failure: loaded.failures[0], succeededAt: 0 });
    expect(await reloader.reload()).toBe(loaded);
    now.config = { ok: true, value: config, problems: [] };
    expect((await reloader.reload()).failures).toEqual([]);
    expect(reloader.configReload()).toEqual({ failure: undefined, succeededAt: 5_000 });
  });

  it('does not hide what is wrong with rule files, nor the other way round', async () => {
    const { now, reloader, config } = await files({ 'a.yaml': rule('a') });
    now.config = { ok: false, problems: [{ code: 'config/x', severity: 'error', message: 'no good' }] };
    now.texts = { 'a.yaml': rule('a', 'cuont >= 5') };
    expect((await reloader.reload()).failures.map(({ file }) => file)).toEqual(['a.yaml', 'tocsin.yaml']);
    now.texts = { 'a.yaml': rule('a') };
    expect((await reloader.reload()).failures.map(({ file }) => file)).toEqual(['tocsin.yaml']);
    now.config = { ok: true, value: config, problems: [] };
    expect((await reloader.reload()).failures).toEqual([]);
  });

  it('sees a rotated secret, of which it prints nothing', async () => {
    const { now, config, reloader, raw } = await files({ 'a.yaml': rule('a') });
    const withUrl = (url: string): Config => ({
      ...config,
      destinations: new Map([['d', { id: 'd', receiver: 'r', channel: 'slack', options: { api_url: secret(url) } }]]),
    });
    now.config = { ok: true, value: withUrl('https://hooks.example.com/old'), problems: [] };
    const old = await reloader.reload();
    now.config = { ok: true, value: withUrl('https://hooks.example.com/new'), problems: [] };
    expect(await reloader.reload()).not.toBe(old);
    expect(raw.join('')).not.toContain('hooks.example.com');
  });

  it('warns once of sections that only a start can change, and keeps those', async () => {
    const { now, config, reloader, lines } = await files({ 'a.yaml': rule('a') });
    now.config = { ok: true, value: { ...config, namespace: 'other', reloadInterval: 5_000 }, problems: [] };
    await reloader.reload();
    await reloader.reload();
    expect(reloader.current().config).toMatchObject({ namespace: config.namespace, reloadInterval: 5_000 });
    expect(lines().filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('takes another login of the same cluster, and leaves the object alone while it is the same', async () => {
    const { now, config, reloader, lines } = await files({ 'a.yaml': rule('a') });
    const login = { kind: 'apiKey', apiKey: secret('rotated') } as const;
    now.config = { ok: true, value: { ...config, elasticsearch: { ...config.elasticsearch, auth: login } }, problems: [] };
    const taken = (await reloader.reload()).config.elasticsearch;
    expect(taken.auth).toBe(login);
    const again = { ...config.elasticsearch, auth: { ...login, apiKey: secret('rotated') } };
    now.config = { ok: true, value: { ...config, elasticsearch: again, reloadInterval: 5_000 }, problems: [] };
    expect((await reloader.reload()).config.elasticsearch).toBe(taken);
    expect(lines().filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it('keeps the cluster it has, with its login, when the address is another one', async () => {
    const { now, config, reloader, lines } = await files({ 'a.yaml': rule('a') });
    const auth = { kind: 'apiKey', apiKey: secret('of-the-other') } as const;
    const moved = { ...config.elasticsearch, urls: ['https://elsewhere:9200'], auth };
    now.config = { ok: true, value: { ...config, elasticsearch: moved }, problems: [] };
    expect((await reloader.reload()).config.elasticsearch).toBe(config.elasticsearch);
    expect(lines().filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('keeps every secret it ever had out of the log, each once', async () => {
    const config = { ...(await plainConfig()), secrets: [secret('first-one')] };
    const next = keepFixed(config, { ...config, secrets: [secret('first-one'), secret('second-one')] }).config;
    expect(next.secrets.map((one) => one.reveal())).toEqual(['first-one', 'second-one']);
  });

  it('goes on as it was when reading fails', async () => {
    const { config, lines, log } = { config: await plainConfig(), ...capturedLog() };
    const sources: FileSources = { config: () => Promise.reject(new Error('disk gone')), rules: async () => compileRules([]) };
    const reloader = createReloader(config, compileRules([]), { sources, log, clock: manualClock(0) });
    expect((await reloader.reload()).config).toBe(config);
    expect((await reloader.reload()).failures).toEqual([
      { file: 'all rule files', message: expect.stringContaining('disk gone') },
    ]);
    expect(lines()).toEqual(['error: the reload failed: configuration and rules are unchanged']);
  });
});

describe('a reload that fails between configuration and rules', () => {
  it('puts both in force when it works again', async () => {
    const { now, config, sources, reloader } = await files({ 'a.yaml': rule('a') });
    const { rules } = sources;
    now.config = { ok: true, value: { ...config, reloadInterval: 5_000 }, problems: [] };
    sources.rules = () => Promise.reject(new Error('disk gone'));
    expect((await reloader.reload()).config.reloadInterval).toBe(config.reloadInterval);
    sources.rules = rules;
    const loaded = await reloader.reload();
    expect([loaded.config.reloadInterval, loaded.failures]).toEqual([5_000, []]);
  });
});

describe('problems of files', () => {
  it('name the file that breaks others', () => {
    const set = compileRules([
      { file: 'defaults.yaml', text: 'evry: 5m\n' },
      { file: 'a.yaml', text: rule('a') },
    ]);
    expect(fileFailures(set)).toEqual([{ file: 'a.yaml', message: expect.stringContaining('defaults.yaml:1') }]);
  });
});

describe('what is known of files that do not load', () => {
  const broken = (name: string) => rule(name, 'cuont >= 1');
  const TORN = 'name: [';

  it.each([
    ['every file loads', { 'a.yaml': rule('a'), 'b.yaml': rule('b') }, { 'a.yaml': rule('a') }, []],
    ['a file breaks that loaded before', { 'a.yaml': rule('a'), 'b.yaml': rule('b') }, { 'a.yaml': TORN }, []],
    [
      'a rule moved into a file that broke',
      { 'a.yaml': rule('a'), 'b.yaml': rule('b') },
      { 'a.yaml': `${broken('a')}---\n${rule('b')}` },
      ['a', 'b'],
    ],
    [
      'a new file does not load and says its rules',
      { 'a.yaml': rule('a'), 'b.yaml': rule('b') },
      { 'a.yaml': rule('a'), 'c.yaml': broken('b') },
      ['b'],
    ],
    ['a new file hides its rules', { 'a.yaml': rule('a') }, { 'a.yaml': rule('a'), 'c.yaml': TORN }, undefined],
    [
      'a new file misspells a name',
      { 'a.yaml': rule('a') },
      { 'a.yaml': rule('a'), 'c.yaml': rule('b').replace('name', 'nmae') },
      undefined,
    ],
    [
      'a file did not load at the start',
      { 'a.yaml': rule('a'), 'b.yaml': broken('b') },
      { 'a.yaml': rule('a', 'count >= 2'), 'b.yaml': broken('b') },
      undefined,
    ],
    ['such a file is gone', { 'a.yaml': rule('a'), 'b.yaml': TORN }, { 'a.yaml': broken('a') }, ['a']],
    ['no rule would be left', { 'a.yaml': rule('a') }, {}, undefined],
  ] as const)('%s', async (_, first, then, expected) => {
    const { now, reloader } = await files(first);
    now.texts = then;
    const { inBrokenFiles } = await reloader.reload();
    expect(inBrokenFiles && [...inBrokenFiles]).toEqual(expected);
  });

  it('is known once a file that did not load at the start has loaded', async () => {
    const { now, reloader } = await files({ 'a.yaml': rule('a'), 'b.yaml': TORN });
    expect(reloader.current().inBrokenFiles).toBeUndefined();
    now.texts = { 'a.yaml': rule('a'), 'b.yaml': rule('b') };
    await reloader.reload();
    now.texts = { 'a.yaml': rule('a'), 'b.yaml': TORN };
    expect((await reloader.reload()).inBrokenFiles).toEqual(new Set());
  });

  it('is known while the configuration alone does not load, and not while nothing can be read', async () => {
    const { now, reloader, sources } = await files({ 'a.yaml': rule('a') });
    now.config = { ok: false, problems: [{ code: 'config/yaml', severity: 'error', message: 'no' }] };
    expect((await reloader.reload()).inBrokenFiles).toEqual(new Set());
    sources.config = async () => {
      throw new Error('EMFILE');
    };
    expect((await reloader.reload()).inBrokenFiles).toBeUndefined();
  });
});
