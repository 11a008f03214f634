import { humanDuration, measuredDuration } from '../../core/duration.ts';
import type { Duration } from '../../core/time.ts';
import type { Inspected } from '../../engine/inspection.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { error, good, note, warning } from './check-result.ts';

/** Beyond what the way there and back makes unsure, ms. */
const FINE: Duration = 2_000;
/** As long as rules wait for their documents by default: beyond it windows are evaluated before or long after they end. */
const BAD: Duration = 30_000;

/** Whether this machine and the cluster agree on what time it is. */
export const clocksCheck: DoctorCheck = {
  name: 'clock',
  title: 'Clocks',
  needs: 'cluster',
  limit: SHORT,
  run: async ({ backend, clock }, signal) => clockFindings(await backend.inspection.clocks(clock.now, signal)),
};

/** What is to be said of the nodes' clocks; those that agree are one line. */
export function clockFindings(clocks: Inspected<ReadonlyMap<string, Duration>>): readonly CheckResult[] {
  if (!clocks.ok) {
    const why = clocks.problem.code === 'unauthorized' ? 'without the cluster privilege monitor' : `: ${clocks.problem.message}`;
    return [note('Elasticsearch', `its clock cannot be read ${why}`.replace(' :', ':'))];
  }
  const off = [...clocks.value].filter(([, ahead]) => Math.abs(ahead) > FINE);
  const widest = Math.max(0, ...[...clocks.value.values()].map(Math.abs));
  if (clocks.value.size === 0) return [note('Elasticsearch', 'no node reports its time')];
  if (off.length === 0) return [good('Elasticsearch', `agrees with this machine within ${humanDuration(Math.max(1, widest))}`)];
  return off.map(([name, ahead]) => {
    const failure = {
      found: `${measuredDuration(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} this machine`,
      expected: `a difference of at most ${humanDuration(FINE)}: windows and leases use this machine’s clock`,
      fix: 'timedatectl show -p NTPSynchronized   # on both machines; use the same time server',
    };
    return Math.abs(ahead) > BAD ? error(`node ${name}`, failure) : warning(`node ${name}`, failure);
  });
}
