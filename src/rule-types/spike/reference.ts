import { DURATION_PATTERN, parseDuration } from '../../core/duration.ts';
import { isObject, type JsonSchema } from '../../core/json.ts';
import type { Duration, TimeRange } from '../../core/time.ts';
import type { ReadTools } from '../rule-type.ts';

/**
 * What the window is compared to: the one just before it, the same one `offset` ms earlier, or the average of several, `step` ms
 * apart.
 */
export type Reference =
  | { readonly kind: 'previous' }
  | { readonly kind: 'offset'; readonly offset: Duration }
  | { readonly kind: 'average'; readonly of: number; readonly step: Duration };

/** Windows in one average at most: each is as much work as a search of its own. */
const MAX_WINDOWS = 30;

/** JSON schema of the key `reference`. */
export const REFERENCE_SCHEMA: JsonSchema = {
  default: 'previous',
  description:
    'What the window is compared with: `previous` (the preceding window), { offset: 1d }, or { average_of: 4, step: 7d }.',
  oneOf: [
    { const: 'previous', description: 'The preceding window.' },
    {
      type: 'object',
      properties: { offset: { type: 'string', pattern: DURATION_PATTERN, description: 'The same window this much earlier.' } },
      required: ['offset'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        average_of: { type: 'integer', minimum: 1, maximum: MAX_WINDOWS, description: 'Number of earlier windows to average.' },
        step: {
          type: 'string',
          pattern: DURATION_PATTERN,
          description: 'Distance between the windows, and from the current one to the first.',
        },
      },
      required: ['average_of', 'step'],
      additionalProperties: false,
    },
  ],
};

/** Reads the key `reference`; reports problems, and then compares with the previous window. */
export function readReference(value: unknown, tools: ReadTools): Reference {
  if (value === undefined || value === 'previous') return { kind: 'previous' };
  if (isObject(value) && typeof value['offset'] === 'string') {
    return { kind: 'offset', offset: positive(value['offset'], 'reference.offset', tools) };
  }
  const of = isObject(value) ? value['average_of'] : undefined;
  const step = isObject(value) ? value['step'] : undefined;
  if (typeof of === 'number' && Number.isInteger(of) && of >= 1 && of <= MAX_WINDOWS && typeof step === 'string') {
    return { kind: 'average', of, step: positive(step, 'reference.step', tools) };
  }
  tools.problem(
    'reference',
    'expected `previous`, { offset: 1d } or { average_of: 4, step: 7d }',
    `average_of is at most ${MAX_WINDOWS}`,
  );
  return { kind: 'previous' };
}

/** The windows whose values are averaged into the reference, nearest first. */
export function referenceWindows(reference: Reference, window: TimeRange): readonly TimeRange[] {
  switch (reference.kind) {
    case 'previous':
      return [earlier(window, window.to - window.from)];
    case 'offset':
      return [earlier(window, reference.offset)];
    case 'average':
      return Array.from({ length: reference.of }, (_, index) => earlier(window, (index + 1) * reference.step));
  }
}

function earlier({ from, to }: TimeRange, by: Duration): TimeRange {
  return { from: from - by, to: to - by };
}

function positive(text: string, path: string, tools: ReadTools): Duration {
  const duration = tools.duration(text, path);
  if (parseDuration(text) === 0) tools.problem(path, 'the window would be compared with itself', 'expected more than 0s');
  return Math.max(duration, 1);
}
