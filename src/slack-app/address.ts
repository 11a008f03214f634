import { type SlackSaid, slackReason } from '../channels/slack/web-api.ts';
import type { Secret } from '../core/secret.ts';
import type { OpenedAt } from './connection.ts';

/**
 * The address of a connection, as Slack gives it: https://docs.slack.dev/reference/methods/apps.connections.open. It holds a ticket, so nothing shows it;
 * it is as encrypted as the Web API is.
 */
export function openedAt(said: SlackSaid, webApi: Secret): OpenedAt {
  if (!said.ok) {
    const { outcome } = said;
    const after = outcome.kind === 'retry' ? outcome.after : undefined;
    return { ok: false, problem: slackReason(outcome).text, ...(after !== undefined && { after }) };
  }
  const { url } = said.body;
  const at = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const wanted = new URL(webApi.reveal()).protocol === 'http:' ? /^wss?:$/ : /^wss:$/;
  if (at === undefined || !wanted.test(at.protocol)) return { ok: false, problem: 'Slack returned no connection URL' };
  return { ok: true, url: at };
}
