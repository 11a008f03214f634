import { parseDuration } from '../core/duration.ts';
import { nearest } from '../core/nearest.ts';
import type { Problem } from '../core/problems.ts';
import { isTimeZone } from '../core/schedule.ts';
import { DAY, type Instant } from '../core/time.ts';
import { silenceProblem } from '../notify/silences.ts';
import { parseMatchers } from '../routing/parse-matcher.ts';
import type { Matcher } from '../routing/route.ts';
import type { FaultCodes } from '../yaml/codes.ts';
import { type Complaints, complainOf, complaintsOf } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { knownKeysOf } from '../yaml/looks-like.ts';
import { parseYaml, type SourceFile } from '../yaml/parse.ts';
import type { Path } from '../yaml/path.ts';
import { schemaCheck } from '../yaml/schema-check.ts';
import type { FileSilence } from './file-silence.ts';
import { occurrenceAt } from './occurrences.ts';
import { checkRecurrence } from './recurrence.ts';
import { SilenceKeys } from './silence-keys.ts';

const CODES: FaultCodes = {
  yaml: 'silence/yaml',
  'too-large': 'silence/too-large',
  'duplicate-key': 'silence/duplicate-key',
  'unknown-key': 'silence/unknown-key',
  'missing-key': 'silence/missing-key',
  invalid: 'silence/invalid',
  exclusive: 'silence/invalid',
};
const KEYS: ReadonlySet<string> = new Set(Object.keys(SilenceKeys.properties));
const check = schemaCheck(() => JSON.parse(JSON.stringify(SilenceKeys)));
const LONGEST = 366 * DAY;

/** What files of silences are held against. */
export interface SilenceContext {
  /** The receivers that are configured; undefined: they are not known. */
  readonly receivers?: readonly string[] | undefined;
}

/** Reads the silences of one file: each YAML document is one. Never throws. */
export function readSilenceFile(
  source: SourceFile,
  context: SilenceContext,
): { readonly silences: readonly FileSilence[]; readonly problems: readonly Problem[] } {
  const { documents, problems, plain } = parseYaml(source, CODES, (value) => knownKeysOf(value, KEYS) >= 2);
  if (documents.length === 0 || !plain) {
    const at = { file: source.file, line: 1, column: 1 };
    const hint = 'a silence has the keys name, matchers, start, duration and comment';
    const none: Problem = { code: CODES.invalid, severity: 'error', message: 'no silence in this file', hint, at };
    return { silences: [], problems: problems.length > 0 ? problems : [none] };
  }
  const read = documents.map((document) => readSilence(document, context));
  return {
    silences: read.flatMap(({ silence }) => silence ?? []),
    problems: [...problems, ...read.flatMap((one) => one.problems)],
  };
}

function readSilence(
  document: YamlDocument,
  context: SilenceContext,
): { readonly silence?: FileSilence; readonly problems: readonly Problem[] } {
  const complaints = complaintsOf(document);
  complainOf(check(document.value), CODES, complaints);
  if (complaints.broken([])) return { problems: complaints.problems };
  const keys = document.value as SilenceKeys;
  const silence: FileSilence = {
    id: `file:${keys.name}`,
    name: keys.name,
    matchers: matchersOf(keys, complaints),
    comment: keys.comment,
    author: keys.author ?? document.file,
    ...(keys.link !== undefined && { link: keys.link }),
    ...(keys.notify !== undefined && { notify: keys.notify }),
    start: startOf(keys.start, ['start'], complaints),
    timezone: zoneOf(keys, complaints),
    duration: durationOf(keys, complaints),
    ...(keys.recurrence !== undefined && { recurrence: keys.recurrence }),
    except: keys.except ?? [],
    position: document.place(['name']),
  };
  for (const [index, day] of silence.except.entries()) startOf(`${day}T00:00`, ['except', index], complaints);
  checkReceiverOf(keys, context, complaints);
  checkMatchers(silence, complaints);
  checkTimes(silence, complaints);
  return complaints.broken([]) ? { problems: complaints.problems } : { silence, problems: complaints.problems };
}

function matchersOf({ matchers }: SilenceKeys, complaints: Complaints): readonly Matcher[] {
  return matchers.flatMap((text, index) => {
    const parsed = parseMatchers(text);
    if (parsed.ok) return parsed.matchers;
    const hint = parsed.hint ?? 'for example severity=critical, or host.name=~"db-.*"';
    complaints.errorInText('silence/matcher', ['matchers', index], parsed.offset, parsed.message, hint);
    return [];
  });
}

/** The engine reads the 30th of February as a day in March. */
function startOf(text: string, path: Path, complaints: Complaints): Instant {
  const start = Date.parse(`${text}Z`);
  if (!Number.isNaN(start) && new Date(start).toISOString().startsWith(text)) return start;
  complaints.error('silence/invalid', path, `invalid time: ${JSON.stringify(text)}`, 'such as 2026-01-04T22:00');
  return 0;
}

function zoneOf({ timezone = 'UTC' }: SilenceKeys, complaints: Complaints): string {
  if (isTimeZone(timezone)) return timezone;
  const hint = 'expected an IANA name such as Europe/Berlin';
  complaints.error('silence/invalid', ['timezone'], `unknown time zone ${JSON.stringify(timezone)}`, hint);
  return 'UTC';
}

function durationOf({ duration }: SilenceKeys, complaints: Complaints): number {
  const length = parseDuration(duration) ?? 0;
  if (length <= 0) complaints.error('silence/invalid', ['duration'], 'expected more than 0s', 'such as 4h');
  if (length > LONGEST)
    complaints.error(
      'silence/invalid',
      ['duration'],
      'expected at most a year',
      'pause the rule with `enabled: false`, or change its route',
    );
  return length;
}

function checkReceiverOf({ notify }: SilenceKeys, { receivers }: SilenceContext, complaints: Complaints): void {
  if (notify === undefined || receivers === undefined || receivers.includes(notify)) return;
  const near = nearest(notify, receivers);
  const hint = near === undefined ? `known: ${receivers.join(', ') || 'none'}` : `did you mean ${near}?`;
  complaints.error('silence/unknown-receiver', ['notify'], `unknown receiver ${JSON.stringify(notify)}`, hint);
}

function checkMatchers(silence: FileSilence, complaints: Complaints): void {
  if (complaints.broken(['matchers'])) return;
  const { matchers, author, comment, id } = silence;
  const problem = silenceProblem({ v: 1, id, matchers, starts_at: 0, ends_at: 1, created_by: author, comment });
  if (problem === undefined) return;
  complaints.error(
    'silence/matcher',
    ['matchers'],
    `the silence ${problem}`,
    'name the alerts by their labels, such as team=shop',
  );
}

/** A recurrence that never occurs is a mistake: its author expects alerts to be silenced. */
function checkTimes(silence: FileSilence, complaints: Complaints): void {
  if (silence.recurrence === undefined || complaints.broken([])) return;
  const checked = checkRecurrence(silence.recurrence);
  if (!checked.ok) {
    complaints.error('silence/recurrence', ['recurrence'], checked.message, checked.hint);
    return;
  }
  if (occurrenceAt(silence, silence.start - DAY) !== undefined) return;
  const hint = 'check `recurrence`, `start` and `except`';
  complaints.error('silence/never', ['recurrence'], 'the silence never starts', hint);
}
