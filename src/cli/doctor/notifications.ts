import { humanDuration } from '../../core/duration.ts';
import { readApart } from '../../core/read-apart.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import { DAY, type Duration, type Instant, iso, MINUTE } from '../../core/time.ts';
import type { ConversationDocument } from '../../notifications/conversation.ts';
import type { Finding } from '../../reports/doctor/doctor-report.ts';
import { undeliveredSince } from '../../service/undelivered.ts';
import { type DoctorCheck, SHORT, type Ward } from './check.ts';
import { atMost, error, good, note, warning } from './finding.ts';

const MOST_READ = 1_000;
const MOST = 20;
/** What waits for its group_wait or group_interval waits no longer than this by default, and a receiver in trouble is retried. */
const LONG_WAIT: Duration = 15 * MINUTE;

/** Whether every message was told, and which wait or are dead. */
export const notificationsCheck: DoctorCheck = {
  name: 'notifications',
  title: 'Notifications',
  needs: 'state',
  limit: SHORT,
  run: async ({ backend, config, clock }) => {
    const read = await readConversations(backend);
    const configured = new Set(config.destinations.keys());
    return notificationFindings(read, configured, clock.now());
  },
};

/** Conversations as read, and those that cannot be, with the reason, by id. */
interface ReadConversations {
  readonly documents: readonly ConversationDocument[];
  readonly unreadable: ReadonlyMap<string, string>;
}

async function readConversations({ inspection, conversations }: Ward['backend']): Promise<StoreAnswer<ReadConversations>> {
  const ids = await inspection.conversations(MOST_READ);
  if (!ids.ok) return ids;
  const loaded = await readApart(ids.value, conversations.load);
  if (!loaded.ok) return loaded;
  const { found, unreadable } = loaded.value;
  return { ok: true, value: { documents: [...found.values()].map(({ document }) => document), unreadable } };
}

/** What is to be said of the conversations: those in which all was told are one line. */
export function notificationFindings(
  read: StoreAnswer<ReadConversations>,
  configured: ReadonlySet<string>,
  now: Instant,
): readonly Finding[] {
  if (!read.ok)
    return [
      error('tocsin-conversations', {
        found: read.message,
        expected: 'that conversations can be read',
        fix: 'see the health of tocsin-conversations',
      }),
    ];
  const { documents, unreadable } = read.value;
  const broken = [...unreadable.values()].map((found) =>
    error('conversation', { found, expected: 'a document of this Tocsin', fix: 'upgrade this Tocsin, or delete the document' }),
  );
  const troubles = [...broken, ...documents.flatMap((document) => troubleOf(document, configured, now))];
  const all = documents.length + unreadable.size;
  const fine = all - troubles.length;
  if (all === 0) return [note('conversations', 'nobody was told of anything yet')];
  return [
    ...(fine > 0 ? [good('conversations', `${fine} of ${all} have told all that is due`)] : []),
    ...atMost(MOST, troubles, 'conversations'),
  ];
}

function nextTry({ refused, retry }: ConversationDocument, now: Instant): string {
  if (refused.length === 0) return 'nothing of it is still to be sent';
  const next = retry?.next_at ?? null;
  const when = next === null || next <= now ? 'now' : `at ${iso(next)}`;
  return `the next attempt is due ${when}, and at once after a change of its configuration or a restart`;
}

/** It failed within a day, and nothing was delivered since. */
function isRecent({ told_at }: ConversationDocument, failedAt: Instant, now: Instant): boolean {
  return now - failedAt < DAY && (told_at ?? 0) <= failedAt;
}

/** The most urgent trouble of one conversation; dead messages of long ago are history. */
function troubleOf(document: ConversationDocument, configured: ReadonlySet<string>, now: Instant): readonly Finding[] {
  const { destination, dead, refused, sending } = document;
  const waits = undeliveredSince(document);
  if (dead !== null && (refused.length > 0 || document.retry !== undefined || isRecent(document, dead.last_at, now))) {
    return [
      error(destination, {
        found: `${dead.count} ${dead.count === 1 ? 'message is' : 'messages are'} dead, the last since ${iso(dead.last_at)}: ${dead.reason}`,
        expected: 'messages that are taken',
        fix: `tocsin doctor --send-test   # fix this destination; ${nextTry(document, now)}`,
      }),
    ];
  }
  if (waits === undefined || now - waits < LONG_WAIT) return [];
  if (!configured.has(destination)) {
    return [
      error(destination, {
        found: `waits for ${humanDuration(now - waits)}, and is no longer configured`,
        expected: 'a destination of tocsin.yaml',
        fix: 'nothing: it is given up as dead at the next attempt',
      }),
    ];
  }
  const failure =
    sending?.last_failure === undefined ? '' : `; ${sending.attempts} attempts, the last: ${sending.last_failure.text}`;
  const next = sending?.retry_at === null || sending?.retry_at === undefined ? '' : `; next at ${iso(sending.retry_at)}`;
  return [
    warning(destination, {
      found: `something waits for ${humanDuration(now - waits)}${failure}${next}`,
      expected: `told within ${humanDuration(LONG_WAIT)}, unless group_wait or group_interval is longer`,
      fix: 'see Receivers above; if that is well, does a replica run?',
    }),
  ];
}
