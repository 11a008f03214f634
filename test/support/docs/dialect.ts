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
    'trouble troubles troubled mend mends mended anew',
    'nobody somebody anybody everybody whoever whomever stranger strangers newcomer newcomers lest',
  ]
    .join(' ')
    .split(' '),
);

/** Phrases with a plainer form. "There is none", "no longer", "stands for" and a stand-in are English. */
const PHRASES: Readonly<Record<string, RegExp>> = {
  'is no': /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b)[a-z]/gi,
  'is none': /(?<!\bthere )\b(?:is|are|was|were) none\b(?! of\b)/gi,
  stands: /\b(?:stands|stood|stand(?!-))\b(?! for\b| out\b)/gi,
  bears: /\b(?:bears?|bore)\b/gi,
  dear: /\bdear(?:er)?\b/gi,
  'for ever': /\bfor ever\b/gi,
  'without a word': /\bwithout a word\b/gi,
  'broke off': /\b(?:broke|breaks?|broken) off\b/gi,
};

/** The files whose words are counted: `src`, and the pages that people read. */
const PAGES = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'RELEASE.md', 'SECURITY.md'];

/** How often each word of the dialect occurs, by file: in `src`, in rules, and in the pages that people read. */
export function dialectIn(root: string): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const files = [...below(root, 'src', '.ts'), ...below(root, 'docs', '.md'), ...below(root, 'rules', '.yaml'), ...PAGES];
  return Object.fromEntries(
    files.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const found = dialectOf(file.startsWith('rules/') ? withoutFieldNames(text) : text);
      return Object.keys(found).length === 0 ? [] : [[file, found]];
    }),
  );
}

/** A rule without names of fields such as `beat.stats.info`, whose words are Elastic's. */
export function withoutFieldNames(text: string): string {
  return text.replace(/\w+(?:\.\w+)+/g, '');
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
  for (const [phrase, pattern] of Object.entries(PHRASES)) {
    const found = text.match(pattern)?.length ?? 0;
    if (found > 0) counts.set(phrase, found);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function below(root: string, folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}
