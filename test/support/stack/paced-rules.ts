import path from 'node:path';
import { type Document, parse, parseAllDocuments } from 'yaml';
import { formatDuration, parseDuration } from '../../../src/core/duration.ts';
import { isDefaultsFile, readRuleFiles } from '../../../src/rules/read-files.ts';
import type { SourceFile } from '../../../src/yaml/parse.ts';

const RULES = path.resolve(import.meta.dirname, '../../../rules');
/** The packs about telemetry; what Tocsin says of its own messages at thirty times the pace is no part of the story. */
const PACKS = ['apm', 'audit', 'hosts', 'kubernetes', 'stub'].map((pack) => path.join(RULES, pack));
/** Keys whose durations are how long an incident takes to be notified of; what looks back for hours or days stays as it is. */
const PACED = ['every', 'window', 'for', 'keep_firing_for', 'no_data_after', 'settle'] as const;

/**
 * The deployed rules about telemetry as one file, with the durations of {@link PACED} divided by `pace`, so that minutes of an incident pass in seconds, and
 * `delay` set to how long documents really take here, which no pace makes shorter. Everything else is as deployed.
 */
export async function pacedRules(pace: number, delay: string): Promise<string> {
  const { files } = await readRuleFiles(PACKS);
  const isDefaults = ({ file }: SourceFile) => isDefaultsFile(path.basename(file));
  const defaults = new Map(files.filter(isDefaults).map(({ file, text }) => [path.dirname(file), parse(text) as Defaults]));
  const rules = files.filter((file) => !isDefaults(file));
  const documents = rules.flatMap(({ file, text }) => {
    const own = [...parseAllDocuments(text)] as Document[];
    for (const document of own) takeDefaults(document, defaults.get(path.dirname(file)) ?? {});
    return own;
  });
  for (const document of documents) {
    for (const key of PACED) {
      const given = document.get(key);
      if (typeof given === 'string') document.set(key, divided(given, pace));
    }
    // Defaults pass at the same pace.
    if (!document.has('every') && !document.has('schedule')) document.set('every', divided('1m', pace));
    if (!document.has('window')) document.set('window', divided('5m', pace));
    document.set('delay', delay);
  }
  return documents.map(String).join('---\n');
}

interface Defaults {
  readonly labels?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** One file has no folders: what the defaults of a rule's pack give it stands in the rule. */
function takeDefaults(document: Document, { labels = {}, ...keys }: Defaults): void {
  for (const [key, value] of Object.entries(keys)) if (!document.has(key)) document.set(key, value);
  for (const [name, value] of Object.entries(labels))
    if (!document.hasIn(['labels', name])) document.setIn(['labels', name], value);
}

function divided(duration: string, pace: number): string {
  const parsed = parseDuration(duration);
  if (parsed === undefined) throw new Error(`${duration} is no duration`);
  return formatDuration(parsed / pace);
}
