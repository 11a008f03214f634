import { humanDuration } from '../../core/duration.ts';
import { DAY, type Duration, type Instant, iso, MINUTE } from '../../core/time.ts';
import type { Inspected, SourceFound } from '../../engine/inspection.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Answer } from '../../search/answer.ts';
import type { GroupsQuery, HitsQuery } from '../../search/query.ts';
import { mayBeQuiet } from '../check/quiet-rules.ts';
import { type DoctorCheck, LONG } from './check.ts';
import { atMost, error, good, note, warning } from './check-result.ts';
import { namesOf, type RuleSource, sourcesOf } from './sources.ts';

/** How far back documents are expected where no rule looks farther. */
const LATELY: Duration = 15 * MINUTE;
const LOOKBACK: Duration = 7 * DAY;
/** A sender's clock may be this much ahead before someone should look at it, ms. */
const AHEAD: Duration = MINUTE;
const MOST = 30;

/** Whether the data that rules look at is there and still arrives. */
export const dataCheck: DoctorCheck = {
  name: 'data',
  title: 'Data that rules look at',
  needs: 'cluster',
  limit: LONG,
  run: async ({ enabled, backend, now }, signal) => {
    const sources = sourcesOf(enabled);
    const [found, answers] = await Promise.all([
      Promise.all(sources.map(({ source }) => backend.inspection.source(source, signal))),
      backend.search.ask(
        sources.flatMap((source) => questionsOf(source, now)),
        signal,
      ),
    ]);
    const results = sources.flatMap((source, index) =>
      sourceFindings(source, { found: found[index], newest: answers[2 * index], lately: answers[2 * index + 1] }, now),
    );
    // Several sources may name the same index.
    const distinct = new Map(results.map((result) => [JSON.stringify(result), result]));
    return atMost(MOST, [...distinct.values()], 'sources');
  },
};

/** How long a source may be without a document: as long as the most impatient of its rules looks back, or longer. */
function patienceOf(rules: readonly Rule[]): Duration {
  return Math.max(LATELY, Math.min(...rules.map(({ window, delay }) => window + delay)));
}

function questionsOf({ source, rules }: RuleSource, now: Instant): readonly [HitsQuery, GroupsQuery] {
  const filter = { match_all: {} };
  const until = now + LOOKBACK;
  const patience = patienceOf(rules);
  return [
    {
      kind: 'hits',
      name: 'newest',
      source,
      filter,
      window: { from: now - Math.max(LOOKBACK, patience), to: until },
      fields: [],
      limit: 1,
    },
    {
      ...{ kind: 'groups', name: 'lately', source, filter, window: { from: now - patience, to: until } },
      ...{ groupBy: [], missing: 'exclude', metrics: {}, maxGroups: 1 },
    },
  ];
}

/** What came back about one source. */
export interface SourceAnswers {
  readonly found: Inspected<SourceFound> | undefined;
  readonly newest: Answer | undefined;
  readonly lately: Answer | undefined;
}

/** What is to be said of one source: what is behind its name, whether documents flow in, and from when. */
export function sourceFindings(
  { name, source, rules }: RuleSource,
  { found, newest, lately }: SourceAnswers,
  now: Instant,
): readonly CheckResult[] {
  const by = namesOf(rules);
  const wanted = `documents, for ${by}`;
  if (newest === undefined || newest.kind === 'failed') {
    const { code, message, hint } = newest?.problem ?? { code: 'bad_answer', message: 'was not answered', hint: '' };
    if (code === 'no_index') return [nothingThere(name, wanted)];
    return [error(name, { found: message, expected: wanted, fix: hint })];
  }
  const there = found?.ok === true ? found.value : undefined;
  const plain = (there?.indices ?? []).filter((index) => /^(?:logs|metrics|traces)-/.test(index));
  const templates = plain.map((index) =>
    warning(index, {
      found: 'is a plain index: no index template matched when its first document came, so its fields were guessed',
      expected: 'a data stream, as the names logs-*, metrics-* and traces-* are meant for',
      fix: `POST /_index_template/_simulate_index/${index}   # which template would it get? then reindex and delete it`,
    }),
  );
  const expected = {
    by,
    wanted,
    mayBeMissing: source.ignoreMissingIndex,
    quiet: rules.every(mayBeQuiet),
    patience: patienceOf(rules),
  };
  return [flowOf(name, expected, { there, newest, lately }, now), ...atMost(3, templates, 'indices')];
}

/** Who wants what of a source, for people; whether it may be absent, or without documents for long; and how old its newest document may be, ms. */
interface Expected {
  readonly by: string;
  readonly wanted: string;
  readonly mayBeMissing: boolean;
  readonly quiet: boolean;
  readonly patience: Duration;
}

/** What is behind a source: its indices, its newest document, and how many came lately. */
interface Flow {
  readonly there: SourceFound | undefined;
  readonly newest: Exclude<Answer, { readonly kind: 'failed' }>;
  readonly lately: Answer | undefined;
}

function flowOf(
  name: string,
  { by, wanted, mayBeMissing, quiet, patience }: Expected,
  { there, newest, lately }: Flow,
  now: Instant,
): CheckResult {
  const last = newest.hits[0]?.at;
  const what = placesText(there);
  if (last === undefined) {
    if (there !== undefined && there.dataStreams.length + there.indices.length === 0 && !mayBeMissing)
      return nothingThere(name, wanted);
    const found = `${what}no document in the last ${humanDuration(Math.max(LOOKBACK, patience))}`;
    if (quiet) return note(name, `${found}: usual where documents are rare events, as for ${by}`);
    const failure = {
      found,
      expected: wanted,
      fix: 'does its agent run, and does it send here? in Kibana: Fleet, or the log of the collector',
    };
    return mayBeMissing ? warning(name, failure) : error(name, failure);
  }
  if (last > now + AHEAD) {
    return warning(name, {
      found: `${what}the newest document is ${humanDuration(last - now)} in the future, at ${iso(last)}`,
      expected: 'times that have passed: a window does not see what its sender dates ahead',
      fix: 'set the clock of the machine that sends them (NTP)',
    });
  }
  const count = lately?.kind === 'complete' || lately?.kind === 'truncated' ? lately.matched : 0;
  const age = humanDuration(Math.max(0, now - last));
  const flow = `newest ${age} old, ${count.toLocaleString('en-US')} in the last ${humanDuration(patience)}`;
  if (now - last <= patience || quiet) return good(name, `${what}${flow}`);
  return warning(name, {
    found: `${what}${flow}`,
    expected: `${wanted} from the last ${humanDuration(patience)}`,
    fix: 'right for what is rare; else look at the agent or collector that sends them',
  });
}

function nothingThere(name: string, wanted: string): CheckResult {
  return error(name, {
    found: 'there is no such index or data stream, or this login may not see it',
    expected: wanted,
    fix: `GET /_resolve/index/${name}   # fix \`index\` of the rule, start its sender, or ignore_missing_index: true`,
  });
}

function placesText(there: SourceFound | undefined): string {
  if (there === undefined) return '';
  const { dataStreams, indices } = there;
  const templates = [...new Set(dataStreams.flatMap(({ template }) => template ?? []))];
  const parts = [
    ...(dataStreams.length === 0 ? [] : [`${dataStreams.length} data stream${dataStreams.length === 1 ? '' : 's'}`]),
    ...(templates.length === 0 ? [] : [`template ${templates.slice(0, 2).join(', ')}${templates.length > 2 ? ', …' : ''}`]),
    ...(indices.length === 0 ? [] : [`${indices.length} ${indices.length === 1 ? 'index' : 'indices'}`]),
  ];
  return parts.length === 0 ? '' : `${parts.join(', ')}; `;
}
