import { own } from '../../core/record.ts';
import type { Message, MessageAlert } from '../../messages/message.ts';
import { plain, type SlackBlock, type SlackButton } from './blocks.ts';

/** What the buttons of a message do. */
export type SlackAction = 'acknowledge' | 'silence_1h' | 'silence_4h' | 'silence_morning' | 'explain';

/** An episode as a button names it: the ID of its alert, and the first characters of its own. */
export interface NamedEpisode {
  readonly id: string;
  readonly episode: string;
}

const LABELS: Readonly<Record<SlackAction, string>> = {
  acknowledge: 'Acknowledge',
  silence_1h: 'Silence 1h',
  silence_4h: 'Silence 4h',
  silence_morning: 'Silence until morning',
  explain: 'Explain',
};
const ACTIONS = Object.keys(LABELS) as readonly SlackAction[];
const PREFIX = 'tocsin.';
/** Slack's limits: https://docs.slack.dev/reference/block-kit/block-elements/button-element and /blocks/actions-block. */
const LONGEST_VALUE = 2_000;
const LONGEST_BLOCK_ID = 255;
const EPISODE_CHARACTERS = 8;
const VERSION = '1';
const EPISODE = /^([\w-]{1,64})\.([\w-]{1,8})$/;

/** The row of buttons for what fires in a message; none where nothing does. The receiver is named: its time zone is the reader's, if Slack knows none. */
export function buttonRow(message: Message): readonly SlackBlock[] {
  const firing = message.alerts.filter(isFiring);
  const value = buttonValue(firing);
  if (value === '') return [];
  const elements = ACTIONS.map(
    (action): SlackButton => ({
      type: 'button',
      text: plain(LABELS[action], 75),
      action_id: `${PREFIX}${action}`,
      value,
    }),
  );
  return [{ type: 'actions', block_id: `${PREFIX}${message.receiver}`.slice(0, LONGEST_BLOCK_ID), elements }];
}

/** The action of a button, by its ID; undefined for buttons of others. */
export function actionOfId(id: string): SlackAction | undefined {
  const name = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : '';
  return own(LABELS, name) === undefined ? undefined : (name as SlackAction);
}

/** The receiver that a row of buttons names. */
export function receiverOfBlock(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : '';
}

/** The episodes that the value of a button names, each once; undefined for anything that no button of ours has. */
export function episodesOfValue(value: string): readonly NamedEpisode[] | undefined {
  if (value.length > LONGEST_VALUE) return undefined;
  const [version, ...parts] = value.split(' ');
  if (version !== VERSION || parts.length === 0) return undefined;
  const found = new Map<string, NamedEpisode>();
  for (const part of parts) {
    const [, id, episode] = EPISODE.exec(part) ?? [];
    if (id === undefined || episode === undefined) return undefined;
    found.set(id, { id, episode });
  }
  return [...found.values()];
}

/** As many episodes as fit; empty where none does. */
function buttonValue(alerts: readonly Pick<MessageAlert, 'id' | 'episode'>[]): string {
  const parts = alerts
    .map(({ id, episode }) => `${id}.${episode.slice(0, EPISODE_CHARACTERS)}`)
    .filter((one) => EPISODE.test(one));
  let value = '';
  for (const part of parts) {
    const longer = `${value === '' ? VERSION : value} ${part}`;
    if (longer.length > LONGEST_VALUE) break;
    value = longer;
  }
  return value;
}

function isFiring({ status }: MessageAlert): boolean {
  return status === 'firing';
}
