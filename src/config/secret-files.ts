import { resolve } from 'node:path';
import { own } from '../core/record.ts';
import { type Secret, secret } from '../core/secret.ts';
import type { Path } from '../yaml/path.ts';
import { fileKeyOf } from './file-keys.ts';
import { readBounded, withoutWrapping } from './read-bounded.ts';
import type { Report } from './report.ts';
import { STAND_IN_URL } from './schema-at.ts';

/** Reads what a configuration keeps in other files, relative to its own folder, and collects every secret it meets. */
export interface Files {
  /** All secrets that were read so far. */
  readonly secrets: readonly Secret[];
  /** Makes a secret of a text of the configuration. */
  keep(text: string): Secret;
  /** The secret under `key` or in the file named by its `_file` key; undefined when there is neither, or the file is a problem. */
  secret(section: Readonly<Record<string, unknown>>, key: string, path: Path): Promise<Secret | undefined>;
  /** The content of a secret file; `what` names the secret. Undefined after a problem, a placeholder if the secret is not needed. */
  secretFile(name: string, what: string, path: Path): Promise<Secret | undefined>;
  /** The text of a file that holds no secret; undefined after a problem. */
  text(name: string, path: Path): Promise<string | undefined>;
  /** The same of a file that every command needs. */
  required(name: string, path: Path): Promise<string | undefined>;
}

const NEARBY = 'paths are relative to the folder of this file';

/** Makes the reader for a configuration in `folder`. */
export function filesIn(folder: string, report: Report): Files {
  const secrets: Secret[] = [];
  const keep = (text: string) => {
    const kept = secret(text);
    secrets.push(kept);
    return kept;
  };
  const secretFile = async (name: string, what: string, path: Path) => {
    const file = await readNamed(folder, name, path, report);
    if (file === undefined) return report.broken(path) ? undefined : keep(STAND_IN_URL);
    const text = withoutWrapping(file.text);
    if (text === '') {
      const isNeeded = report.missing('config/secret-file', path, `${name} is empty`, `write ${what} to the file`);
      return isNeeded ? undefined : keep(STAND_IN_URL);
    }
    if ((file.mode & 0o004) !== 0 && process.platform !== 'win32') {
      const hint = 'run chmod o-r on it, or set defaultMode: 0440 on a Kubernetes volume';
      report.warning('config/secret-file-readable', path, `${name} is world-readable`, hint);
    }
    return keep(text);
  };
  return {
    secrets,
    keep,
    secretFile,
    text: async (name, path) => (await readNamed(folder, name, path, report))?.text,
    required: async (name, path) => {
      const read = await readBounded(resolve(folder, name), name, NEARBY);
      if (read.ok) return read.text;
      report.error('config/file', path, read.message, read.hint);
      return undefined;
    },
    secret: async (section, key, path) => {
      const given = own(section, key);
      if (typeof given === 'string') return keep(given);
      const name = own(section, fileKeyOf(key));
      return typeof name === 'string' ? secretFile(name, key, [...path, fileKeyOf(key)]) : undefined;
    },
  };
}

async function readNamed(
  folder: string,
  name: string,
  path: Path,
  report: Report,
): Promise<{ readonly text: string; readonly mode: number } | undefined> {
  const read = await readBounded(resolve(folder, name), name, NEARBY);
  if (read.ok) return read;
  report.missing('config/file', path, read.message, read.hint);
  return undefined;
}
