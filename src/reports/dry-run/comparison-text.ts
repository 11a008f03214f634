import { isDifferent, type RuleDifference } from '../../backtest/compare-stories.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { type Look, type Palette, paletteOf } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { aligned, type Cell, type Column, table } from '../table.ts';
import { counted } from '../wording.ts';
import type { DryRunComparison } from './comparison.ts';
import {
  comparisonSentence,
  type DifferenceRow,
  differenceRow,
  episodeRow,
  receiversText,
  sharedSentence,
} from './comparison-words.ts';
import { stoppedSentence } from './summary.ts';

const COLUMNS: readonly (Column & { readonly key: keyof DifferenceRow })[] = [
  { key: 'rule', title: 'RULE', least: 16 },
  { key: 'episodes', title: 'EPISODES', align: 'right' },
  { key: 'alerting', title: 'TIME IN ALERT', align: 'right' },
  { key: 'groups', title: 'GROUPS', align: 'right' },
  { key: 'messages', title: 'MESSAGES', align: 'right' },
  { key: 'what', title: 'WHAT DIFFERS', least: 16 },
];
/** When, mark, group, what. */
const EPISODE_COLUMNS = [{}, {}, { least: 12 }, { least: 20 }] as const;
const EPISODES_SHOWN = 8;
/** Rules whose episodes are listed: beyond them the table has their numbers. */
const RULES_DETAILED = 20;
const INDENT = '  ';

/** A comparison for people: a line for each rule that differs, then its episodes that do, then the receivers. */
export function comparisonText(comparison: DryRunComparison, look: Look): string {
  const palette = paletteOf(look);
  const { from, to, ref, commit, stopped } = comparison;
  const different = comparison.rules.filter(isDifferent);
  const same = comparison.rules.length - different.length;
  const head = `${palette.strong('Dry run')} ${iso(from)} – ${iso(to)} (${humanDuration(to - from)}): ${plainLine(ref)} (${commit.slice(0, 10)}) → working tree`;
  const parts = [
    `${head}\n`,
    stopped === undefined ? '' : `${palette.bad(stoppedSentence({ to, stopped }))}\n`,
    different.length === 0
      ? ''
      : table(
          COLUMNS,
          different.map((rule) => rowOf(rule)),
          look,
        ),
    same === 0
      ? ''
      : `${palette.faint(`${counted(same, different.length === 0 ? 'rule' : 'other rule')} would behave the same.`)}\n`,
    ...different.slice(0, RULES_DETAILED).map((rule) => detailsOf(rule, look, palette)),
    different.length > RULES_DETAILED
      ? `${palette.faint(`… the episodes of ${counted(different.length - RULES_DETAILED, 'more rule')}: --format json lists all`)}\n`
      : '',
    `${palette.strong(comparisonSentence(comparison))}. Nothing was written, nothing was sent. ${sharedSentence(comparison)}\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function rowOf(rule: RuleDifference): readonly Cell[] {
  const row = differenceRow(rule);
  return COLUMNS.map(({ key }) => row[key]);
}

function detailsOf(rule: RuleDifference, look: Look, palette: Palette): string {
  const receivers = receiversText(rule.receivers);
  if (rule.episodes.length === 0 && receivers === '') return '';
  const paints = { '+': palette.bad, '-': palette.good, '~': palette.careful };
  const rows = rule.episodes.slice(0, EPISODES_SHOWN).map((episode): readonly Cell[] => {
    const { at, mark, group, what } = episodeRow(episode);
    return [{ text: mark, paint: paints[mark] }, { text: at, paint: palette.faint }, group, what];
  });
  const left = rule.episodes.length - rows.length;
  const lines = [
    ...aligned(EPISODE_COLUMNS, rows, { ...look, columns: look.columns - INDENT.length }),
    ...(left > 0 ? [palette.faint(`… ${counted(left, 'more episode')}: --format json lists all`)] : []),
    ...(receivers === '' ? [] : [`messages: ${plainLine(receivers)}`]),
  ];
  return [palette.strong(plainLine(rule.name)), ...lines.map((line) => INDENT + line)].map((line) => `${line}\n`).join('');
}
