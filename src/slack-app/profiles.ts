import { oneLine } from '../channels/clean-text.ts';
import type { SlackWebApi } from '../channels/slack/web-api.ts';
import { isObject, type JsonObject } from '../core/json.ts';

const MOST_REMEMBERED = 1_000;

/** What Slack knows of a user that matters here; both may be empty. */
export interface SlackProfile {
  readonly name: string;
  readonly timezone: string;
}

/** Reads profiles; those that were read are kept while there are few. https://docs.slack.dev/reference/methods/users.info */
export function profileReader(api: SlackWebApi): (user: string) => Promise<SlackProfile> {
  const known = new Map<string, SlackProfile>();
  return async (user) => {
    const kept = known.get(user);
    if (kept !== undefined) return kept;
    const said = await api.call('users.info', { user });
    if (!said.ok) return { name: '', timezone: '' };
    const found = objectOf(said.body['user']);
    const profile = { name: textOf(found['real_name']) || textOf(found['name']), timezone: textOf(found['tz']) };
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(user, profile);
    return profile;
  };
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? (value as JsonObject) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? oneLine(value, 80) : '';
}
