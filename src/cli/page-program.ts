import { readFile } from 'node:fs/promises';

/** The program of pages with sandboxes, as `npm run build` puts it into the package. */
const BUILT = new URL('../page/program.js', import.meta.url);
/** What makes it of its sources: beside them there is no built one, and it would be older than they are. */
const SOURCES = new URL('../../scripts/page/bundle.ts', import.meta.url);

/** What runs in a report's page. Built once in a package; from the sources it is bundled when it is asked for. */
export async function pageProgram(): Promise<string> {
  if (import.meta.url.endsWith('.js')) return readFile(BUILT, 'utf8');
  const { bundlePage } = (await import(SOURCES.href)) as { readonly bundlePage: () => Promise<string> };
  return bundlePage();
}
