import { Mention } from '../templates/markup.ts';
import type { Template } from '../templates/template.ts';

/** Everyone whom a text mentions: each receiver knows who is meant, or shows the name. */
export function mentionsIn({ source }: Template): Readonly<Record<string, Mention>> {
  const found = source.matchAll(/\bmention(?:\.(\w+)|\[\s*(?:'([^']+)'|"([^"]+)")\s*\])/g);
  const names = [...found].map(([, plain, single, double]) => plain ?? single ?? double ?? '');
  return Object.fromEntries(names.map((name) => [name, new Mention(name)]));
}
