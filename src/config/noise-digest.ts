import { isTimeZone, parseCron } from '../core/schedule.ts';
import type { Config } from './config.ts';
import type { Report } from './report.ts';
import { checkReceiver } from './routes.ts';
import type { RawConfig } from './schema.ts';

const PATH = ['noise_digest'];
const MONDAY_MORNING = '0 8 * * 1';

/** Reads the noise digest; undefined without the section. `receivers` undefined: which there are is not known. */
export function readNoiseDigest(
  raw: RawConfig['noise_digest'],
  receivers: readonly string[] | undefined,
  report: Report,
): Pick<Config, 'noiseDigest'> {
  if (raw?.receiver === undefined) return {};
  if (receivers !== undefined) checkReceiver(raw.receiver, [...PATH, 'receiver'], receivers, report);
  const timezone = raw.timezone ?? 'UTC';
  if (!isTimeZone(timezone)) {
    report.error(
      'config/value',
      [...PATH, 'timezone'],
      `${JSON.stringify(timezone)} is not a time zone`,
      'such as Europe/Berlin',
    );
    return {};
  }
  const cron = parseCron(raw.schedule ?? MONDAY_MORNING, timezone);
  if (cron.ok) return { noiseDigest: { receiver: raw.receiver, schedule: cron.schedule } };
  report.error('config/value', [...PATH, 'schedule'], cron.message, `such as ${MONDAY_MORNING}: Mondays at 08:00`);
  return {};
}
