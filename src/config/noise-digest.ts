import { type Static, Type } from 'typebox';
import { isTimeZone, parseCron } from '../core/schedule.ts';
import type { Config } from './config.ts';
import { CONFIG_DEFAULTS } from './defaults.ts';
import type { Report } from './report.ts';
import { checkReceiver } from './routes.ts';
import { CLOSED, optionalKey } from './schema-parts.ts';

const PATH = ['noise_digest'];

/** Schema of `noise_digest`. */
export const NOISE_DIGEST_SCHEMA = Type.Object(
  {
    receiver: Type.String({ description: 'Name of the receiver of the report.' }),
    schedule: optionalKey(
      Type.String({
        default: CONFIG_DEFAULTS.noiseSchedule,
        description: 'When the report is sent: a cron pattern of five fields. It always covers the last seven days.',
      }),
    ),
    timezone: optionalKey(Type.String({ default: 'UTC', description: 'IANA time zone of the schedule.' })),
  },
  {
    ...CLOSED,
    description: 'A report of the noisiest rules: messages, short and unacknowledged episodes, and time in alert by team.',
  },
);

/** Reads the noise digest; undefined without the section. `receivers` undefined: which there are is not known. */
export function readNoiseDigest(
  raw: Static<typeof NOISE_DIGEST_SCHEMA> | undefined,
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
  const cron = parseCron(raw.schedule ?? CONFIG_DEFAULTS.noiseSchedule, timezone);
  if (cron.ok) return { noiseDigest: { receiver: raw.receiver, schedule: cron.schedule } };
  report.error('config/value', [...PATH, 'schedule'], cron.message, `such as ${CONFIG_DEFAULTS.noiseSchedule}: Mondays at 08:00`);
  return {};
}
