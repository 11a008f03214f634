import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { defaultConfig } from '../../../src/config/load.ts';
import { keepSilences, silenceFailures } from '../../../src/service/reload/silence-files.ts';
import { type FileSilences, NO_FILE_SILENCES } from '../../../src/silence-files/file-silence.ts';
import { readSilenceFile } from '../../../src/silence-files/read-file.ts';
import { withFileSilences } from '../../../src/silence-files/with-files.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const RULE = testRule({ name: 'boom', window: MINUTE });

function loaded(duration: string, file = 'silences/x.yaml'): FileSilences {
  const text = `name: x\nmatchers: [alertname=boom]\nstart: 2026-01-01T00:00\nduration: ${duration}\ncomment: weekly\n`;
  const read = readSilenceFile({ file, text }, {});
  return { ...read, files: [{ file, ok: read.problems.length === 0 }] };
}

async function config(): Promise<Config> {
  const checked = await defaultConfig({});
  if (!checked.ok) throw new Error('the default configuration is not valid');
  return checked.value;
}

describe('silences of files', () => {
  it('suppress; one that no longer loads goes on, and a health alert says so until it loads', async () => {
    const { log, lines } = capturedLog();
    let now = loaded('7d');
    const kept = keepSilences({ first: now, source: async () => now, log });
    const one = world();
    const silences = withFileSilences(one.backend.silences, kept.silences);
    const backend = { ...one.backend, silences };
    const ports = one.engine([RULE], { backend, otherFailures: kept.failures, meta: 'meta' });
    one.add('logs-app', ...[0, 1, 2, 3, 4].map((minute) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString() })));
    await turnAt(ports, NOON + MINUTE);
    expect(heard(one.channel)).toEqual([]);
    now = loaded('soon');
    await kept.reload(await config());
    await turnAt(ports, NOON + 2 * MINUTE);
    const told = () => heard(one.channel).map((text) => text.slice(6).split(':')[0]);
    expect(told().sort()).toEqual(['meta [FIRING] Tocsin', 'team [FIRING] Tocsin']);
    expect(kept.failures()).toEqual([
      { file: 'silences/x.yaml', message: expect.stringContaining('silences/x.yaml:4:11 duration') },
    ]);
    now = NO_FILE_SILENCES;
    await kept.reload(await config());
    await turnAt(ports, NOON + 4 * MINUTE);
    expect(heard(one.channel).some((text) => text.includes('team [FIRING] boom'))).toBe(true);
    expect(lines().join('\n')).toContain('some files of silences do not load; their last good version remains active');
  });

  it('that do not load have a health alert each, up to twenty, and the others one', () => {
    const files = Array.from({ length: 1_500 }, (_, n) => ({ file: `silences/${n}.yaml`, ok: n === 0 }));
    const failures = silenceFailures({ ...NO_FILE_SILENCES, files });
    expect(failures).toHaveLength(21);
    expect(failures.at(-1)).toEqual({
      file: 'other files of silences',
      message: '1479 more files do not load: `tocsin check` names them',
    });
    expect(silenceFailures({ ...NO_FILE_SILENCES, files: files.slice(0, 21) })).toHaveLength(20);
  });

  it('stay in force where reading them throws, and where there is no source', async () => {
    const { log } = capturedLog();
    const kept = keepSilences({ first: loaded('7d'), source: () => Promise.reject(new Error('no more files')), log });
    await kept.reload(await config());
    expect(kept.silences()).toHaveLength(1);
    expect(kept.failures()[0]?.message).toContain('no more files');
    const alone = keepSilences({ first: loaded('7d'), source: undefined, log });
    await alone.reload(await config());
    expect([alone.silences().length, alone.failures()]).toEqual([1, []]);
  });

  it('are listed among the stored ones and cannot be replaced by one of their name', async () => {
    const one = world();
    const { silences } = loaded('7d');
    const all = withFileSilences(
      one.backend.silences,
      () => silences,
      () => NOON,
    );
    const listed = await all.list(0);
    expect(listed).toMatchObject({ ok: true, value: [{ id: 'file:x', origin: 'silences/x.yaml:1' }] });
    const [first] = listed.ok ? listed.value : [];
    expect(first && (await all.put(first))).toEqual({
      ok: false,
      message: expect.stringContaining('is planned in silences/x.yaml:1'),
    });
    expect(await all.get('file:x')).toMatchObject({ ok: true, value: { document: { id: 'file:x' } } });
    expect(await all.get('other')).toEqual({ ok: true, value: undefined });
    const later = withFileSilences(
      one.backend.silences,
      () => silences,
      () => NOON + 30 * 24 * 60 * MINUTE,
    );
    expect(await later.list(0)).toMatchObject({ ok: true, value: [] });
  });
});
