import { type Static, Type } from 'typebox';
import { type HttpConfig, PLAIN_HTTP } from '../channels/http-client/config.ts';
import { SLACK_WEB_API } from '../channels/slack/options.ts';
import { httpUrl } from '../core/http-url.ts';
import { isObject, type JsonSchema } from '../core/json.ts';
import { type Secret, secret } from '../core/secret.ts';
import { withFileKeys } from './file-keys.ts';
import { readHttpConfig } from './http-config.ts';
import { HTTP_CONFIG } from './receiver-schema.ts';
import type { Report } from './report.ts';
import { STAND_IN_URL } from './schema-at.ts';
import { CLOSED, keyOfText, optionalKey } from './schema-parts.ts';
import type { Files } from './secret-files.ts';

/** A Slack app that listens over Socket Mode: its buttons and its command. */
export interface SlackAppConfig {
  /** App-level token: opens the connection. */
  readonly appToken: Secret;
  /** Bot token: answers. */
  readonly botToken: Secret;
  /** Address of the Web API. */
  readonly url: Secret;
  /** IDs of those who may use it, and of where; undefined: everyone, everywhere. */
  readonly allowUsers?: ReadonlySet<string>;
  readonly allowChannels?: ReadonlySet<string>;
  readonly http: HttpConfig;
}

const SECRETS = ['app_token', 'bot_token'] as const;
const PATH = ['slack_app'];

const idList = (description: string, pattern: string, example: string) =>
  Type.Array(Type.String({ pattern, examples: [example] }), { minItems: 1, maxItems: 1_000, uniqueItems: true, description });

const slackApp = Type.Object(
  {
    app_token: keyOfText('App-level token with the scope connections:write.', { pattern: '^xapp-' }),
    bot_token: keyOfText(
      'Bot token of the same app. Messages of slack_configs with this bot token have buttons. Scopes: chat:write, commands, users:read.',
      { pattern: '^xoxb-' },
    ),
    api_url: optionalKey(keyOfText('Address of the Web API.', { default: SLACK_WEB_API })),
    allow_users: optionalKey(
      idList(
        'IDs of users who may use buttons and commands; default: everyone in the channel.',
        '^[UW][A-Z0-9]{2,30}$',
        'U012AB3CD',
      ),
    ),
    allow_channels: optionalKey(
      idList('IDs of channels in which they may be used; default: all channels.', '^[CDG][A-Z0-9]{2,30}$', 'C024BE91L'),
    ),
    http_config: optionalKey(Type.Unsafe<Readonly<Record<string, unknown>>>(HTTP_CONFIG)),
  },
  { ...CLOSED, description: 'A Slack app with Socket Mode: buttons in messages and the command /tocsin. Off unless configured.' },
);

/** The section as it is written. */
export type RawSlackApp = Partial<Static<typeof slackApp>>;

/** Schema of the section. */
export function slackAppSchema(): JsonSchema {
  return withFileKeys({ ...slackApp }, SECRETS);
}

/** Reads the app; undefined without the section. */
export async function readSlackApp(
  raw: RawSlackApp | undefined,
  files: Files,
  report: Report,
): Promise<{ readonly slackApp?: SlackAppConfig }> {
  if (raw === undefined) return {};
  const [appToken, botToken] = [await files.secret(raw, 'app_token', PATH), await files.secret(raw, 'bot_token', PATH)];
  const http = isObject(raw.http_config)
    ? await readHttpConfig(raw.http_config, [...PATH, 'http_config'], files, report)
    : PLAIN_HTTP;
  if (appToken === undefined || botToken === undefined) return {};
  checkToken(appToken, 'app_token', 'xapp-', raw, report);
  checkToken(botToken, 'bot_token', 'xoxb-', raw, report);
  const url = raw.api_url ?? SLACK_WEB_API;
  if (httpUrl(url) === undefined)
    report.error('config/url', [...PATH, 'api_url'], 'not an http or https URL', `write ${SLACK_WEB_API}`);
  return {
    slackApp: {
      ...{ appToken, botToken, url: secret(url), http },
      ...(raw.allow_users !== undefined && { allowUsers: new Set(raw.allow_users) }),
      ...(raw.allow_channels !== undefined && { allowChannels: new Set(raw.allow_channels) }),
    },
  };
}

/** The two are easily mistaken for each other, also in their files, which no schema sees. */
function checkToken(token: Secret, key: (typeof SECRETS)[number], prefix: string, raw: RawSlackApp, report: Report): void {
  const at = key in raw ? key : `${key}_file`;
  if (token.reveal().startsWith(prefix) || token.reveal() === STAND_IN_URL) return;
  report.error('config/value', [...PATH, at], `${key} does not begin with ${prefix}`, NEXT[key]);
}

const NEXT: Readonly<Record<(typeof SECRETS)[number], string>> = {
  app_token: 'an app-level token is under "Basic Information" of the app; the bot token is bot_token',
  bot_token: 'the bot token is under "OAuth & Permissions" of the app; the app-level token is app_token',
};
