/** A file of tests or scripts, and its text. */
interface Reader {
  readonly path: string;
  readonly text: string;
}

const READS_FILES = /\bnode:fs\b|\bimport\.meta\b|\bprocess\.cwd\b/;

/** Folders that are in the path of nearly every test, and say nothing of what is in them. */
const ANYWHERE = ['test', 'unit', 'support'];

/**
 * The files of tests and scripts that may read one of some changed files from the disk, which no import shows: those that read files and name its
 * folder, or the file itself where it is at the root. Rather one too many than one too few.
 */
export function readersOf(changed: readonly string[], files: readonly Reader[]): readonly string[] {
  const names = new Set(changed.flatMap(namesOf));
  const named = [...names].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  if (named === '') return [];
  const says = new RegExp(`['"\`/](?:${named})['"\`/]`);
  return files.filter(({ text }) => READS_FILES.test(text) && says.test(text)).map(({ path }) => path);
}

function namesOf(path: string): readonly string[] {
  const folders = path.split('/').slice(0, -1);
  const [first] = folders;
  if (first === undefined) return [path];
  if (first !== 'test') return [first];
  return path.endsWith('.ts') ? [] : folders.filter((folder) => !ANYWHERE.includes(folder));
}
