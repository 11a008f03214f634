import { isAbsolute, join } from 'node:path';
import { Command } from 'commander';
import type { CopyReport, ReportedPack } from '../reports/packs-report.ts';
import { copyJson, copyText, packsJson, packsText } from '../reports/packs-text.ts';
import { formatOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, type Printers, print } from './command-line.ts';
import { nearPath } from './open-rules.ts';
import { copyPack } from './rules/copy-pack.ts';
import { chosenPacks, PACKS_FOLDER, packNames, readPacks } from './rules/packs.ts';

type Format = 'text' | 'json';

interface ListOptions extends GlobalOptions {
  readonly format: Format;
}

interface AddOptions extends ListOptions {
  readonly into: string;
  readonly force: boolean;
}

const LISTS: Printers<readonly ReportedPack[], Format> = { text: packsText, json: packsJson };
const COPIES: Printers<CopyReport, Format> = { text: copyText, json: copyJson };

/** `tocsin rules`: the packs of rules that Tocsin brings, and how to take one. */
export const attachRules: Attach = (line, settle) => {
  const list = new Command('list')
    .description('List the rule packs, the data that each needs, and what each rule detects.')
    .argument('[packs...]', 'list only these packs')
    .addOption(formatOption(Object.keys(LISTS)))
    .action(async (names: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<ListOptions>();
      const packs = await readPacks(PACKS_FOLDER, chosenPacks(names, await packNames(PACKS_FOLDER)));
      print(packs, options.format, LISTS, line, options);
    });
  const add = new Command('add')
    .description('Copy rule packs into your rules, with their rule tests and defaults. You can edit the copies.')
    .argument('<packs...>', 'names of packs, as `tocsin rules list` shows them')
    .option('--into <folder>', 'folder for your rules; each pack is copied into a subfolder', 'rules')
    .option('--force', 'overwrite existing files that differ', false)
    .addOption(formatOption(Object.keys(COPIES)))
    .action(async (names: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<AddOptions>();
      const report = await addPacks(names, options, line);
      print(report, options.format, COPIES, line, options);
      if (report.files.some(({ state }) => state === 'kept')) settle(1);
    });
  const command = new Command('rules').description(
    'List the rule packs included with Tocsin, and copy them into your own rules.',
  );
  command.addCommand(
    withExamples(list, [
      ['List all packs with their rules', 'tocsin rules list'],
      ['List the rules of two packs', 'tocsin rules list kubernetes hosts'],
      ['For scripts', "tocsin rules list --format json | jq -r '.packs[].rules[].name'"],
    ]),
    { isDefault: true },
  );
  command.addCommand(
    withExamples(add, [
      ['Copy rules about Pods and nodes into rules/kubernetes', 'tocsin rules add kubernetes'],
      ['Copy two packs into another folder', 'tocsin rules add hosts elastic-stack --into alerting/rules'],
      ['Then check them, also against the cluster, and run their tests', 'tocsin check --cluster && tocsin test'],
      ['Replace your copy with a newer version of the pack', 'tocsin rules add kubernetes --force && git diff'],
    ]),
  );
  return withExamples(command, [
    ['List all packs', 'tocsin rules'],
    ['Take one', 'tocsin rules add kubernetes'],
  ]);
};

async function addPacks(names: readonly string[], { into, force }: AddOptions, line: CommandLine): Promise<CopyReport> {
  // All of them are found before the first is written.
  const packs = chosenPacks(names, await packNames(PACKS_FOLDER));
  const copies = [];
  for (const pack of packs) {
    if (line.signal.aborted) break;
    const copied = await copyPack({
      from: join(PACKS_FOLDER, pack),
      to: join(isAbsolute(into) ? into : join(line.folder, into), pack),
      force,
    });
    copies.push(...copied.map(({ file, state }) => ({ file: nearPath(file, line.folder), state })));
  }
  const folders = packs.map((pack) => quoted(join(into, pack))).join(' ');
  const team = `change team in ${packs.map((pack) => join(into, pack, 'defaults.yaml')).join(', ')}`;
  return { packs, files: copies, next: [`# ${team}`, `tocsin check ${folders} --cluster`, `tocsin test ${folders}`] };
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
