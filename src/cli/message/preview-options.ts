import type { Channel } from '../../channels/channel.ts';
import { slackChannel } from '../../channels/slack/slack.ts';
import { sampleOf } from '../../config/schema-at.ts';
import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { secret } from '../../core/secret.ts';

/** Keys of destinations where those that a schema requires do not suffice. */
const MORE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  slack: { api_url: secret('https://hooks.slack.com/services/example') },
  email: { smarthost: 'localhost:25', from: 'tocsin@example.com', to: 'team@example.com' },
  sns: { topic_arn: 'arn:aws:sns:eu-central-1:123456789012:alerts' },
  telegram: { chat_id: -1001234567890 },
};

/** Options of a destination that leads nowhere: a preview sends nothing. */
export function previewOptions({ name, schema, secrets, read }: Channel<unknown>): unknown {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const samples = required.map((key) => {
    const property = own(properties, key);
    const sample = sampleOf(isObject(property) ? property : undefined);
    return [key, secrets.includes(key) ? secret(String(sample)) : sample] as const;
  });
  return read({ ...Object.fromEntries(samples), ...own(MORE, name) });
}

/** Options of a Slack app that leads nowhere. */
export function slackAppOptions(): ReturnType<typeof slackChannel.read> {
  return slackChannel.read({ bot_token: secret('xoxb-preview'), channel: 'C0000000000' });
}
