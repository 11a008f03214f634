import { type SlackWebApi, slackReason } from '../channels/slack/web-api.ts';
import { asError } from '../core/errors.ts';
import type { Clock, Duration } from '../core/time.ts';
import type { SlackDesk, SlackOutcome } from './desk.ts';
import { acknowledgementOf, type Envelope } from './frame.ts';
import { askedIn, type Press, type SlackPlace, type SlashCommand } from './interaction.ts';
import { pressButton } from './press-button.ts';
import { profileReader } from './profiles.ts';
import { firingText, HELP, unknownCommand } from './texts.ts';

/** What the app answers with. */
export interface SlackListenerParts {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly desk: SlackDesk;
  readonly api: SlackWebApi;
  /** IDs of those who may use it, and of where; undefined: everyone, everywhere. */
  readonly allowUsers?: ReadonlySet<string>;
  readonly allowChannels?: ReadonlySet<string>;
  /** Something did not work, and may not be seen in Slack; the text has no secrets. */
  readonly failed: (problem: string) => void;
  readonly count: (kind: string, outcome: SlackOutcome) => void;
}

interface Answer {
  readonly text: string;
  readonly outcome: SlackOutcome;
}

/** Answers events. */
export interface SlackListener {
  /** Never throws; resolves when all that follows from the event is done. */
  handle(envelope: Envelope, send: (text: string) => void): Promise<void>;
}

/** Slack shows an error to the user when an event is not acknowledged within three seconds. */
const ANSWER_WITHIN: Duration = 2_000;
const MOST_AT_ONCE = 10;
const MOST_REMEMBERED = 1_000;
const BUSY = 'Tocsin is busy with other requests. Try again in a moment.';

/** Makes the app. Each envelope is acknowledged before its work begins, but for commands that are answered in time, whose answer is the acknowledgement. */
export function slackListener(parts: SlackListenerParts): SlackListener {
  const { clock, desk, api, failed, count } = parts;
  const seen = new Set<string>();
  const profiles = profileReader(api);
  let running = 0;

  const isNew = (key: string) => {
    if (seen.has(key)) return false;
    seen.add(key);
    const [oldest] = seen;
    if (seen.size > MOST_REMEMBERED && oldest !== undefined) seen.delete(oldest);
    return true;
  };
  const whisper = async ({ channel, user }: SlackPlace, text: string): Promise<void> => {
    const said = await api.call('chat.postEphemeral', { channel, user, text });
    if (!said.ok) failed(`a reply could not be shown: ${slackReason(said.outcome).text}`);
  };
  const deniedTo = ({ user, channel }: SlackPlace): string | undefined => {
    if (parts.allowUsers?.has(user) === false) return 'You may not do this: your ID is not in `allow_users` of `slack_app`.';
    return parts.allowChannels?.has(channel) === false
      ? 'This is not allowed in this channel: its ID is not in `allow_channels` of `slack_app`.'
      : undefined;
  };
  const limited = async <T>(work: () => Promise<T>, busy: () => Promise<T>): Promise<T> => {
    if (running >= MOST_AT_ONCE) return busy();
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
    }
  };

  const pressed = async (press: Press): Promise<SlackOutcome> => {
    if (!isNew([press.ts, press.user, press.action, press.pressed].join(' '))) return 'ignored';
    const denied = deniedTo(press);
    if (denied !== undefined) {
      await whisper(press, denied);
      return 'refused';
    }
    return limited<SlackOutcome>(
      () => pressButton(press, { clock, desk, api, failed, profile: profiles, whisper: (text) => whisper(press, text) }),
      async () => {
        // It may be pressed again.
        await whisper(press, BUSY);
        return 'refused';
      },
    );
  };
  const answerOf = async (command: SlashCommand): Promise<Answer> => {
    const denied = deniedTo(command);
    if (denied !== undefined) return { text: denied, outcome: 'refused' };
    if (command.words === '' || command.words === 'help') return { text: HELP, outcome: 'done' };
    if (command.words !== 'firing') return { text: unknownCommand(command.words), outcome: 'refused' };
    return limited<Answer>(
      async () => {
        const { alerts, problem } = await desk.firing();
        return { text: firingText(alerts, clock.now(), problem), outcome: problem === undefined ? 'done' : 'failed' };
      },
      async () => ({ text: BUSY, outcome: 'refused' }),
    );
  };
  const commanded = async (command: SlashCommand, envelope: Envelope, send: (text: string) => void): Promise<SlackOutcome> => {
    const answering = answerOf(command);
    const wait = new AbortController();
    const inTime = await Promise.race([
      answering.then(() => true),
      clock.sleep(envelope.takesAnswer ? ANSWER_WITHIN : 0, wait.signal).then(() => false),
    ]).finally(() => wait.abort());
    if (!inTime || !envelope.takesAnswer) {
      send(acknowledgementOf(envelope));
      const { text, outcome } = await answering;
      await whisper(command, text);
      return outcome;
    }
    const { text, outcome } = await answering;
    send(acknowledgementOf(envelope, { response_type: 'ephemeral', text }));
    return outcome;
  };
  const handled = async (envelope: Envelope, send: (text: string) => void): Promise<readonly [string, SlackOutcome]> => {
    const asked = askedIn(envelope);
    if (asked.kind === 'command') return ['command', await commanded(asked.command, envelope, send)];
    send(acknowledgementOf(envelope));
    if (asked.kind === 'nothing') return ['other', 'ignored'];
    if (asked.kind === 'press') return [asked.press.action, await pressed(asked.press)];
    await whisper(asked.place, 'This button cannot be used: it was not created by Tocsin.');
    return ['other', 'refused'];
  };

  return {
    handle: async (envelope, send) => {
      if (!isNew(envelope.id)) {
        send(acknowledgementOf(envelope));
        return;
      }
      try {
        count(...(await handled(envelope, send)));
      } catch (thrown) {
        count('other', 'failed');
        failed(asError(thrown).message);
      }
    },
  };
}
