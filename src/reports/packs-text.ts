import { printJson } from './json.ts';
import { type Look, type Palette, paletteOf } from './look.ts';
import type { CopyReport, CopyState, ReportedPack } from './packs-report.ts';
import { plainLine } from './plain-text.ts';
import { aligned } from './table.ts';
import { counted } from './wording.ts';

const INDENT = '  ';

/** The packs, each with a line for each of its rules. */
export function packsText(packs: readonly ReportedPack[], look: Look): string {
  const palette = paletteOf(look);
  const rules = packs.reduce((sum, pack) => sum + pack.rules.length, 0);
  const first = packs[0]?.name ?? '';
  const next = palette.faint(`Copy a pack into your rules: tocsin rules add ${plainLine(first)}`);
  return `${packs.map((pack) => packText(pack, look, palette)).join('\n')}\n${counted(rules, 'rule')} in ${counted(packs.length, 'pack')}. ${next}\n`;
}

function packText(pack: ReportedPack, look: Look, palette: Palette): string {
  const rows = pack.rules.map(({ name, finds }) => [name, finds]);
  const lines = aligned([{}, { least: 30 }], rows, { ...look, columns: look.columns - INDENT.length });
  return `${palette.strong(plainLine(pack.name))}  ${plainLine(pack.about)}\n  ${palette.faint(`data: ${plainLine(pack.data)}`)}\n${lines.map((line) => `${INDENT}${line}\n`).join('')}`;
}

/** As packsText, for scripts. */
export function packsJson(packs: readonly ReportedPack[]): string {
  return printJson({ packs });
}

const WORDS: Readonly<Record<CopyState, string>> = {
  written: 'written',
  replaced: 'replaced',
  unchanged: 'unchanged',
  kept: 'kept, it differs',
};

/** What a copy wrote and what it left alone, and the next steps. */
export function copyText(report: CopyReport, look: Look): string {
  const { careful, good, faint } = paletteOf(look);
  const paint = (state: CopyState) => (state === 'kept' ? careful : state === 'unchanged' ? faint : good);
  const rows = report.files.map(({ file, state }) => [{ text: WORDS[state], paint: paint(state) }, file]);
  const lines = aligned([{}, {}], rows, { ...look, whole: true });
  const kept = report.files.filter(({ state }) => state === 'kept').length;
  const files = kept === 1 ? 'One file differs' : `${kept} files differ`;
  const warning = kept === 0 ? '' : careful(`${files} and left alone; --force overwrites.\n`);
  const next = report.next.map((command) => `  ${plainLine(command)}\n`).join('');
  return `${lines.map((line) => `${line}\n`).join('')}${warning}Next:\n${next}`;
}

/** As copyText, for scripts. */
export function copyJson(report: CopyReport): string {
  return printJson(report);
}
