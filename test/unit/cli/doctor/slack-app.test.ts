import { expect, it } from 'vitest';
import { PLAIN_HTTP } from '../../../../src/channels/http-client/config.ts';
import type { DoctorContext } from '../../../../src/cli/doctor/check.ts';
import { slackAppCheck } from '../../../../src/cli/doctor/slack-app.ts';
import { secret } from '../../../../src/core/secret.ts';
import { APP_TOKEN, SOCKET_BOT_TOKEN, startSlackSocket } from '../../../support/slack-socket.ts';

async function examined(tokens: { readonly app: string; readonly bot: string } | undefined, url: string) {
  const slackApp = tokens && {
    ...{ appToken: secret(tokens.app), botToken: secret(tokens.bot), url: secret(url), http: PLAIN_HTTP },
  };
  const context = { config: { slackApp }, fetch, now: 0 } as unknown as DoctorContext;
  return slackAppCheck.run(context, AbortSignal.timeout(10_000));
}

it('says whether Slack accepts both tokens, without opening a connection', async () => {
  await using slack = await startSlackSocket();
  const good = await examined({ app: APP_TOKEN, bot: SOCKET_BOT_TOKEN }, slack.url);
  expect(good.map(({ severity, subject }) => [severity, subject])).toEqual([
    ['good', 'bot token'],
    ['good', 'app-level token'],
  ]);
  expect(slack.connections).toEqual([]);
  const bad = await examined({ app: 'xapp-wr0ng', bot: 'xoxb-wr0ng' }, slack.url);
  expect(bad.map(({ severity, found }) => [severity, found])).toEqual([
    ['error', 'Slack refused: invalid_auth'],
    ['error', 'Slack refused: invalid_auth'],
  ]);
  expect(JSON.stringify([good, bad])).not.toMatch(/wr0ng|s3cret|t1cket/);
});

it('says that there is no app', async () => {
  expect(await examined(undefined, '')).toEqual([expect.objectContaining({ severity: 'note', subject: 'Slack app' })]);
});
