import { readFileText } from '../files/open-file.ts';

/** Largest file that a configuration is, or names, bytes. */
const MAX_BYTES = 1024 * 1024;

/** What was read of a file, or why it was not: a text for the problem, and the next step. */
export type ReadFile =
  | { readonly ok: true; readonly text: string; readonly mode: number }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** A value as a file or a variable holds it, without what editors and shells wrap it in: a byte order mark, and line ends at its end. */
export function withoutWrapping(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
}

/**
 * Reads a regular file of at most 1 MiB. A pipe would block, and a device could be read endlessly. Links are followed anywhere:
 * mounted secrets are links, and who writes `tocsin.yaml` is trusted. `mode` is that of the file itself.
 */
export async function readBounded(path: string, name: string, hintIfAbsent: string): Promise<ReadFile> {
  const read = await readFileText(path, { maxBytes: MAX_BYTES });
  if (read.ok) return read;
  switch (read.code) {
    case 'absent':
      return { ok: false, message: `${name}: no such file`, hint: hintIfAbsent };
    case 'not_regular':
      return { ok: false, message: `${name} is not a regular file`, hint: 'name a file' };
    case 'too_large':
      return { ok: false, message: `${name} is larger than 1 MiB`, hint: 'use the correct file' };
    default:
      return { ok: false, message: `${name} cannot be read: ${read.message}`, hint: read.hint };
  }
}
