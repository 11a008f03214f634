import { own } from './record.ts';

/**
 * The one table of severities, worst first: the words of Prometheus, PagerDuty, Opsgenie, Kibana, Zabbix, ServiceNow, syslog and libraries of logs. Those of
 * one tier weigh the same; if only one can be shown, it is the first.
 */
const TIERS = [
  ['emergency', 'emerg', 'panic', 'page', 'fatal', 'disaster', 'catastrophic', 'alert', 'p0', 'sev0'],
  ['critical', 'crit', 'blocker', 'severe', 'urgent', 'dpanic', 'p1', 'sev1'],
  ['error', 'err', 'high', 'major', 'p2', 'sev2'],
  // ITU-T X.733, whose words ServiceNow and network gear use, has minor above warning; Zabbix has average there.
  ['minor', 'average', 'warning', 'warn', 'medium', 'moderate', 'ticket', 'p3', 'sev3'],
  ['low', 'p4', 'sev4'],
  ['notice', 'info', 'information', 'informational', 'p5', 'sev5'],
  ['debug', 'trace', 'verbose', 'none', 'ok', 'clear', 'cleared', 'notclassified'],
] as const;

/** A severity that the table does not know counts as a little worse than a warning: a name of one's own is never below it by accident. */
const UNKNOWN_TIER = 2.5;

interface Place {
  readonly tier: number;
  readonly place: number;
}

const PLACES: Readonly<Record<string, Place>> = Object.fromEntries(
  TIERS.flatMap((names, tier) => names.map((name, place) => [name, { tier, place }])),
);

/** Names of the table that are words: `p1` is one letter from another one. */
export const SEVERITY_WORDS: readonly string[] = TIERS.flat().filter((name) => /^[a-z]{4,}$/.test(name));

/** Words of the table that are shown as alarming, which logs use for errors. */
export const ALARMING_WORDS: readonly string[] = TIERS.slice(0, 3).flatMap((names) =>
  names.filter((name) => /^[a-z]+$/.test(name)),
);

const UNKNOWN: Place = { tier: UNKNOWN_TIER, place: 0 };

/** How bad a severity is, 0 for the worst; undefined for a name that the table does not have. Upper case and separators do not matter: `SEV-1`. */
export function severityTier(severity: string): number | undefined {
  return known(severity)?.tier;
}

/**
 * Orders severities worst first, for `sort`; the names of `declared`, worst first as well, keep that order among themselves, and any other name has
 * its place before the first of them that is milder by the table.
 */
export function compareSeverities(a: string, b: string, declared: readonly string[] = []): number {
  return placeAmong(declared, a) - placeAmong(declared, b) || byTable(a, b);
}

function placeAmong(declared: readonly string[], severity: string): number {
  const place = declared.indexOf(severity);
  if (place >= 0) return place;
  const milder = declared.findIndex((one) => byTable(severity, one) < 0);
  return (milder < 0 ? declared.length : milder) - 0.5;
}

function byTable(a: string, b: string): number {
  const [one, other] = [known(a) ?? UNKNOWN, known(b) ?? UNKNOWN];
  return one.tier - other.tier || one.place - other.place;
}

/** The worst of some severities; undefined of none. */
export function worstSeverity(severities: readonly string[], declared: readonly string[] = []): string | undefined {
  const [first, ...others] = severities;
  return first === undefined
    ? undefined
    : others.reduce((worst, one) => (compareSeverities(one, worst, declared) < 0 ? one : worst), first);
}

/** How a severity is shown: as something to act on now, as a warning, or for information. */
export function severityKind(severity: string): 'alarming' | 'warning' | 'informative' {
  const { tier } = known(severity) ?? UNKNOWN;
  if (tier < UNKNOWN_TIER) return 'alarming';
  return tier <= 3 ? 'warning' : 'informative';
}

function known(severity: string): Place | undefined {
  const name = severity.toLowerCase().replace(/[\s_-]+/g, '');
  return (
    own(PLACES, name) ??
    own(PLACES, name.replace(/^(?:priority|prio|p)(?=\d$)/, 'p').replace(/^(?:severity|sev|s)(?=\d$)/, 'sev')) ??
    // OpenTelemetry has four of each: https://opentelemetry.io/docs/specs/otel/logs/data-model/#displaying-severity
    own(PLACES, name.replace(/^(fatal|error|warn|info|debug|trace)[2-4]$/, '$1'))
  );
}
