import { startSmtpServer } from '../support/smtp-server.ts';
import { type Failure, flow } from './failure.ts';
import type { Answer } from './receivers.ts';
import { type GreenStage, rule, until } from './stage.ts';

/** A rule that fires all the time, to the receiver of one team, which answers as given. */
function badReceiver(
  answer: Answer,
  changes: Readonly<Record<string, unknown>> = {},
): Pick<Failure, 'cluster' | 'begin' | 'end' | 'subject'> {
  const stops = new WeakMap<GreenStage, () => void>();
  return {
    cluster: 'shared',
    begin: async (stage) => {
      stage.receivers.answers.set('team', answer);
      await stage.configure(changes);
      stops.set(
        stage,
        flow(stage, () => [{ app: 'shop' }]),
      );
      await stage.write('rules/loud.yaml', rule('loud', stage.index, { labels: { for: 'team' } }));
    },
    end: async (stage) => {
      stage.receivers.answers.delete('team');
      // What was refused is tried again at once when the destination's configuration has changed.
      await stage.configure({ external_url: 'https://tocsin.example.com' });
    },
    subject: () => 'team/webhook/hook',
  };
}

/** A rule that is notified by mail to two people, of whom the server refuses one for good. */
function refusedRecipient(): Pick<Failure, 'cluster' | 'begin' | 'end' | 'subject'> {
  const stops = new WeakMap<GreenStage, () => Promise<void>>();
  return {
    cluster: 'shared',
    begin: async (stage) => {
      const server = await startSmtpServer();
      server.fail({ at: 'recipient', how: 550, recipient: 'gone@example.com' });
      const stop = flow(stage, () => [{ app: 'shop' }]);
      stops.set(stage, async () => {
        stop();
        await server.close();
      });
      await stage.configure({ receivers: [...stage.usual.receivers, mailTo(server.port, 'ok@example.com', 'gone@example.com')] });
      await stage.write('rules/mailed.yaml', rule('mailed', stage.index, { receivers: ['mail'] }));
    },
    end: async (stage) => {
      await stage.remove('rules/mailed.yaml');
      await stage.configure({ receivers: [...stage.usual.receivers, mailTo(1, 'ok@example.com')] });
      await stops.get(stage)?.();
    },
    subject: () => 'mail/email/mail gone@example.com',
  };
}

function mailTo(port: number, ...to: readonly string[]) {
  const mail = { name: 'mail', smarthost: `127.0.0.1:${port}`, from: 'tocsin@example.com', to, require_tls: false };
  return { name: 'mail', email_configs: [mail] };
}

/** A receiver that is taken out of tocsin.yaml while an alert of which it was notified fires. */
function goneReceiver(): Pick<Failure, 'cluster' | 'begin' | 'end' | 'subject'> {
  const stops = new WeakMap<GreenStage, () => void>();
  return {
    cluster: 'shared',
    begin: async (stage) => {
      stops.set(
        stage,
        flow(stage, () => [{ app: 'shop' }]),
      );
      await stage.write('rules/loud.yaml', rule('loud', stage.index, { labels: { for: 'team' } }));
      const isNotified = () => stage.receivers.heard.some(({ door, alerts }) => door === 'team' && alerts.length > 0);
      await until('the team is notified', 20_000, async () => (isNotified() ? undefined : 'not yet'));
      await stage.configure({
        receivers: stage.usual.receivers.filter((one) => !('name' in one && one.name === 'team')),
        route: { receiver: 'route', group_by: ['...'], group_interval: '1s' },
      });
    },
    end: async (stage) => stops.get(stage)?.(),
    subject: () => 'loud',
  };
}

/** Problems of receivers, in the order of the table. */
export const RECEIVER_FAILURES: readonly Failure[] = [
  { failure: 'A receiver refuses messages', slow: true, ...badReceiver(403) },
  {
    failure: 'A receiver hangs, cannot be reached, or answers 5xx or 429',
    // Shown within a quarter of the time after which a message is given up.
    ...badReceiver('hang', { delivery: { lease: '10s', send_timeout: '5s', give_up_after: '2m' } }),
  },
  { failure: 'A recipient of a mail is refused for good', ...refusedRecipient() },
  { failure: 'A receiver of a firing alert is removed from `tocsin.yaml`, or renamed', ...goneReceiver() },
];
