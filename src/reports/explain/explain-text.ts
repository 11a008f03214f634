import { formatDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import type { RecordedRun } from '../../engine/history/run-history.ts';
import type { AskedAgain, Caution, Explanation, MissingGroup } from '../../explain/explanation.ts';
import { type Look, type Palette, paletteOf } from '../look.ts';
import { plainLine, plainText } from '../plain-text.ts';
import { counted, groupText } from '../wording.ts';
import { curlOf } from './curl.ts';
import { questionsJson } from './explain-json.ts';
import type { ExplainReport } from './explain-report.ts';
import { groupStory } from './group-text.ts';
import { labelled, unbroken } from './labelled.ts';

/** A rule may ask several questions, and some of those name hundreds of groups. */
const COMMANDS_SHOWN = 3;

/** The story of a rule's alerts at a tick, for people: what was asked, what came back, what was made of it, and how to ask it oneself. */
export function explainText(report: ExplainReport, look: Look): string {
  const { explanation } = report;
  const palette = paletteOf(look);
  const { groups, rule, now, missing, more } = explanation;
  const parts = [
    questionPart(explanation, look, palette),
    ...groups.map((group) => groupStory(group, rule, now, look)),
    missing === undefined ? [] : missingPart(missing, look, palette),
    more > 0 && missing === undefined
      ? [palette.faint(`${counted(more, 'other group')} not shown; select one with --group.`)]
      : [],
    cautionPart(explanation.cautions, look, palette),
    curlPart(report, look, palette),
    linksPart(explanation, palette),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function questionPart(explanation: Explanation, look: Look, palette: Palette): readonly string[] {
  const { rule, at, window, recorded, asked, now } = explanation;
  const row = (label: string, text: string) => labelled(label, text, look, plain, palette.faint);
  if (rule.type === RECEIVED) return receivedPart(explanation, row, palette);
  const query = rule.query.text.trim() === '' ? 'every document' : rule.query.text;
  return [
    `${palette.strong(plainLine(rule.name))}  ${palette.faint(rule.type)}  at ${iso(at)}`,
    ...row('window', `${iso(window.from)} – ${iso(window.to)} (${formatDuration(window.to - window.from)})`),
    ...row('index', rule.indices.join(', ')),
    ...row('query', rule.query.language === 'kql' ? query : `${rule.query.language}: ${query}`),
    ...(rule.groupBy.length === 0 ? [] : row('group_by', rule.groupBy.join(', '))),
    ...row('run', recorded === undefined ? unrecordedText(explanation) : runText(recorded)),
    ...row('search', askedText(asked, now, recorded)),
  ];
}

/** The type of the built-in rule, which asks no cluster. */
const RECEIVED = 'received';

function receivedPart(
  { rule, at, recorded, asked, now }: Explanation,
  row: (label: string, text: string) => readonly string[],
  palette: Palette,
): readonly string[] {
  return [
    `${palette.strong(plainLine(rule.name))}  at ${iso(at)}`,
    ...row('what', 'alerts that other systems have sent over POST /api/v2/alerts'),
    ...(recorded?.outcome === 'failed' ? row('run', runText(recorded)) : []),
    ...row(
      'read',
      askedText(asked, now, undefined)
        .replace('searched again', 'read')
        .replace(/; late documents .*$/, ''),
    ),
  ];
}

const plain = (text: string) => text;

function unrecordedText({ rule: { failingSince }, at }: Explanation): string {
  return failingSince !== undefined && at >= failingSince
    ? `none yet: evaluations have failed since the window of ${iso(failingSince)}, and this one waits`
    : 'not recorded: only changes, failures and one evaluation an hour are kept';
}

function runText(run: RecordedRun): string {
  const when = run.purpose === 'live' ? '' : ` in ${run.purpose}`;
  if (run.outcome === 'failed') {
    const { code, message, hint } = run.problem ?? { code: 'unknown', message: 'no reason was recorded', hint: '' };
    return `recorded${when}: not evaluated: ${code}: ${message}${hint === '' ? '' : ` (${hint})`}`;
  }
  return `recorded${when}: ${answerText(run)}`;
}

function askedText(asked: AskedAgain, now: number, recorded: RecordedRun | undefined): string {
  const head = `searched again at ${iso(now)}`;
  if (asked.kind === 'failed') {
    const { code, message, hint } = asked.problem;
    return `${head}: failed: ${code}: ${message} (${hint})`;
  }
  const differs =
    recorded !== undefined &&
    (recorded.matched !== asked.matched || (asked.events === undefined && recorded.groups !== asked.groups));
  const late = recorded === undefined || differs ? '; late documents may have changed the result' : '';
  return `${head}: ${answerText(asked)}${late}`;
}

function answerText(answer: RecordedRun | (AskedAgain & { readonly kind: 'answered' })): string {
  const { matched, ungrouped, truncated, groups, findings, cost } = answer;
  const kinds = Object.entries(findings).filter(([, count]) => count > 0);
  const found = kinds.length === 0 ? '' : ` (${kinds.map(([kind, count]) => `${count} ${kind}`).join(', ')})`;
  const cut = truncated ? ', cut off at max_groups' : '';
  const without = ungrouped > 0 ? `, ${ungrouped} without a group` : '';
  const spent = `${formatDuration(cost.took)} on ${counted(cost.shards, 'shard')}`;
  const events = 'events' in answer ? answer.events : undefined;
  const measured = events === undefined ? counted(groups, 'group') : eventsText(matched, events);
  return `${counted(matched, 'document')}, ${measured}${found}${without}${cut}; ${spent}`;
}

/** Of a rule that reports documents: without this word, documents that were notified long ago would look as if they had been lost. */
function eventsText(matched: number, events: number): string {
  const before = matched - events;
  const others = before > 0 ? `, ${before} already notified, throttled or left out` : '';
  return `${counted(events, 'event')}${others}`;
}

function missingPart({ group, living, came }: MissingGroup, look: Look, palette: Palette): readonly string[] {
  const named = (label: string, groups: MissingGroup['living']) =>
    groups.flatMap((one, index) => labelled(index === 0 ? label : '', groupText(one), look, plain, palette.faint));
  return [
    palette.careful(`No document of ${plainLine(groupText(group))} in this window, and no alert of it is pending or firing.`),
    ...(living.length === 0 ? labelled('alerts', 'none of this rule', look, plain, palette.faint) : named('alerts', living)),
    ...named('measured', came),
  ];
}

function cautionPart(cautions: readonly Caution[], look: Look, palette: Palette): readonly string[] {
  if (cautions.length === 0) return [];
  const rows = cautions.flatMap(({ text, hint }) =>
    labelled('!', `${text}${hint === undefined ? '' : ` (${hint})`}`, look, palette.careful, palette.careful),
  );
  return [palette.strong('Notes'), ...rows];
}

/** Links are long, so there is one of a kind, at the end: the group's, where one is shown alone, and those to the first traces. */
function linksPart({ groups, discover }: Explanation, palette: Palette): readonly string[] {
  const [only, ...others] = groups;
  const link = (others.length === 0 ? only?.discover : undefined) ?? discover;
  const traced = groups.find(({ traces }) => (traces?.links.length ?? 0) > 0)?.traces?.links ?? [];
  const lines = [
    ...(link === undefined ? [] : [unbroken('Discover', link, palette.faint, palette.link)]),
    ...traced.map(({ label, url }) => unbroken(label === 'Trace' ? label : 'Logs', url, palette.faint, palette.link)),
  ];
  return lines.length === 0 ? [] : [palette.strong('Links'), ...lines];
}

function curlPart({ explanation, place, showsQueries = false }: ExplainReport, look: Look, palette: Palette): readonly string[] {
  const commands = questionsJson(explanation).flatMap((sent) => curlOf(sent, place, look.columns) ?? []);
  if (commands.length === 0) return [];
  if (!showsQueries) return [palette.faint('--curl shows the queries as commands that you can run.')];
  const more = commands.length - COMMANDS_SHOWN;
  const rest = more > 0 ? [palette.faint(`${counted(more, 'more query', 'more queries')}: use --format json to see all.`)] : [];
  return [palette.strong('Run the query yourself'), ...commands.slice(0, COMMANDS_SHOWN).map(plainText), ...rest];
}
