import type { Channel } from './channel.ts';
import { consoleChannel } from './console/console.ts';
import { emailChannel } from './email/email.ts';
import { slackChannel } from './slack/slack.ts';
import { webhookChannel } from './webhook/webhook.ts';

const registered = {
  slack: slackChannel,
  email: emailChannel,
  webhook: webhookChannel,
  console: consoleChannel,
} satisfies Record<string, Channel<unknown>>;

/** All kinds of destinations by name. Options are validated and read by the channel itself before they come back to it, so they pass as unknown. */
export const channels: Readonly<Record<string, Channel<unknown>>> = registered;
