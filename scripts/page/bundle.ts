import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const SOURCES = new URL('../../src/page/', import.meta.url);
const STANDINS = new URL('./stand-ins/', import.meta.url);

/**
 * What a browser does not have, or a page does not need. Schemas of stored documents are needed where documents come from elsewhere: a page reads only
 * what it wrote itself.
 */
const REPLACED: Readonly<Record<string, string>> = {
  'node:crypto': 'crypto.ts',
  typebox: 'schemas.ts',
  'typebox/compile': 'schemas.ts',
};

const replaced: Plugin = {
  name: 'stand-ins',
  setup: ({ onResolve }) => {
    onResolve({ filter: new RegExp(`^(?:${Object.keys(REPLACED).join('|')})$`) }, ({ path }) => ({
      path: fileURLToPath(new URL(REPLACED[path] ?? '', STANDINS)),
    }));
  },
};

/** Signs that would end the element that the program is in, or begin a comment there. */
const ENDS = /<(?=\/script|!--|script)/gi;

/** Bundles what runs in the page of a report as one text for a `script` element; `tocsinPage` is what it gives to tests. */
export function bundlePage(): Promise<string> {
  return bundle('main.ts');
}

/** Bundles what runs in the pages of the service. */
export function bundleLivePages(): Promise<string> {
  return bundle('live/main.ts');
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, SOURCES))],
    loader: { '.css': 'text' },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    globalName: 'tocsinPage',
    platform: 'browser',
    target: 'es2023',
    charset: 'ascii',
    legalComments: 'none',
    plugins: [replaced],
    logLevel: 'silent',
  });
  const text = outputFiles[0]?.text ?? '';
  if (ENDS.test(text)) throw new Error('the program of pages holds what would end its element');
  return text;
}
