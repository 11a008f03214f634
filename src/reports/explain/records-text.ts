import { iso } from '../../core/time.ts';
import { printJson } from '../json.ts';
import { type Look, type Palette, paletteOf, severityPaint } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { type Column, table } from '../table.ts';
import { counted, groupText, valuesText } from '../wording.ts';
import type { RecordsReport } from './records-report.ts';

const MESSAGES: readonly Column[] = [
  { title: 'TIME' },
  { title: 'OUTCOME' },
  { title: 'SEVERITY', least: 8 },
  { title: 'DESTINATION', least: 12 },
  { title: 'RULE', least: 12 },
  { title: 'TITLE', least: 20 },
  { title: 'WHY', least: 12 },
];
const UNSENT: readonly Column[] = [
  { title: 'SINCE' },
  { title: 'DESTINATION', least: 12 },
  { title: 'RULE', least: 12 },
  { title: 'GROUP', least: 12 },
  { title: 'CHANGE' },
  { title: 'WHY NOT', least: 20 },
];
const CHANGES: readonly Column[] = [
  { title: 'TIME' },
  { title: 'GROUP', least: 12 },
  { title: 'CHANGE' },
  { title: 'REASON', least: 8 },
  { title: 'VALUES', least: 16 },
];

/** What a receiver was sent and what it was not, or what is left of a removed rule, for people. */
export function recordsText(report: RecordsReport, look: Look): string {
  const palette = paletteOf(look);
  const { about, range, said, changes, messages, unsent, cut } = report;
  const name =
    'receiver' in about ? `receiver ${about.receiver}` : `rule ${'brokenRule' in about ? about.brokenRule : about.removedRule}`;
  const parts = [
    `${palette.strong(plainLine(name))}  ${iso(range.from)} – ${iso(range.to)}\n${said.map((text) => `${plainLine(text)}\n`).join('')}`,
    changes.length === 0 ? '' : `${counted(changes.length, 'change')}\n${changesTable(report, look)}`,
    messages.length === 0
      ? 'No messages in this time range.\n'
      : `${counted(messages.length, 'message')}\n${messagesTable(report, look, palette)}`,
    unsent.length === 0 ? '' : `Not sent\n${unsentTable(report, look)}`,
    cut ? palette.faint('The output is truncated: use a shorter time range.\n') : '',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function messagesTable({ messages }: RecordsReport, look: Look, palette: Palette): string {
  const rows = messages.map(({ at, outcome, severity, destination, rules, title, reason, problem }) => [
    iso(at).replace(/\.\d+Z$/, 'Z'),
    { text: outcome, paint: outcome === 'delivered' ? palette.good : palette.bad },
    { text: severity, paint: severityPaint(severity, palette) },
    destination,
    rules.join(', '),
    title,
    problem ?? reason.replaceAll('_', ' '),
  ]);
  return table(MESSAGES, rows, look);
}

function unsentTable({ unsent }: RecordsReport, look: Look): string {
  const rows = unsent.map(({ at, destination, rule, group, kind, why }) => [
    ...[iso(at).replace(/\.\d+Z$/, 'Z'), destination, rule, groupText(group), kind, why],
  ]);
  return table(UNSENT, rows, look);
}

function changesTable({ changes }: RecordsReport, look: Look): string {
  const rows = changes.map(({ at, group, from, to, reason, values }) => [
    ...[
      iso(at).replace(/\.\d+Z$/, 'Z'),
      groupText(group),
      reason === 'event' ? 'event' : `${from} → ${to}`,
      reason.replaceAll('_', ' '),
      valuesText(values),
    ],
  ]);
  return table(CHANGES, rows, look);
}

/** As recordsText, for scripts: `{receiver | removed_rule | broken_rule, from, to, said, changes, messages, not_sent, cut}`; times are ISO 8601. */
export function recordsJson({ about, range, said, changes, messages, unsent, cut }: RecordsReport): string {
  const dated = <T extends { readonly at: number }>(list: readonly T[]) => list.map((one) => ({ ...one, at: iso(one.at) }));
  return printJson({
    ...aboutJson(about),
    ...{ from: iso(range.from), to: iso(range.to), said },
    ...{ changes: dated(changes), messages: dated(messages), not_sent: dated(unsent), cut },
  });
}

function aboutJson(about: RecordsReport['about']): Readonly<Record<string, string>> {
  if ('receiver' in about) return { receiver: about.receiver };
  return 'brokenRule' in about ? { broken_rule: about.brokenRule } : { removed_rule: about.removedRule };
}
