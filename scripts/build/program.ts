import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const PACKAGES = new URL('../../node_modules/', import.meta.url);

/** Packages of hundreds of small files, each of which Node.js would open: by name, their main file, and the file with their license. */
const INCLUDED: Readonly<Record<string, { readonly main: string; readonly license: string }>> = {
  typebox: { main: 'build/index.mjs', license: 'license' },
};

/** Leaves packages to be imported where they are installed, but for those that are included; those come with their license. */
const packages: Plugin = {
  name: 'packages',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || (path.split('/')[0] ?? '') in INCLUDED) return null;
      return { path, external: true };
    });
    for (const [name, { main, license }] of Object.entries(INCLUDED)) {
      onLoad({ filter: new RegExp(`/node_modules/${name}/${main}$`) }, async ({ path }) => {
        const text = await readFile(new URL(`${name}/${license}`, PACKAGES), 'utf8');
        return { contents: `/*!\n${text.trim()}\n*/\n${await readFile(path, 'utf8')}`, loader: 'js' };
      });
    }
  },
};

/**
 * Bundles the command line: `main.js`, and in `program/` a file for whatever is loaded together. Half a thousand modules, each opened and compiled by
 * itself, take longer than a short command runs. Nothing is minified, so that the traces of errors can be read.
 */
export async function bundleProgram(folder: string): Promise<void> {
  await build({
    entryPoints: [MAIN],
    outdir: folder,
    chunkNames: 'program/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    sourcemap: true,
    plugins: [packages],
    logLevel: 'warning',
  });
}
