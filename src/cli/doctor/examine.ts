import { storeUse } from '../../config/received-alerts.ts';
import { asError } from '../../core/errors.ts';
import { redact, type Secret } from '../../core/secret.ts';
import { type Duration, deadline } from '../../core/time.ts';
import type { CheckedPart, CheckResult } from '../../reports/doctor/doctor-report.ts';
import type { DoctorCheck, DoctorContext } from './check.ts';
import { error, warning } from './check-result.ts';
import { isStateThere } from './state.ts';

/** How far the examination is: `done` of `of` checks, and one that is still under way. */
export type ShowProgress = (done: number, of: number, title: string) => void;

/**
 * Runs every check side by side, each within its own time; what needs Elasticsearch waits for it to answer, and is left out when it does
 * not. Parts come in the order of the checks. A check that stumbles is a finding, and no secret is in any text.
 */
export async function examine(
  checks: readonly DoctorCheck[],
  context: DoctorContext,
  signal: AbortSignal,
  show: ShowProgress = () => undefined,
): Promise<readonly CheckedPart[]> {
  const open = new Set(checks.map(({ title }) => title));
  const ground = groundOf(context, signal);
  const finished = (title: string) => {
    open.delete(title);
    const [next = title] = open;
    show(checks.length - open.size, checks.length, next);
  };
  return Promise.all(
    checks.map(async (check): Promise<CheckedPart> => {
      const { name, title } = check;
      const lacking = await ground(check.needs);
      const began = context.clock.monotonic();
      const results = lacking === undefined ? await within(check, context, signal) : [];
      finished(title);
      const took = Math.round(context.clock.monotonic() - began);
      const cleaned = results.map((result) => clean(result, context.config.secrets));
      return { name, title, results: cleaned, took, ...(lacking !== undefined && { skipped: lacking }) };
    }),
  );
}

const GROUND_LIMIT: Duration = 15_000;

/** Why a check cannot run because a prerequisite is missing. Evaluated once for all checks. */
function groundOf({ backend, config }: Pick<DoctorContext, 'backend' | 'config'>, parent: AbortSignal) {
  const signal = deadline(GROUND_LIMIT, parent);
  const { inspection } = backend;
  const cluster = Promise.all(inspection.addresses.map((address) => inspection.node(address, signal))).then((answers) =>
    answers.some(({ ok }) => ok) ? undefined : 'Elasticsearch cannot be reached',
  );
  const state = cluster.then(async (lacking) => {
    if (lacking !== undefined) return lacking;
    return isStateThere(await inspection.stateIndices(signal, storeUse(config)))
      ? undefined
      : 'Tocsin’s indices are incomplete or cannot be read';
  });
  return async (needs: DoctorCheck['needs']): Promise<string | undefined> =>
    needs === 'nothing' ? undefined : needs === 'cluster' ? cluster : state;
}

async function within(check: DoctorCheck, context: DoctorContext, parent: AbortSignal): Promise<readonly CheckResult[]> {
  const signal = deadline(check.limit, parent);
  try {
    return await Promise.race([check.run(context, signal), late(check, signal)]);
  } catch (thrown) {
    return [
      error(check.name, {
        found: `the check failed: ${asError(thrown).message}`,
        fix: 'this is a bug in Tocsin: please report it',
      }),
    ];
  }
}

/** A server that neither answers nor hangs up must not hold up the doctor. */
function late({ name, limit }: DoctorCheck, signal: AbortSignal): Promise<readonly CheckResult[]> {
  return new Promise((resolve) => {
    // What was aborted says so itself, a moment later; this is for what does not.
    const give = () => queueMicrotask(() => resolve([tooLate(name, limit)]));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}

function tooLate(name: string, limit: Duration): CheckResult {
  return warning(name, {
    found: `timed out after ${limit / 1_000}s`,
    expected: 'a result within that time',
    fix: 'tocsin doctor   # again; if it times out again, check the load of the systems involved',
  });
}

function clean(result: CheckResult, secrets: readonly Secret[]): CheckResult {
  const { found, fix, expected, ...rest } = result;
  return {
    ...rest,
    found: redact(found, secrets),
    ...(expected !== undefined && { expected: redact(expected, secrets) }),
    // Omit an empty fix.
    ...(fix !== undefined && fix !== '' && { fix: redact(fix, secrets) }),
  };
}
