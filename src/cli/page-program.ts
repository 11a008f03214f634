import { readFile } from 'node:fs/promises';
import { PACKAGE_ROOT } from './package-root.ts';

/** The programs of pages, as `npm run build` puts them into the package. */
const BUILT = new URL('dist/page/', PACKAGE_ROOT);
/** What makes them of their sources: beside them there are no built ones, and they would be older than these are. */
const SOURCES = new URL('scripts/page/bundle.ts', PACKAGE_ROOT);

interface Bundles {
  readonly bundlePage: () => Promise<string>;
  readonly bundleLivePages: () => Promise<string>;
}

/** What runs in a report's page. Built once in a package; from the sources it is bundled when it is asked for. */
export function pageProgram(): Promise<string> {
  return program('program.js', ({ bundlePage }) => bundlePage());
}

/** What runs in the pages of the service. */
export function livePagesProgram(): Promise<string> {
  return program('live.js', ({ bundleLivePages }) => bundleLivePages());
}

async function program(built: string, bundle: (bundles: Bundles) => Promise<string>): Promise<string> {
  if (import.meta.url.endsWith('.js')) return readFile(new URL(built, BUILT), 'utf8');
  return bundle((await import(SOURCES.href)) as Bundles);
}
