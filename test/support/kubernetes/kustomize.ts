import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { run } from '../elasticsearch/command.ts';
import { findKubectl } from './kubectl.ts';
import type { Manifest } from './manifest.ts';

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const built = new Map<string, Promise<readonly Manifest[]>>();

/** Builds a kustomization, by its folder from the project's; each once a process. */
export function build(folder: string): Promise<readonly Manifest[]> {
  const ready = built.get(folder) ?? render(path.join(ROOT, folder)).then(manifestsOf);
  built.set(folder, ready);
  return ready;
}

/** The YAML that `kubectl kustomize` makes of a folder. */
export async function render(folder: string): Promise<string> {
  return run(await findKubectl(), ['kustomize', folder]);
}

const parsed = new Map<string, readonly Manifest[]>();

/** The objects of a stream of YAML documents. A document is parsed once a process: overlays that differ in one piece share all others. */
export function manifestsOf(text: string): readonly Manifest[] {
  return text.split(/^---\n/m).flatMap((document) => {
    const known = parsed.get(document) ?? objectsOf(document);
    parsed.set(document, known);
    return known;
  });
}

function objectsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if ('errors' in document && document.errors.length > 0) throw document.errors[0] ?? new Error('this is no YAML');
    const value = 'toJS' in document ? (document.toJS() as Manifest | null) : null;
    return value === null ? [] : [value];
  });
}
