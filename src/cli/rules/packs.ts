import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TocsinError } from '../../core/errors.ts';
import { namesInstead } from '../../core/nearest.ts';
import type { ReportedPack, ReportedPackRule } from '../../reports/packs-report.ts';
import { loadRules } from '../../rules/load-rules.ts';
import type { Rule } from '../../rules/rule.ts';
import { PACKAGE_ROOT } from '../package-root.ts';

/** The folder of the packs that come with this Tocsin, in the repository, in the package of npm and in the image alike. */
export const PACKS_FOLDER = fileURLToPath(new URL('rules', PACKAGE_ROOT));

/** The names of the packs in a folder, in order: each pack is a folder. */
export async function packNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Reads packs of a folder: the Kustomization of each begins with what its rules are about and need. */
export async function readPacks(folder: string, names: readonly string[]): Promise<readonly ReportedPack[]> {
  return Promise.all(names.map((name) => readPack(name, join(folder, name))));
}

async function readPack(name: string, folder: string): Promise<ReportedPack> {
  const [text, { compiled }] = await Promise.all([readFile(join(folder, 'Kustomization'), 'utf8'), loadRules([folder])]);
  const rules = [...compiled.values()].flatMap((file) =>
    file.rules.map((rule) => reportedRule(rule, relative(folder, file.file))),
  );
  return {
    name,
    about: /^# (.+)$/m.exec(text)?.[1] ?? '',
    data: /^# Data: (.+)$/m.exec(text)?.[1] ?? '',
    rules: rules.sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

function reportedRule(rule: Rule, file: string): ReportedPackRule {
  return { name: rule.name, type: rule.type, file, index: rule.source.indices, finds: firstSentence(rule.description ?? '') };
}

/** A text up to the end of its first sentence; dots in numbers and file names do not end it. */
export function firstSentence(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return /^.*?[.!?](?= [A-Z0-9]|$)/.exec(line)?.[0] ?? line;
}

/** The names of packs that are asked for, in this order, each once; all that are known where none is named. Throws TocsinError for an unknown one. */
export function chosenPacks(names: readonly string[], known: readonly string[]): readonly string[] {
  if (names.length === 0) return known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return [...new Set(names)];
  throw new TocsinError('cli/pack', `unknown pack: ${JSON.stringify(unknown)}`, { hint: namesInstead(unknown, known) });
}

/** The files of a pack that are of use outside of this repository: rules, their tests and defaults. */
export async function filesOfPack(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder);
  return entries
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => basename(name))
    .sort();
}
