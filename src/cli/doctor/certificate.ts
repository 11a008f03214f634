import { humanDuration } from '../../core/duration.ts';
import { DAY, type Duration, type Instant, iso } from '../../core/time.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { error, warning } from './check-result.ts';

/** A certificate that ends sooner than this should be on someone's list. */
const SOON: Duration = 14 * DAY;

/** A finding for a certificate that has ended or ends soon; undefined for one that expires later, or at an unknown time. */
export function certificateFinding(subject: string, validTo: Instant | undefined, now: Instant): CheckResult | undefined {
  if (validTo === undefined || validTo - now > SOON) return undefined;
  const fix = 'renew the certificate of that server';
  if (validTo <= now) return error(subject, { found: `expired at ${iso(validTo)}`, expected: 'a valid certificate', fix });
  return warning(subject, { found: `expires in ${humanDuration(validTo - now)}`, expected: 'valid for two weeks or more', fix });
}
