import { Type } from 'typebox';
import type { JsonSchema } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS } from '../http-client/options.ts';
import { type OptionKeys, secretAt, secretUrlAt } from '../keys.ts';

/** Where a JSON message goes and how it proves where it came from. */
export interface WebhookOptions {
  readonly url: Secret;
  readonly signingSecret: Secret | undefined;
  readonly bearerToken: Secret | undefined;
  readonly http: HttpConfig;
}

/** Keys of one entry of `webhook_configs`. */
export const webhookSchema: JsonSchema = {
  ...Type.Object(
    {
      url: Type.String({ minLength: 1, description: 'URL that receives the JSON message by POST.' }),
      signing_secret: Type.Optional(
        Type.String({
          minLength: 8,
          description:
            'Key of the signature in X-Tocsin-Signature: HMAC-SHA256 over the text of X-Tocsin-Timestamp, a full stop and the body.',
        }),
      ),
      bearer_token: Type.Optional(Type.String({ minLength: 1, description: 'Token of the Authorization header.' })),
      ...HTTP_KEYS,
    },
    { additionalProperties: false },
  ),
};

/** Reads the keys of one entry of `webhook_configs`. */
export function readWebhookOptions(keys: OptionKeys): WebhookOptions {
  return {
    url: secretUrlAt(keys, 'url'),
    signingSecret: secretAt(keys, 'signing_secret'),
    bearerToken: secretAt(keys, 'bearer_token'),
    http: httpAt(keys),
  };
}
