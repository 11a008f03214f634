import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './kustomize.ts';
import type { MadeByHand } from './policies/references.ts';

/** The guide that says what people make by hand. */
export function readGuide(): string {
  return readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
}

/** The Secrets that `kubectl create secret generic` of a guide makes, with their keys. */
export function secretsMadeByHand(guide: string): MadeByHand {
  const made = new Map<string, readonly string[]>();
  const commands = guide.replaceAll(/\\\n\s*/g, ' ').matchAll(/^kubectl -n (\S+) create secret generic (\S+) (.*)$/gm);
  for (const [, namespace = '', name = '', rest = ''] of commands) {
    const keys = [...rest.matchAll(/--from-(?:file|literal)=([\w.-]+)=/g)].map(([, key = '']) => key);
    made.set(`${namespace}/${name}`, [...(made.get(`${namespace}/${name}`) ?? []), ...keys]);
  }
  return made;
}

/** What each piece needs, by the table of the guide whose rows begin with the folder of a piece. */
export function needsOfPieces(guide: string): ReadonlyMap<string, readonly string[]> {
  const [, table = ''] = /\n\| component \|[^\n]*\n(.*?)\n\n/s.exec(guide) ?? [];
  return new Map(
    table.split('\n').flatMap((row) => {
      const [, piece, needs = ''] = /^\| `([\w-]+)` \|[^|]*\|([^|]*)\|$/.exec(row) ?? [];
      return piece === undefined ? [] : [[piece, [...needs.matchAll(/`([\w-]+)`/g)].map(([, need = '']) => need)] as const];
    }),
  );
}
