import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Words that ARCHITECTURE.md has another word for; as parts of names, or in texts. */
const DIALECT = new Set(
  [
    'judge judges judged judging judgement judgements unjudged judgeable',
    'told tell tells telling untold',
    'owe owes owed owing',
    'conversation conversations',
    'conductor metronome beat beats seat seats lane lanes',
    'projection projections twin twins sight ward patient',
    'trouble troubles troubled mend mends mended anew somebody',
  ]
    .join(' ')
    .split(' '),
);

/** How often each word of the dialect occurs, by file: in `src`, and in the pages that people read. */
export function dialectIn(root: string): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const files = [...below(root, 'src', '.ts'), ...below(root, 'docs', '.md'), 'README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'];
  return Object.fromEntries(
    files.flatMap((file) => {
      const found = dialectOf(readFileSync(join(root, file), 'utf8'));
      return Object.keys(found).length === 0 ? [] : [[file, found]];
    }),
  );
}

/** The words of the dialect in a text, with how often they occur. */
export function dialectOf(text: string): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/[A-Za-z]+/g)) {
    for (const part of word.split(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)) {
      const known = part.toLowerCase();
      if (DIALECT.has(known)) counts.set(known, (counts.get(known) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function below(root: string, folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}
