import { Type } from 'typebox';
import { TocsinError } from '../../core/errors.ts';
import type { JsonSchema } from '../../core/json.ts';
import { type Secret, secret } from '../../core/secret.ts';
import { CHART_KEY } from '../chart-key.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText } from '../http-client/options.ts';
import { type OptionKeys, secretAt, secretUrlAt, textAt } from '../keys.ts';

/** A Slack app that posts as its bot user, and changes what it has posted. */
export interface SlackApp {
  readonly token: Secret;
  readonly channel: string;
  readonly chart: boolean;
  /** The app listens (`slack_app`): its messages have buttons. */
  readonly buttons?: true;
}

/** Where a Slack message goes: the URL of an incoming webhook, which is a secret and decides workspace and channel, or that of the Web API, with an app. */
export interface SlackOptions {
  readonly url: Secret;
  readonly app?: SlackApp;
  readonly http: HttpConfig;
}

/** The address of Slack's Web API. */
export const SLACK_WEB_API = 'https://slack.com/api';

/** A webhook, or an app; each from the configuration or from a file. */
const WAYS = ['api_url', 'api_url_file', 'bot_token', 'bot_token_file'].map((key) => ({ required: [key] }));

/** Keys of one entry of `slack_configs`. */
export const slackSchema: JsonSchema = {
  ...Type.Object(
    {
      api_url: optionalText(
        `URL of the incoming webhook, which determines the channel. With bot_token: that of the Web API, by default ${SLACK_WEB_API}.`,
      ),
      bot_token: optionalText(
        'Bot token of a Slack app with the scopes chat:write and files:write: each incident is one message, which is updated, with its history in the thread.',
        { pattern: '^xox[a-z]-' },
      ),
      channel: optionalText('With bot_token: ID or name of the channel; the app must be a member.', {
        examples: ['C024BE91L'],
        pattern: '^\\S+$',
      }),
      chart: CHART_KEY,
      ...HTTP_KEYS,
    },
    { additionalProperties: false, anyOf: WAYS },
  ),
};

/** Reads the keys of one entry of `slack_configs`. */
export function readSlackOptions(keys: OptionKeys): SlackOptions {
  const token = secretAt(keys, 'bot_token');
  const channel = textAt(keys, 'channel');
  if (token === undefined) {
    if (secretAt(keys, 'api_url') === undefined)
      throw new TocsinError('slack/target', 'neither api_url nor bot_token is set', {
        hint: 'api_url of an incoming webhook, or bot_token and channel of an app',
      });
    if (channel !== undefined)
      throw new TocsinError('slack/target', 'channel has no effect with a webhook, whose channel is fixed', {
        hint: 'remove it, or use the bot_token of an app',
      });
    return { url: secretUrlAt(keys, 'api_url'), http: httpAt(keys) };
  }
  if (channel === undefined)
    throw new TocsinError('slack/target', 'bot_token needs a channel', {
      hint: 'channel: C024BE91L, as in the details of the channel',
    });
  const url = secretAt(keys, 'api_url') === undefined ? secret(SLACK_WEB_API) : secretUrlAt(keys, 'api_url');
  return { url, app: { token, channel, chart: keys['chart'] !== false }, http: httpAt(keys) };
}
