import { type Static, Type } from 'typebox';
import { httpUrl } from '../core/http-url.ts';
import type { JsonSchema } from '../core/json.ts';
import type { Config } from './config.ts';
import { CONFIG_DEFAULTS, durationOr } from './defaults.ts';
import { withFileKeys } from './file-keys.ts';
import type { Report } from './report.ts';
import { CLOSED, keyOfDuration, keyOfText, optionalKey } from './schema-parts.ts';
import type { Files } from './secret-files.ts';

const PATH = ['heartbeat'];
const LEAST = 1_000;

/** Who has the URL can pretend that all is well. */
const SECRETS = ['url'] as const;

const heartbeat = Type.Object(
  {
    url: keyOfText('URL to call. Usually its path is a secret.', {
      examples: ['https://hc-ping.com/your-uuid-here'],
    }),
    every: optionalKey(keyOfDuration('Time between two requests; at least 1s.', CONFIG_DEFAULTS.heartbeatEvery)),
    method: optionalKey(
      Type.Enum(['POST', 'GET'], {
        default: 'POST',
        description: 'POST sends JSON with the namespace, the version, the number of rules and the time; GET sends nothing.',
      }),
    ),
    timeout: optionalKey(
      keyOfDuration(
        'Timeout of one request, at least 1s; failed requests are not retried before the next interval.',
        CONFIG_DEFAULTS.heartbeatTimeout,
      ),
    ),
  },
  {
    ...CLOSED,
    description:
      'A periodic request while Tocsin works: rules are evaluated, not all of them fail, and the store is available. An external service alerts when the requests stop.',
  },
);

/** `heartbeat` as it is written. */
export type RawHeartbeat = Partial<Static<typeof heartbeat>>;

/** JSON schema of `heartbeat`. */
export function heartbeatSchema(): JsonSchema {
  return withFileKeys({ ...heartbeat }, SECRETS);
}

/** Reads the heartbeat; undefined without the section. */
export async function readHeartbeat(
  raw: RawHeartbeat | undefined,
  files: Files,
  report: Report,
): Promise<Pick<Config, 'heartbeat'>> {
  if (raw === undefined) return {};
  const url = await files.secret(raw, 'url', PATH);
  if (url === undefined) return {};
  checkUrl(url.reveal(), 'url' in raw ? 'url' : 'url_file', report);
  const every = durationOr(raw.every, CONFIG_DEFAULTS.heartbeatEvery);
  const timeout = durationOr(raw.timeout, CONFIG_DEFAULTS.heartbeatTimeout);
  if (every < LEAST) report.error('config/value', [...PATH, 'every'], 'expected at least 1s');
  if (timeout < LEAST) report.error('config/value', [...PATH, 'timeout'], 'expected at least 1s');
  return { heartbeat: { url, method: raw.method ?? 'POST', every, timeout } };
}

/** The URL is a secret, so no message shows it. */
function checkUrl(text: string, key: string, report: Report): void {
  const url = httpUrl(text);
  if (url === undefined) {
    report.error('config/url', [...PATH, key], 'not an http or https URL', 'write https://…');
  } else if (url.username !== '' || url.password !== '') {
    const hint = 'use a URL with a secret path instead';
    report.error('config/url', [...PATH, key], 'user name or password in a URL', hint);
  }
}
