import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What commands that read rules need before they know whether they will ask or send anything. */
const READING_RULES = [
  '@marcbachmann/cel-js',
  'ajv',
  'commander',
  'croner',
  'ical.js',
  'liquidjs',
  'nodemailer/lib/addressparser',
  'picocolors',
  're2js',
  'typebox',
  'typebox/compile',
  'yaml',
];

/** The packages that are loaded with some files: what these import, and not what they may load later. */
async function loadedWith(files: readonly string[]): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: files.map((file) => join(ROOT, file)),
    absWorkingDir: ROOT,
    outdir: join(ROOT, 'unwritten'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    write: false,
    metafile: true,
  });
  const packages = new Set<string>();
  const seen = new Set<string>();
  const follow = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const one of metafile.inputs[path]?.imports ?? []) {
      if (one.kind === 'dynamic-import') continue;
      if (one.external !== true) follow(one.path);
      else if (!one.path.startsWith('node:')) packages.add(one.path);
    }
  };
  for (const file of files) follow(file);
  return [...packages].sort();
}

describe('packages that are loaded before there is a use for them', () => {
  test.each<[command: string, files: readonly string[], allowed: readonly string[]]>([
    ['the process that only starts another one', ['src/main.ts'], ['picocolors']],
    ['--help', ['src/main.ts', 'src/cli/program.ts'], ['commander', 'picocolors']],
    ['check', ['src/cli/program.ts', 'src/cli/check.ts'], [...READING_RULES, 'rrule-temporal']],
    ['test', ['src/cli/program.ts', 'src/cli/test.ts'], READING_RULES],
    ['dry-run', ['src/cli/program.ts', 'src/cli/dry-run.ts'], READING_RULES],
    ['pr', ['src/cli/program.ts', 'src/cli/pr.ts'], READING_RULES],
  ])('none by %s', async (_command, files, allowed) => {
    const loaded = await loadedWith(files);
    expect(loaded).toContain('picocolors');
    expect(loaded.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('and this would find them: a service loads what answers HTTP', async () => {
    expect(await loadedWith(['src/cli/run.ts'])).toContain('fastify');
  });
});
