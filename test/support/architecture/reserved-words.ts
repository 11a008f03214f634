import type { SourceFile } from './source-file.ts';

/** Words of the language that only some places may say, and why. */
export const RESERVED: readonly { readonly words: RegExp; readonly in: readonly string[]; readonly instead: string }[] = [
  {
    words:
      /(?<![.\w$])(?:globalThis\s*\.\s*)?(?:Date\s*\.\s*now|performance\s*\.\s*now|setTimeout|setInterval|AbortSignal\s*\.\s*timeout|Math\s*\.\s*random)\b|\bnew\s+Date\s*\(\s*\)|\bnew\s+Date\b(?!\s*\()|(?<![.\w$]|new\s+)Date\s*\(/g,
    in: ['core/time.ts', 'page/live', 'service'],
    instead: 'take `at`, `now`, a Clock or a random source as a parameter',
  },
  {
    words: /\b86_?400_?000\b|\b24 \* 3_?600_?000\b|\bconst DAY\b/g,
    in: ['core/time.ts'],
    instead: 'import DAY of src/core/time.ts',
  },
  {
    words: /\brandom(?:UUID|Bytes|Int)\b|\bgetRandomValues\b|\bprocess\s*\.\s*(?:hrtime|uptime)\b/g,
    in: ['cli', 'files/write-file.ts', 'server/web/sealed.ts', 'service'],
    instead: 'take an id, a nonce or the time as a parameter',
  },
  {
    words: /\bprocess\s*(?:\.\s*env\b|\[)|\benv\b[^;]*\}\s*=\s*process\b/g,
    in: ['main.ts'],
    instead: 'take the value from the configuration',
  },
  {
    words: /(?<![.\w$])(?:globalThis\s*\.\s*)?console\s*[.[]/g,
    in: [],
    instead: 'return data, or log through the log that was passed in',
  },
  { words: /\bexport\s+default\b|\bas\s+default\b/g, in: [], instead: 'export by name' },
];

/** What a file says although its place may not, each with what to do instead. */
export function reservedWords({ path, code }: SourceFile): readonly string[] {
  return RESERVED.filter((reserved) => !reserved.in.some((place) => isIn(path, place))).flatMap(({ words, instead }) =>
    [...code.matchAll(words)].map(([word]) => `src/${path} says ${word.trim()}: ${instead}`),
  );
}

/** Says whether a file is a place, or in the folder that it names. */
export function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
