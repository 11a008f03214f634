import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { endSlackStages, postedMessage, slackStage } from '../../support/service/slack-stage.ts';
import { APP_TOKEN } from '../../support/slack-socket.ts';

afterEach(endSlackStages);

describe('the Slack app of a service', () => {
  it('shows an acknowledgement on the pages at once', async () => {
    const on = await slackStage({ serves: true });
    const { press } = await postedMessage(on);
    const alerts = async () => (await fetch(`${on.service.address}/api/v1/alerts`)).text();
    // The list is kept for ten seconds of the clock, which stands.
    expect(await alerts()).not.toContain('acknowledged');
    on.send('interactive', press('acknowledge'));
    await on.soon(() => on.slack.callsOf('chat.update').length === 1);
    expect(await alerts()).toContain('acknowledged in Slack');
    expect(on.lines()).toContain('info: acknowledged');
  });

  describe('on a reload', () => {
    it('begins when the app is added, and ends when it is removed', async () => {
      const on = await slackStage({ without: true });
      await on.until(() => on.slack.callsOf('chat.postMessage').length > 0, 'the message');
      expect([on.slack.connections.length, JSON.stringify(on.slack.calls).includes('tocsin.acknowledge')]).toEqual([0, false]);
      await on.reload('');
      await on.until(() => on.connected() === 1, 'the connection');
      await on.reload(undefined);
      await on.until(() => on.slack.connections[0]?.isOpen() === false, 'the end of the connection');
      expect(on.service.status().tasks).toEqual([]);
      await on.until(() => on.slack.connections.length === 1, 'no other connection');
    });

    it('keeps its connection when something else changes', async () => {
      const on = await slackStage();
      await on.reload('', 'meta_receiver: ops\n');
      expect(on.lines()).toContain('info: configuration reloaded');
      const { press } = await postedMessage(on);
      on.send('interactive', press('acknowledge'));
      await on.soon(() => on.slack.callsOf('chat.update').length === 1);
      expect(on.slack.connections.map((one) => one.isOpen())).toEqual([true]);
    });

    it('heeds at once who may use it now', async () => {
      const on = await slackStage();
      const { press } = await postedMessage(on);
      await on.reload(', allow_users: [U0SOMEONE]');
      await on.until(() => on.connected() === 2, 'the connection with the new list');
      on.send('interactive', press('acknowledge'));
      await on.soon(() => on.slack.callsOf('chat.postEphemeral').length === 1);
      expect(on.slack.callsOf('chat.postEphemeral')[0]?.['text']).toContain('allow_users');
      expect(on.slack.connections.map((one) => one.isOpen())).toEqual([false, true]);
    });

    it('says that a token which was changed is refused, and goes on when it is right again', async () => {
      const on = await slackStage();
      await writeFile(join(on.folder, 'app'), 'xapp-1-A012-345-another\n');
      await on.service.reload();
      await on.until(() => on.service.status().tasks.length > 0, 'the warning');
      expect(on.service.status().tasks).toEqual([{ task: 'slack', problem: 'Slack refused: invalid_auth' }]);
      await writeFile(join(on.folder, 'app'), `${APP_TOKEN}\n`);
      await on.service.reload();
      await on.until(() => on.service.status().tasks.length === 0 && on.connected() === 2, 'the connection');
    });
  });
});
