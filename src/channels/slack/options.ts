import { Type } from 'typebox';
import type { JsonSchema } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS } from '../http-client/options.ts';
import { type OptionKeys, secretUrlAt } from '../keys.ts';

/** Where a Slack message goes: the URL of an incoming webhook, which is a secret and decides workspace and channel. */
export interface SlackOptions {
  readonly url: Secret;
  readonly http: HttpConfig;
}

/** Keys of one entry of `slack_configs`. */
export const slackSchema: JsonSchema = {
  ...Type.Object(
    {
      api_url: Type.String({
        minLength: 1,
        description: 'URL of the incoming webhook, as Slack shows it once. It decides the channel.',
      }),
      ...HTTP_KEYS,
    },
    { additionalProperties: false },
  ),
};

/** Reads the keys of one entry of `slack_configs`. */
export function readSlackOptions(keys: OptionKeys): SlackOptions {
  return { url: secretUrlAt(keys, 'api_url'), http: httpAt(keys) };
}
