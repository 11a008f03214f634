import { formatDuration } from '../../core/duration.ts';
import { valuesText } from '../../core/printed.ts';
import { type Instant, iso, MINUTE } from '../../core/time.ts';
import type { AlertsReport, ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import { matchesAll } from '../../routing/matches.ts';
import { formatMatcher } from '../../routing/parse-matcher.ts';
import type { Labels, Matcher, Route, Routing } from '../../routing/route.ts';
import { mutingIntervals } from '../../routing/time-intervals.ts';
import type { ReceivedAlert } from '../../state/received-alert.ts';
import type { Silence } from '../../state/silence.ts';
import type { ServiceStatus } from '../status.ts';

/**
 * The shapes of Alertmanager's HTTP API v2, as its OpenAPI file gives them: names are its, times are ISO 8601. Alerts that are only pending are
 * not among its alerts: Alertmanager does not know that state.
 */

/** How long after it was read a firing alert counts as firing for a client; Alertmanager's `resolve_timeout`. */
const RESOLVE_AFTER = 5 * MINUTE;

/** An alert with the groups that it is notified in. */
export interface ServedAlert {
  readonly labels: Labels;
  readonly json: AlertJson;
}

interface AlertJson {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  /** Only of alerts that another system has sent. */
  readonly generatorURL?: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly fingerprint: string;
  readonly startsAt: string;
  readonly updatedAt: string;
  readonly endsAt: string;
  readonly status: {
    readonly state: 'active' | 'suppressed';
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
    readonly mutedBy: readonly string[];
  };
}

/** The firing alerts of a report; `silences` are those that are active, `received` is what another system has sent of an alert, by its id. */
export function servedAlerts(
  { alerts, now }: AlertsReport,
  silences: readonly Silence[],
  received: ReadonlyMap<string, ReceivedAlert> = new Map(),
): readonly ServedAlert[] {
  return alerts
    .filter(({ status }) => status === 'firing' || status === 'recovering')
    .map((alert) => {
      const silencedBy = silences.filter(({ matchers }) => matchesAll(matchers, alert.labels)).map(({ id }) => id);
      const inhibitedBy = alert.inhibitedBy === undefined ? [] : [fingerprintOf(alert.inhibitedBy)];
      const mutedBy = mutedByOf(alert);
      const isHeld = alert.suppressedBy !== undefined || silencedBy.length + mutedBy.length > 0;
      const json: AlertJson = {
        labels: alert.labels,
        ...sentParts(received.get(alert.id) ?? { annotations: annotationsOf(alert) }),
        receivers: [...new Set(alert.notified.map(({ receiver }) => receiver))].map((name) => ({ name })),
        fingerprint: fingerprintOf(alert.id),
        ...timesOf(alert, received.get(alert.id), now),
        status: { state: isHeld ? 'suppressed' : 'active', silencedBy, inhibitedBy, mutedBy },
      };
      return { labels: alert.labels, json };
    });
}

function sentParts({ annotations, generator_url }: Pick<ReceivedAlert, 'annotations' | 'generator_url'>) {
  return { annotations, ...(generator_url !== undefined && URL.canParse(generator_url) && { generatorURL: generator_url }) };
}

function timesOf({ since }: ReportedAlert, received: ReceivedAlert | undefined, now: Instant) {
  const [starts, updated, ends] =
    received === undefined ? [since, now, now + RESOLVE_AFTER] : [received.starts_at, received.received_at, received.ends_at];
  return { startsAt: iso(starts), updatedAt: iso(updated), endsAt: iso(ends) };
}

function fingerprintOf(id: string): string {
  return id.slice(0, 16);
}

/** The time intervals that hold it back at every receiver: what one of them is notified of is not muted. */
function mutedByOf({ notified }: ReportedAlert): readonly string[] {
  const reasons = notified.map(({ note }) => (note === undefined ? undefined : mutingIntervals(note)));
  return reasons.every((names) => names !== undefined) ? [...new Set(reasons.flat())] : [];
}

function annotationsOf({ title, values, condition }: ReportedAlert): AlertJson['annotations'] {
  return {
    summary: title,
    ...(Object.keys(values).length > 0 && { description: valuesText(values) }),
    ...(condition !== '' && { condition }),
  };
}

/** Where alerts go, as far as groups need it. */
export type TargetsOf = (labels: Labels) => readonly { readonly receiver: string; readonly group_labels: Labels }[];

/** The alerts by receiver and group labels, as the routes divide them now. */
export function groupsJson(alerts: readonly ServedAlert[], targetsOf: TargetsOf) {
  const groups = new Map<string, { receiver: string; labels: Labels; alerts: AlertJson[] }>();
  for (const { labels, json } of alerts) {
    const seen = new Set<string>();
    for (const { receiver, group_labels } of targetsOf(labels)) {
      const key = JSON.stringify([receiver, group_labels]);
      if (seen.has(key)) continue;
      seen.add(key);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { receiver, labels: group_labels, alerts: [json] });
      else group.alerts.push(json);
    }
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { receiver, labels, alerts: members }]) => ({
      receiver: { name: receiver },
      labels,
      routeLabels: {},
      alerts: members,
    }));
}

/** A silence; its link is the annotation `link`. */
export function silenceJson(silence: Silence, state: string) {
  const { id, matchers, starts_at, ends_at, created_by: author, comment, link, created_at, updated_at } = silence;
  return {
    id,
    status: { state },
    matchers: matchers.map(({ label, op, value }) => ({
      name: label,
      value,
      isRegex: op === '=~' || op === '!~',
      isEqual: op === '=' || op === '=~',
    })),
    startsAt: iso(starts_at),
    endsAt: iso(ends_at),
    updatedAt: iso(updated_at ?? created_at ?? starts_at),
    createdBy: author,
    comment,
    annotations: link === undefined ? {} : { link },
  };
}

/** The status, with the routes as a configuration that Alertmanager's tools can read: no destinations, no secrets. */
export function alertmanagerStatus({ version, startedAt, namespace }: ServiceStatus, routing: Routing) {
  const inhibitRules = (routing.inhibitRules ?? []).map((rule) => ({
    source_matchers: rule.sourceMatchers.map(formatMatcher),
    target_matchers: rule.targetMatchers.map(formatMatcher),
    equal: rule.equal,
  }));
  const config = {
    route: routeJson(routing.root),
    ...(inhibitRules.length > 0 && { inhibit_rules: inhibitRules }),
    receivers: Object.keys(routing.destinations).map((name) => ({ name })),
  };
  return {
    cluster: { name: namespace, status: 'ready', peers: [] },
    versionInfo: { version, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' },
    config: { original: JSON.stringify(config, undefined, 2) },
    uptime: iso(startedAt),
  };
}

function routeJson({ receiver, matchers, groupBy, groupWait, groupInterval, repeatInterval, routes, ...route }: Route): object {
  const { muteTimeIntervals, activeTimeIntervals } = route;
  return {
    receiver,
    ...(matchers.length > 0 && { matchers: matchers.map(formatMatcher) }),
    ...(route.continue && { continue: true }),
    ...(groupBy.length > 0 && { group_by: groupBy }),
    group_wait: formatDuration(groupWait),
    group_interval: formatDuration(groupInterval),
    repeat_interval: formatDuration(repeatInterval),
    ...(muteTimeIntervals && { mute_time_intervals: muteTimeIntervals }),
    ...(activeTimeIntervals && { active_time_intervals: activeTimeIntervals }),
    ...(routes.length > 0 && { routes: routes.map(routeJson) }),
  };
}

/** A matcher as Alertmanager's JSON has it. */
export interface MatcherJson {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual?: boolean;
}

/** Reads a matcher of Alertmanager's JSON. */
export function matcherOf({ name, value, isRegex, isEqual = true }: MatcherJson): Matcher {
  return { label: name, op: isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=', value };
}
