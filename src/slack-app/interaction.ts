import { actionOfId, episodesOfValue, type NamedEpisode, receiverOfBlock, type SlackAction } from '../channels/slack/buttons.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import type { Envelope } from './frame.ts';

/** Who did something in Slack, and where. */
export interface SlackPlace {
  /** ID of the user. */
  readonly user: string;
  /** The name of the account; may be empty. */
  readonly name: string;
  readonly channel: string;
}

/** A button of a message that was pressed. */
export interface Press extends SlackPlace {
  readonly action: SlackAction;
  readonly episodes: readonly NamedEpisode[];
  /** The receiver that the message went to. */
  readonly receiver: string;
  /** The message as it was when it was pressed, and its `ts`. */
  readonly ts: string;
  readonly message: JsonObject;
  /** When it was pressed, as Slack says: the same in each delivery of it. */
  readonly pressed: string;
}

/** A command that was typed. */
export interface SlashCommand extends SlackPlace {
  /** What follows the command, in lower case. */
  readonly words: string;
}

/** What someone asks of the app; `unreadable`: a button of ours with something in it that we did not write. */
export type AskedInSlack =
  | { readonly kind: 'press'; readonly press: Press }
  | { readonly kind: 'command'; readonly command: SlashCommand }
  | { readonly kind: 'unreadable'; readonly place: SlackPlace }
  | { readonly kind: 'nothing' };

const USER = /^[UW][A-Z0-9]{2,30}$/;
const CHANNEL = /^[CDG][A-Z0-9]{2,30}$/;
const TS = /^\d{1,12}\.\d{1,9}$/;
const NOTHING: AskedInSlack = { kind: 'nothing' };

/** Reads what an envelope asks for. Its content is input: what does not have the form that Slack documents asks for nothing. */
export function askedIn({ type, payload }: Envelope): AskedInSlack {
  if (type === 'slash_commands') return commandIn(payload);
  return type === 'interactive' && payload['type'] === 'block_actions' ? pressIn(payload) : NOTHING;
}

/** https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling */
function commandIn(payload: JsonObject): AskedInSlack {
  const place = placeOf(payload['user_id'], payload['user_name'], payload['channel_id']);
  if (place === undefined) return NOTHING;
  return { kind: 'command', command: { ...place, words: textOf(payload['text']).slice(0, 200).trim().toLowerCase() } };
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
function pressIn(payload: JsonObject): AskedInSlack {
  const [first] = Array.isArray(payload['actions']) ? payload['actions'] : [];
  const [action, user, container] = [objectOf(first), objectOf(payload['user']), objectOf(payload['container'])];
  const named = actionOfId(textOf(action['action_id']));
  const place = placeOf(
    user['id'],
    user['username'] ?? user['name'],
    objectOf(payload['channel'])['id'] ?? container['channel_id'],
  );
  if (named === undefined || place === undefined) return NOTHING;
  const episodes = episodesOfValue(textOf(action['value']));
  const ts = textOf(container['message_ts']);
  if (episodes === undefined || !TS.test(ts)) return { kind: 'unreadable', place };
  return {
    kind: 'press',
    press: {
      ...place,
      ...{ action: named, episodes, ts },
      receiver: receiverOfBlock(textOf(action['block_id'])),
      message: objectOf(payload['message']),
      pressed: textOf(action['action_ts']).slice(0, 30),
    },
  };
}

function placeOf(user: unknown, name: unknown, channel: unknown): SlackPlace | undefined {
  const place = { user: textOf(user), name: textOf(name).slice(0, 80), channel: textOf(channel) };
  return USER.test(place.user) && CHANNEL.test(place.channel) ? place : undefined;
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? (value as JsonObject) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
