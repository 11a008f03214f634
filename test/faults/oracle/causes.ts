import type { Heard } from '../stage/heard.ts';
import type { StoredVersion } from '../stage/observer.ts';
import type { Life } from '../stage/replica.ts';
import type { Stage } from '../stage/stage.ts';

/** What may repeat a message once: each counts the messages that were in flight when it struck. */
export interface Causes {
  /** Messages claimed and not recorded by a process that was killed. */
  readonly crashed: number;
  /** Messages that a receiver took and whose sender never heard so: the answer was lost, or came too late. */
  readonly unanswered: number;
  /** Messages whose lease ran out although its holder lived and ran: it could not record them. */
  readonly lapsed: number;
  /** Messages claimed and not recorded by a process while it was stopped in its tracks. */
  readonly frozen: number;
  readonly crashes: number;
  readonly broken: readonly string[];
}

/** Clocks of one machine, and the time from a write to its answer, ms. */
const TOLERANCE = 50;

/** Counts the causes: crashes and freezes by what the cluster had stored of messages then, unanswered sends by the receivers. */
export function causesOf({ observer, replicas, jumped }: Stage, heard: readonly Heard[]): Causes {
  const lives = new Map(replicas.flatMap((one) => one.lives.map((life) => [life.name, life] as const)));
  const counts = { crashed: 0, lapsed: 0, frozen: 0 };
  const broken: string[] = [];
  for (const claim of [...observer.alertGroups.values()].flatMap(claimsOf)) {
    const life = lives.get(claim.life);
    if (life === undefined) continue;
    if (frozenWithin(life, claim)) counts.frozen++;
    else if (!claim.takenOver) continue;
    else if (life.end !== undefined && (life.ended ?? 0) <= (claim.to ?? 0)) counts.crashed++;
    else counts.lapsed++;
    if (claim.takenOver && !jumped && claim.to !== undefined && claim.to + TOLERANCE < claim.until)
      broken.push(`a message was taken over ${claim.until - claim.to} ms before its lease was over`);
  }
  const crashes = [...lives.values()].filter((life) => life.end === 'crash').length;
  const unknown = replicas.reduce((sum, one) => sum + one.unknown, 0);
  const unanswered = Math.max(heard.filter((one) => !one.answered).length, unknown);
  return { ...counts, unanswered, crashes, broken };
}

/** One lease on one message: who held it, from when to when, and whether someone took it over without a record. */
interface Claim {
  readonly life: string;
  readonly from: number;
  readonly to: number | undefined;
  readonly until: number;
  readonly takenOver: boolean;
}

function claimsOf(versions: readonly StoredVersion[]): readonly Claim[] {
  const claims: Claim[] = [];
  for (const [index, version] of versions.entries()) {
    const { inflight } = version.document;
    const held = versions[index - 1]?.document.inflight;
    if (inflight === null || inflight.until === null || held?.token === inflight.token) continue;
    const next = versions
      .slice(index + 1)
      .find(({ document }) => document.inflight?.token !== inflight.token || document.inflight.until === null);
    const after = next?.document.inflight;
    claims.push({
      life: version.life,
      from: version.at,
      to: next?.at,
      until: inflight.until,
      takenOver: after?.id === inflight.id && after.token !== inflight.token && after.until !== null,
    });
  }
  return claims;
}

function frozenWithin(life: Life, { from, to }: Claim): boolean {
  return life.frozen.some(
    (freeze) => from <= (freeze.to ?? Number.POSITIVE_INFINITY) && (to ?? Number.POSITIVE_INFINITY) >= freeze.from,
  );
}
