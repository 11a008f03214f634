import { humanDuration } from '../../core/duration.ts';
import { readApart } from '../../core/read-apart.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import { DAY, type Duration, type Instant, iso, MINUTE } from '../../core/time.ts';
import type { AlertGroupDocument } from '../../notify/alert-group.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { undeliveredSince } from '../../service/health/undelivered.ts';
import { type DoctorCheck, type DoctorContext, SHORT } from './check.ts';
import { atMost, error, good, note, warning } from './check-result.ts';

const MOST_READ = 1_000;
const MOST = 20;
/** What waits for its group_wait or group_interval waits no longer than this by default, and a receiver in problem is retried. */
const LONG_WAIT: Duration = 15 * MINUTE;

/** Whether every message was notified, and which wait or are dead. */
export const notificationsCheck: DoctorCheck = {
  name: 'notifications',
  title: 'Notifications',
  needs: 'state',
  limit: SHORT,
  run: async ({ backend, config, clock }) => {
    const read = await readAlertGroups(backend);
    const configured = new Set(config.destinations.keys());
    return notificationFindings(read, configured, clock.now());
  },
};

/** Alert groups as read, and those that cannot be, with the reason, by id. */
interface ReadAlertGroups {
  readonly documents: readonly AlertGroupDocument[];
  readonly unreadable: ReadonlyMap<string, string>;
}

async function readAlertGroups({ inspection, alertGroups }: DoctorContext['backend']): Promise<StoreAnswer<ReadAlertGroups>> {
  const ids = await inspection.alertGroups(MOST_READ);
  if (!ids.ok) return ids;
  const loaded = await readApart(ids.value, alertGroups.load);
  if (!loaded.ok) return loaded;
  const { found, unreadable } = loaded.value;
  return { ok: true, value: { documents: [...found.values()].map(({ document }) => document), unreadable } };
}

/** What is to be said of the alert groups: those in which all was notified are one line. */
export function notificationFindings(
  read: StoreAnswer<ReadAlertGroups>,
  configured: ReadonlySet<string>,
  now: Instant,
): readonly CheckResult[] {
  if (!read.ok)
    return [
      error('tocsin-alert-groups', {
        found: read.message,
        expected: 'readable alert groups',
        fix: 'check the health of the index tocsin-alert-groups',
      }),
    ];
  const { documents, unreadable } = read.value;
  const broken = [...unreadable.values()].map((found) =>
    error('alert group', { found, expected: 'a document of this Tocsin', fix: 'upgrade this Tocsin, or delete the document' }),
  );
  const failures = [...broken, ...documents.flatMap((document) => failureOf(document, configured, now))];
  const all = documents.length + unreadable.size;
  const fine = all - failures.length;
  if (all === 0) return [note('alert groups', 'nothing has been sent yet')];
  return [
    ...(fine > 0 ? [good('alert groups', `${fine} of ${all} have nothing pending`)] : []),
    ...atMost(MOST, failures, 'alert groups'),
  ];
}

function nextTry({ failed, retry }: AlertGroupDocument, now: Instant): string {
  if (failed.length === 0) return 'nothing is pending';
  const next = retry?.next_at ?? null;
  const when = next === null || next <= now ? 'now' : `at ${iso(next)}`;
  return `the next attempt is due ${when}, and at once after a change of its configuration or a restart`;
}

/** It failed within a day, and nothing was delivered since. */
function isRecent({ notified_at }: AlertGroupDocument, failedAt: Instant, now: Instant): boolean {
  return now - failedAt < DAY && (notified_at ?? 0) <= failedAt;
}

/** The most urgent problem of one alert group; dead messages of long ago are history. */
function failureOf(document: AlertGroupDocument, configured: ReadonlySet<string>, now: Instant): readonly CheckResult[] {
  const { destination, dead, failed, inflight } = document;
  const waits = undeliveredSince(document);
  if (dead !== null && (failed.length > 0 || document.retry !== undefined || isRecent(document, dead.last_at, now))) {
    return [
      error(destination, {
        found: `${dead.count} ${dead.count === 1 ? 'message' : 'messages'} failed, the last at ${iso(dead.last_at)}: ${dead.reason}`,
        expected: 'messages that are accepted',
        fix: `tocsin doctor --send-test   # fix this destination; ${nextTry(document, now)}`,
      }),
    ];
  }
  if (waits === undefined || now - waits < LONG_WAIT) return [];
  if (!configured.has(destination)) {
    return [
      error(destination, {
        found: `pending for ${humanDuration(now - waits)}, but no longer configured`,
        expected: 'a destination of tocsin.yaml',
        fix: 'nothing: it is given up at the next attempt',
      }),
    ];
  }
  const failure =
    inflight?.last_failure === undefined ? '' : `; ${inflight.attempts} attempts, the last: ${inflight.last_failure.text}`;
  const next = inflight?.retry_at === null || inflight?.retry_at === undefined ? '' : `; next at ${iso(inflight.retry_at)}`;
  return [
    warning(destination, {
      found: `a message has been pending for ${humanDuration(now - waits)}${failure}${next}`,
      expected: `notified within ${humanDuration(LONG_WAIT)}, unless group_wait or group_interval is longer`,
      fix: 'see Receivers above; if there is no problem, check that a replica runs',
    }),
  ];
}
