import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { manualClock } from '../../../src/core/time.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';
import { createReloader, type FileSources } from '../../../src/service/reload/reload.ts';
import { writeVolume } from '../../support/kubernetes/volume.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const rule = (name: string, condition = 'count >= 1') =>
  `name: ${name}\ntype: frequency\nindex: logs-*\ncondition: ${condition}\n`;

let top = '';
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'tocsin-mounted-'));
});
afterEach(() => rm(top, { recursive: true }));

/** A service's files as a Pod has them: its configuration, its rules and its secrets, each a volume. */
async function mounted() {
  const [etc, rules, secrets] = ['etc', 'rules', 'secrets'].map((name) => join(top, name)) as [string, string, string];
  const config = (more = '') => ({
    'tocsin.yaml': `elasticsearch: { api_key_file: ${secrets}/api-key }\nrules: [${rules}]\n${more}`,
  });
  const secret = (text: string) => writeVolume(secrets, { 'api-key': text }, { mode: 0o440 });
  await writeVolume(etc, config());
  await writeVolume(rules, { 'a.yaml': rule('a'), 'b.yaml': rule('b') });
  await secret('the-first-key');
  const sources: FileSources = {
    config: () => loadConfig(join(etc, 'tocsin.yaml'), {}),
    rules: (given, previous) => loadRules(given.rules, {}, previous),
  };
  const checked = await sources.config();
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const { log, lines } = capturedLog();
  const reloader = createReloader(checked.value, await sources.rules(checked.value), { sources, log, clock: manualClock(0) });
  const ids = async () => (await reloader.reload()).ruleSet.rules.map(({ id }) => id).sort();
  return { etc, rules, config, secret, reloader, ids, lines };
}

describe('files that Kubernetes mounts', () => {
  it('are read once each, and not again while nothing changes', async () => {
    const { reloader, ids, lines } = await mounted();
    const before = reloader.current();
    expect(await ids()).toEqual(['a', 'b']);
    expect(reloader.current()).toBe(before);
    expect(lines()).toEqual([]);
  });

  it('that change are seen without a restart: changed, new and removed rules', async () => {
    const { rules, ids, reloader, lines } = await mounted();
    await writeVolume(rules, { 'a.yaml': rule('a', 'count >= 5'), 'c.yaml': rule('c') });
    expect(await ids()).toEqual(['a', 'c']);
    expect(reloader.current().ruleSet.rules.find(({ id }) => id === 'a')?.levels[0]?.condition.text).toBe('count >= 5');
    expect(lines()).toEqual(['info: rules reloaded']);
  });

  it('that are looked at in the middle of a change lose no rule, and are right at the next look', async () => {
    const { rules, ids, reloader } = await mounted();
    let meanwhile: readonly string[] = [];
    const atSwap = async () => {
      meanwhile = await ids();
    };
    await writeVolume(rules, { 'a.yaml': rule('a', 'count >= 5'), 'c.yaml': rule('c') }, { atSwap });
    // The link of b.yaml leads nowhere for a moment: nobody removed the rule yet, as far as one can know.
    expect(meanwhile).toEqual(['a', 'b']);
    expect(await ids()).toEqual(['a', 'c']);
    expect(reloader.current().failures).toEqual([]);
  });

  it('that break keep their last good version, until they are fixed', async () => {
    const { rules, ids, reloader } = await mounted();
    await writeVolume(rules, { 'a.yaml': rule('a', 'cuont >= 5'), 'b.yaml': rule('b') });
    expect(await ids()).toEqual(['a', 'b']);
    expect(reloader.current().failures).toHaveLength(1);
    await writeVolume(rules, { 'a.yaml': rule('a'), 'b.yaml': rule('b') });
    expect(await ids()).toEqual(['a', 'b']);
    expect(reloader.current().failures).toEqual([]);
  });

  it('bring a changed configuration', async () => {
    const { etc, config, reloader } = await mounted();
    await writeVolume(etc, config('reload_interval: 5s\n'));
    expect((await reloader.reload()).config.reloadInterval).toBe(5_000);
  });

  it('bring a rotated key', async () => {
    const { secret, reloader } = await mounted();
    await secret('the-second-key');
    const { auth } = (await reloader.reload()).config.elasticsearch;
    expect(auth.kind === 'apiKey' && auth.apiKey.reveal()).toBe('the-second-key');
  });
});
