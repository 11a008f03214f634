import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileSources } from '../../../src/cli/run.ts';
import { fakeCommandLine } from '../../support/cli/fake-command-line.ts';

it('a configuration file that is gone is a problem of the reload, and does not put the defaults in force', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-run-'));
  try {
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, 'namespace: shop\n');
    const line = { ...fakeCommandLine().line, folder };
    const sources = fileSources([], line, {}, file);
    await rm(file);
    expect(await sources.config()).toMatchObject({ ok: false, problems: [{ code: 'config/file' }] });
    expect(await fileSources([], line, {}, undefined).config()).toMatchObject({ ok: true });
  } finally {
    await rm(folder, { recursive: true });
  }
});
