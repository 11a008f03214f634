import type { FlappingTime, LevelChange, RuleStory, StatusChange } from '../../backtest/rule-story.ts';
import { iso } from '../../core/time.ts';
import { type Look, type Paint, type Palette, paletteOf, severityPaint } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { aligned, type Cell } from '../table.ts';
import { counted, groupText, valuesText } from '../wording.ts';

/** Changes listed of one rule; the rest is counted, because the JSON has them all. */
const SHOWN = 8;
const INDENT = '  ';
/** When, what, why, group, values. */
const COLUMNS = [{}, {}, { least: 8 }, { least: 16 }, { least: 16 }] as const;

/** What would be notified of one rule, one line each: episodes that begin, recover and end, and levels that change; empty without any. */
export function storyChanges(story: RuleStory, look: Look): string {
  const palette = paletteOf(look);
  const isNotified = ({ from, to, quiet }: StatusChange) =>
    quiet === undefined && (to === 'firing' || from === 'firing' || from === 'recovering');
  const notified = [...story.transitions, ...story.late.filter(({ to }) => to !== 'recovering')].filter(isNotified);
  const levels = (story.levels ?? []).filter(({ quiet }) => quiet === undefined);
  const rows = [
    ...notified.map((change) => ({ at: change.at, cells: statusCells(change, palette) })),
    ...levels.map((change) => ({ at: change.at, cells: levelCells(change, palette) })),
    ...story.flapping.flatMap((time) => flappingRows(time, palette)),
  ].sort((a, b) => a.at - b.at);
  if (rows.length === 0) return '';
  const shown = rows.slice(0, SHOWN).map(({ cells }) => cells);
  const lines = aligned(COLUMNS, shown, { ...look, columns: look.columns - INDENT.length });
  const left = rows.length - shown.length;
  const more = left > 0 ? [palette.faint(`… ${counted(left, 'more change')}: --format json lists all`)] : [];
  const body = [...lines, ...more].map((line) => INDENT + line);
  return [palette.strong(plainLine(story.name)), ...body].map((line) => `${line}\n`).join('');
}

function statusCells({ at, group, to, reason, severity, values }: StatusChange, palette: Palette): readonly Cell[] {
  const { faint, good, calm } = palette;
  const paint = to === 'firing' ? severityPaint(severity, palette) : to === 'inactive' ? good : calm;
  return [
    { text: iso(at), paint: faint },
    { text: to === 'inactive' ? 'resolved' : to, paint },
    to === 'firing' ? `${severity}${reason === 'late_documents' ? ', found late' : ''}` : reason,
    groupText(group),
    { text: valuesText(values), paint: faint },
  ];
}

/** That an alert flaps is notified as it fires, so its line is below that of the firing. */
function flappingRows({ group, from, to, firesOn, episodes }: FlappingTime, palette: Palette) {
  const { faint, careful, calm } = palette;
  const row = (at: number, word: string, paint: Paint, what: string, more: string) => {
    return {
      at,
      cells: [{ text: iso(at), paint: faint }, { text: word, paint }, what, groupText(group), { text: more, paint: faint }],
    };
  };
  const begins = row(from, 'flapping', careful, 'quiet', 'one message until it is steady');
  if (to === undefined) return [begins];
  return [begins, row(to, 'steady', calm, firesOn ? 'firing on' : 'resolved', counted(episodes, 'episode'))];
}

function levelCells({ at, group, to, reason, values }: LevelChange, palette: Palette): readonly Cell[] {
  const { faint } = palette;
  return [
    { text: iso(at), paint: faint },
    { text: reason === 'better' ? 'better' : 'worse', paint: severityPaint(to, palette) },
    to,
    groupText(group),
    { text: valuesText(values), paint: faint },
  ];
}
