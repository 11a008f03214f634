import type { RuleStory } from '../backtest/rule-story.ts';
import { jsonText } from '../core/json.ts';
import { parseJson } from '../core/parse-json.ts';
import type { Duration, TimeRange } from '../core/time.ts';
import type { DeliverySettings } from '../replay/play.ts';
import { type DecidingKeys, decidingKeys } from '../rules/deciding-keys.ts';
import type { Rule } from '../rules/rule.ts';
import type { HeldAnswers } from './held-answers.ts';
import type { AnswerRecorder, WhyNotHeld } from './record-answers.ts';

/** Where messages go and when, without what would send them. */
export type HeldDelivery = Pick<DeliverySettings, 'namespace' | 'routing' | 'delivery' | 'meta'>;

/** All that playing a rule with other deciding keys takes: nothing is asked, and nothing is sent. */
export interface SandboxData {
  readonly range: TimeRange;
  readonly warmUp: Duration;
  /** The rule without its conditions and its texts. */
  readonly rule: Rule;
  readonly keys: DecidingKeys;
  /** How many changes of status the rule had as it was played: a sandbox that gives another number is wrong. */
  readonly changes: number;
  readonly delivery: HeldDelivery;
  readonly answers: HeldAnswers;
}

/** Why a rule has no sandbox: its answers cannot be played again, it is paused, or a window of it could not be evaluated. */
export type WhyNoSandbox = WhyNotHeld | 'paused' | 'not_whole';

/** The material of a sandbox, or the reason why a rule can have none. */
export type SandboxMaterial =
  | { readonly ok: true; readonly data: SandboxData }
  | { readonly ok: false; readonly why: WhyNoSandbox };

/** What a rule was played with, and what it did. */
export interface PlayedRule {
  readonly rule: Rule;
  readonly story: RuleStory;
  readonly range: TimeRange;
  readonly warmUp: Duration;
  readonly settings: DeliverySettings;
}

/** Makes the material of a sandbox of a rule that was played, and of the answers that it had. */
export function sandboxMaterial({ rule, story, range, warmUp, settings }: PlayedRule, recorder: AnswerRecorder): SandboxMaterial {
  if (story.paused) return { ok: false, why: 'paused' };
  // A search that failed once may succeed when it is repeated, and an edited rule repeats it at other times.
  if (story.failed > 0) return { ok: false, why: 'not_whole' };
  const recorded = recorder.recorded();
  if (!recorded.ok) return recorded;
  const { namespace, routing, delivery, meta } = settings;
  return {
    ok: true,
    data: {
      range,
      warmUp,
      rule: withoutTexts(rule),
      keys: decidingKeys(rule),
      changes: story.transitions.length,
      delivery: { namespace, routing, delivery, ...(meta !== undefined && { meta }) },
      answers: recorded.answers,
    },
  };
}

/** Conditions are compiled again from the keys; texts and evidence decide nothing. */
function withoutTexts(rule: Rule): Rule {
  const { description: _description, recover: _recover, namedFields: _fields, places: _places, ...rest } = rule;
  return {
    ...rest,
    levels: [],
    message: {},
    evidence: { fields: [], samples: 0, top: [], logs: false },
    query: { language: 'dsl', text: '' },
    position: { file: '', line: 1, column: 1 },
  };
}

/** The data of a sandbox as one JSON text. The rule is a text within it: its filter may hold integers that only `parseJson` reads exactly. */
export function sandboxText({ rule, ...rest }: SandboxData): string {
  return JSON.stringify({ ...rest, rule: jsonText(rule) });
}

/** Reads what `sandboxText` wrote. */
export function sandboxOf(text: string): SandboxData {
  const { rule, ...rest } = JSON.parse(text) as Omit<SandboxData, 'rule'> & { readonly rule: string };
  return { ...rest, rule: parseJson(rule) as Rule };
}
