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
    'hear hears hearing unhear',
  ]
    .join(' ')
    .split(' '),
);

/** Phrases with a plainer form. "There is none", "no longer", "stands for", a stand-in and "over a minute" are English. */
const PHRASES: Readonly<Record<string, RegExp>> = {
  'is no': /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b)[a-z]/gi,
  'is none': /(?<!\bthere )\b(?:is|are|was|were) none\b(?! of\b)/gi,
  stands: /\b(?:stands|stood|stand(?!-))\b(?! for\b| out\b)/gi,
  bears: /\b(?:bears?|bore)\b/gi,
  dear: /\bdear(?:er)?\b/gi,
  'for ever': /\bfor ever\b/gi,
  'without a word': /\bwithout a word\b/gi,
  'broke off': /\b(?:broke|breaks?|broken) off\b/gi,
  'hand on': /\bhand(?:s|ed|ing)? on\b/gi,
  'unless given': /\bunless given\b/gi,
  'became of': /\bbec(?:ame|omes?) of\b/gi,
  'for want of': /\bfor want of\b/gi,
  'knows nothing of': /\bknows? nothing of\b/gi,
  'is not there': /\b(?:is|are|was|were) not there\b/gi,
  'is gone': /\b(?:is|are) gone\b/gi,
  'is over': /\b(?:is|are) over\b(?! (?:the|an?|\d))/gi,
  'once more': /\bonce more\b/gi,
  'the worst first': /\bthe (?:worst|newest|oldest|earliest|noisiest) first\b/gi,
  'comes about': /\bcomes? about\b/gi,
  thereof: /\bthereof\b/gi,
};

const PAGES = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'RELEASE.md', 'SECURITY.md', 'CHANGELOG.md'];

/** The folders whose files are searched, with the endings of their names. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  '.github': ['.md', '.yml'],
  deploy: ['.go', '.md', '.mts', '.yaml'],
  docs: ['.md', '.yaml'],
  examples: ['.md', '.ts', '.yaml'],
  rules: ['.md', '.yaml'],
  scripts: ['.ts'],
  src: ['.ts'],
  templates: ['.yml'],
};

/** How often each word of the dialect occurs, by file: in code outside of tests, in manifests and rules, and in pages. */
export function dialectIn(root: string): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const files = [...Object.entries(FOLDERS).flatMap(([folder, endings]) => below(root, folder, endings)), ...PAGES];
  return Object.fromEntries(
    files.flatMap((file) => {
      const found = dialectOf(withoutNames(file, readFileSync(join(root, file), 'utf8')));
      return Object.keys(found).length === 0 ? [] : [[file, found]];
    }),
  );
}

/** A text without names that others have given: fields and links in rules, former names of indices in the changelog. */
function withoutNames(file: string, text: string): string {
  if (file.startsWith('rules/')) return withoutFieldNames(text.replace(/\]\([^)]*\)/g, ']'));
  return file === 'CHANGELOG.md' ? text.replace(/`[^`\n]*`/g, '') : text;
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

function below(root: string, folder: string, endings: readonly string[]): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}
