import type { RuleStory } from '../backtest/rule-story.ts';
import type { Channel } from '../channels/channel.ts';
import { deepFreeze } from '../core/freeze.ts';
import type { Position, Problem } from '../core/problems.ts';
import type { Clock } from '../core/time.ts';
import type { ReadyDestination } from '../notify/delivery-ports.ts';
import { type DeliverySettings, play } from '../replay/play.ts';
import { type ReadingSeries, readingsBook } from '../replay/readings.ts';
import { type DecidingKeys, withDecidingKeys } from '../rules/deciding-keys.ts';
import type { Rule } from '../rules/rule.ts';
import { complaintsOf } from '../yaml/complaints.ts';
import type { Path } from '../yaml/path.ts';
import { type AnswerIndex, heldSearch, indexOf } from './held-search.ts';
import type { HeldDelivery, SandboxData } from './material.ts';

/** What a rule would have done with other keys, or why that cannot be said. */
export type EditedStory =
  | { readonly ok: true; readonly story: RuleStory; readonly readings: readonly ReadingSeries[] }
  /** Errors of the keys; their positions are within the text of the key that `path` names. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A rule and its recorded answers, to be played any number of times. */
export interface Sandbox {
  /** Plays the rule as it is. What came out then and does not now is a problem: the sandbox is not to be trusted. */
  playAsItIs(running: Running): Promise<EditedStory>;
  /** Plays the rule with these keys in place of its own. Throws TocsinError when the signal aborts. */
  playWith(keys: DecidingKeys, running: Running): Promise<EditedStory>;
}

/** How a sandbox runs: `progress` from 0 to 1. */
export interface Running {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  progress(done: number): void;
}

/** A page is drawn between two parts of a run, so that it can be scrolled and typed in, ms. */
const FRAME = 16;

/** Opens a sandbox. */
export function openSandbox(data: SandboxData): Sandbox {
  const rule = deepFreeze(data.rule);
  const index = indexOf(data.answers);
  const settings = settingsOf(data.delivery);
  const sandbox = { ...data, rule };
  return {
    playAsItIs: async (running) => {
      const played = await playWith(sandbox, { keys: data.keys, index, settings }, running);
      return played.ok && played.story.transitions.length !== data.changes ? { ok: false, problems: [DIFFERS] } : played;
    },
    playWith: (keys, running) => playWith(sandbox, { keys, index, settings }, running),
  };
}

interface Edited {
  readonly keys: DecidingKeys;
  readonly index: AnswerIndex;
  readonly settings: DeliverySettings;
}

async function playWith(data: SandboxData, { keys, index, settings }: Edited, running: Running): Promise<EditedStory> {
  const read = editedRule(data.rule, keys);
  if (!read.ok) return read;
  const { rule } = read;
  const { range, warmUp, answers } = data;
  const search = heldSearch(answers, index);
  const book = readingsBook(rule.id, range.from);
  const played = await play({
    ...running,
    breath: FRAME,
    rules: [rule],
    failures: [],
    settings,
    search,
    range,
    warmUp,
    observe: book.take,
  });
  const [story] = played.rules;
  if (story === undefined || search.lacks()) return { ok: false, problems: [NOT_RECORDED] };
  return { ok: true, story, readings: book.series().readings };
}

const NOT_RECORDED: Problem = {
  code: 'sandbox/not-recorded',
  severity: 'error',
  message: 'with these keys the rule needs searches whose results this page does not contain',
  hint: 'try them with `tocsin dry-run`',
};

const DIFFERS: Problem = {
  code: 'sandbox/differs',
  severity: 'error',
  message: 'it does not reproduce the result of the replay in this report, which is a bug in Tocsin',
  hint: 'please report it; `tocsin dry-run` is not affected',
};

type ReadRule = { readonly ok: true; readonly rule: Rule } | { readonly ok: false; readonly problems: readonly Problem[] };

/** The rule with other deciding keys, or their errors. Positions are lines and columns within the text of a key. */
function editedRule(base: Rule, keys: DecidingKeys): ReadRule {
  const complaints = complaintsOf({
    file: '',
    value: keys,
    place: () => START,
    written: () => undefined,
    placeInText: placeIn(keys),
  });
  const rule = withDecidingKeys(base, keys, complaints);
  const problems = complaints.problems.filter(({ severity }) => severity === 'error');
  return rule === undefined || problems.length > 0 ? { ok: false, problems } : { ok: true, rule: deepFreeze(rule) };
}

const START: Position = { file: '', line: 1, column: 1 };

function placeIn(keys: DecidingKeys): (path: Path, offset: number) => Position {
  return (path, offset) => {
    const before = textAt(keys, path).slice(0, offset).split('\n');
    return { file: '', line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
}

function textAt({ condition, levels, recover }: DecidingKeys, [key, place]: Path): string {
  if (key === 'recover') return recover ?? '';
  return (key === 'levels' ? levels?.[Number(place)]?.condition : condition) ?? '';
}

function settingsOf(held: HeldDelivery): DeliverySettings {
  const channels = new Map(
    Object.values(held.routing.destinations).flatMap((all) => all.map(({ id, channel }) => [id, channel])),
  );
  return {
    ...held,
    kibana: undefined,
    destination: (id) => {
      const name = channels.get(id);
      return name === undefined ? undefined : destinationNamed(name);
    },
  };
}

/** What a message looks like in a channel is not shown; that there is one is. */
function destinationNamed(name: string): ReadyDestination {
  const channel: Channel<unknown> = {
    name,
    description: '',
    schema: {},
    secrets: [],
    read: () => ({}),
    render: () => ({}),
    send: async () => ({ kind: 'delivered' }),
  };
  return { channel, options: {} };
}
