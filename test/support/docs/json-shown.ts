import { blocksOf, pages } from '../../unit/docs/pages.ts';

/** The JSON that a page shows and that has a key of this name at its top. Throws where there is none. */
export function jsonShown(file: string, key: string): unknown {
  const blocks = pages()
    .filter((page) => page.file === file)
    .flatMap(blocksOf)
    .filter(({ info }) => info === 'json')
    .map(({ text }): unknown => JSON.parse(text));
  const found = blocks.find((value) => typeof value === 'object' && value !== null && Object.hasOwn(value, key));
  if (found === undefined) throw new Error(`${file} shows no JSON with the key ${key}`);
  return found;
}
