import { describe, expect, it } from 'vitest';
import { DURATION_PATTERN } from '../../../src/core/duration.ts';
import type { JsonSchema } from '../../../src/core/json.ts';
import { formatPath } from '../../../src/yaml/path.ts';
import { schemaCheck } from '../../../src/yaml/schema-check.ts';
import type { Wording } from '../../../src/yaml/schema-words.ts';

const text = { type: 'string', minLength: 1, description: 'A text.' };
const duration = { type: 'string', pattern: DURATION_PATTERN };
const closed = { type: 'object', additionalProperties: false };
const list = { type: 'array', items: text, minItems: 1, maxItems: 2, uniqueItems: true, description: 'The list.' };

const SCHEMA: JsonSchema = {
  ...closed,
  properties: {
    text,
    long: { type: 'string', maxLength: 5 },
    short: { type: 'string', minLength: 3 },
    word: { type: 'string', pattern: '^[a-z]+$', description: 'A word in small letters.' },
    name: { type: 'string', pattern: '^N' },
    duration,
    level: { enum: ['info', 'warn'] },
    flag: { type: 'boolean' },
    port: { type: 'integer', minimum: 0, maximum: 10 },
    count: { type: 'integer', minimum: 1 },
    list,
    either: { anyOf: [text, list] },
    pair: { ...closed, properties: { first: text, second: text }, required: ['first'] },
    labels: { type: 'object', propertyNames: { pattern: '^[a-z]+$' }, additionalProperties: text },
    secret: {
      ...closed,
      properties: { key: { ...text, writeOnly: true }, file: text },
      allOf: [{ not: { required: ['key', 'file'] } }, { anyOf: [{ required: ['key'] }, { required: ['file'] }] }],
    },
  },
};

function said(value: unknown, quoted: unknown = value, wording: Wording = {}): readonly string[] {
  return schemaCheck(() => SCHEMA, wording)(value, quoted).map(
    ({ path, kind, message, hint }) => `${formatPath(path)} ${kind}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

describe('what a schema says', () => {
  it.each([
    [{ txt: 'a' }, 'txt unknown-key: unknown key "txt" (did you mean "text"?)'],
    [{ pair: { first: 'a', zzz: 1 } }, 'pair.zzz unknown-key: unknown key "zzz" (known here: first, second)'],
    [{ pair: {} }, 'pair missing-key: the key "first" is missing (A text)'],
    [{ secret: {} }, 'secret missing-key: the key "key" or "file" is missing'],
    [{ secret: { key: 'k', file: 'f' } }, 'secret exclusive: "key" and "file" exclude each other (keep one of them)'],
    [{ text: 5 }, 'text invalid: expected a text, got 5 (put it in quotes: "5")'],
    [{ text: '' }, 'text invalid: expected a text, got ""'],
    [{ text: { a: 1 } }, 'text invalid: expected a text, got { a: … } (put the text in quotes if it starts with "{")'],
    [{ text: null }, 'text invalid: expected a text, got nothing (A text)'],
    [{ long: 'abcdef' }, 'long invalid: expected at most 5 characters, got 6'],
    [{ short: 'ab' }, 'short invalid: expected at least 3 characters'],
    [{ word: 'A b' }, 'word invalid: "A b" is not allowed (A word in small letters)'],
    [{ word: 'a b' }, 'word invalid: "a b" is not allowed (without blanks)'],
    [{ duration: '1 day' }, 'duration invalid: expected a duration, got "1 day" (write 1d)'],
    [{ duration: 30 }, 'duration invalid: expected a duration, got 30 (with a unit: 30s or 30m)'],
    [{ level: 'wran' }, 'level invalid: expected info or warn, got "wran" (did you mean "warn"?)'],
    [{ flag: 'yes' }, 'flag invalid: expected true or false, got "yes"'],
    [{ port: 11 }, 'port invalid: expected a whole number from 0 to 10, got 11'],
    [{ count: 0 }, 'count invalid: expected at least 1, got 0'],
    [{ list: 'a' }, 'list invalid: expected a list, got "a" (write [a])'],
    [{ list: [] }, 'list invalid: expected at least 1 entry (The list)'],
    [{ list: ['a', 'b', 'c'] }, 'list invalid: expected at most 2 entries (The list)'],
    [{ list: ['a', 'a'] }, 'list invalid: entries 1 and 2 are identical (keep one of them)'],
    [{ either: 5 }, 'either invalid: expected a text or a list, got 5 (put it in quotes: "5")'],
    [{ either: [5] }, 'either[0] invalid: expected a text, got 5 (put it in quotes: "5")'],
    [{ labels: { B: 'a' } }, 'labels.B invalid: invalid name "B" (use letters, digits and "_", starting with a letter)'],
    ['text', ' invalid: expected a mapping, got "text"'],
  ])('%j: %s', (value, expected) => {
    expect(said(value)).toEqual([expected]);
  });

  it('shows an integer beyond 2^53 as it is', () => {
    const expected = 'text invalid: expected a text, got 9007199254740993 (put it in quotes: "9007199254740993")';
    expect(said({ text: 9_007_199_254_740_993n })).toEqual([expected]);
  });

  it('is nothing of what fits', () => {
    expect(said({ text: 'a', list: ['b'], duration: '5m', secret: { file: 'f' } })).toEqual([]);
  });

  it('leaves out that a misspelt key is missing', () => {
    expect(said({ pair: { frist: 'a' } })).toEqual(['pair.frist unknown-key: unknown key "frist" (did you mean "first"?)']);
  });

  it('takes the words of the room for its patterns', () => {
    const patterns = { '^N': { what: 'a name', hint: 'N first' } };
    expect(said({ name: 'x' }, undefined, { patterns })).toEqual(['name invalid: expected a name, got "x" (N first)']);
  });

  it('quotes what may be quoted, and not what was checked', () => {
    expect(said({ level: 'hunter2', port: 99 }, { level: '$LEVEL', port: 99 })).toEqual([
      'level invalid: expected info or warn, got "$LEVEL"',
      'port invalid: expected a whole number from 0 to 10, got 99',
    ]);
  });

  it('shows in a hint nothing that the room hides in the message', () => {
    const show = (_value: unknown, schema: JsonSchema) => (schema['writeOnly'] === true ? 'something' : 'a value');
    expect(said({ secret: { key: 8642 }, list: 'hunter2', duration: 8642 }, undefined, { show }).toSorted()).toEqual([
      'duration invalid: expected a duration, got a value (such as 90s, 5m, 1h30m or 7d)',
      'list invalid: expected a list, got a value',
      'secret.key invalid: expected a text, got something (put it in quotes)',
    ]);
  });

  it('is at most 100 problems', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, index]));
    expect(said(many)).toHaveLength(100);
  });
});
