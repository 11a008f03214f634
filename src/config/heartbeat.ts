import type { Duration } from '../core/time.ts';
import type { Config } from './config.ts';
import { CONFIG_DEFAULTS } from './defaults.ts';
import type { Report } from './report.ts';
import type { RawConfig } from './schema.ts';
import type { Files } from './secret-files.ts';

const PATH = ['heartbeat'];
const LEAST = 1_000;

/** Reads the heartbeat; undefined without the section. */
export async function readHeartbeat(
  raw: RawConfig['heartbeat'],
  duration: (text: string | undefined, value: Duration) => Duration,
  files: Files,
  report: Report,
): Promise<Pick<Config, 'heartbeat'>> {
  if (raw === undefined) return {};
  const url = await files.secret(raw, 'url', PATH);
  if (url === undefined) return {};
  checkUrl(url.reveal(), 'url' in raw ? 'url' : 'url_file', report);
  const every = duration(raw.every, CONFIG_DEFAULTS.heartbeatEvery);
  const timeout = duration(raw.timeout, CONFIG_DEFAULTS.heartbeatTimeout);
  if (every < LEAST) report.error('config/value', [...PATH, 'every'], 'expected at least 1s');
  if (timeout < LEAST) report.error('config/value', [...PATH, 'timeout'], 'expected at least 1s');
  return { heartbeat: { url, method: raw.method ?? 'POST', every, timeout } };
}

/** The URL is a secret, so no message shows it. */
function checkUrl(text: string, key: string, report: Report): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    report.error('config/url', [...PATH, key], 'not an http or https URL', 'write https://…');
  } else if (url.username !== '' || url.password !== '') {
    const hint = 'use a URL with a secret path instead';
    report.error('config/url', [...PATH, key], 'user name or password in a URL', hint);
  }
}
