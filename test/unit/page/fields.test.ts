import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { editedYaml } from '../../../src/page/edited-yaml.ts';
import { keysOf, sandboxFields } from '../../../src/page/fields.ts';
import type { DecidingKeys } from '../../../src/rules/deciding-keys.ts';

const SINGLE: DecidingKeys = { condition: 'count >= 5', for: '2m', keep_firing_for: '0s' };
const LEVELED: DecidingKeys = {
  levels: [
    { severity: 'critical', condition: 'used > 95' },
    { severity: 'warning', condition: 'used > 85' },
  ],
  recover: 'used < 80',
  for: { breaches: 3, of: 5 },
  keep_firing_for: '5m',
};

/** The texts of a form in which some were changed. */
const texts = (keys: DecidingKeys, changed: Readonly<Record<string, string>> = {}) =>
  new Map([...sandboxFields(keys).map(({ path, value }) => [path, value] as const), ...Object.entries(changed)]);

describe('the form of a sandbox', () => {
  test.each([SINGLE, LEVELED])('means the keys that it was made of: %j', (keys) => {
    expect(keysOf(keys, texts(keys))).toEqual(keys);
    expect(editedYaml(keys, keysOf(keys, texts(keys)))).toBe('');
  });

  test.each([
    ['another condition', SINGLE, { condition: 'count >= 8' }, 'condition: "count >= 8"\n'],
    ['a time', SINGLE, { for: '90s' }, 'for: "90s"\n'],
    ['counted findings', SINGLE, { for: ' 2 of 3 ' }, 'for:\n  breaches: 2\n  of: 3\n'],
    ['a key that is new', SINGLE, { recover: 'count < 1' }, 'recover: "count < 1"\n'],
    ['a key that goes', LEVELED, { recover: ' ' }, '# remove recover\n'],
    [
      'a level',
      LEVELED,
      { 'levels[1].condition': 'used > 90' },
      'levels:\n  - severity: critical\n    condition: "used > 95"\n  - severity: warning\n    condition: "used > 90"\n',
    ],
  ])('with %s gives its YAML', (_name, keys, changed, yaml) => {
    const edited = keysOf(keys, texts(keys, changed));
    expect(editedYaml(keys, edited)).toBe(yaml);
    const said: unknown = parse(yaml);
    expect({ ...edited, ...(said === null ? {} : (said as object)) }).toEqual(edited);
  });

  test.each([
    ['quotes, signs and lines', 'name == "a: b" ||\n name == \'#\' && text.contains("</script>")'],
    ['what YAML reads as something else', 'true'],
    ['a mark that turns the direction of text', 'count > 1 // \u202e'],
  ])('writes %s as the text that it is', (_name, condition) => {
    const edited = keysOf(SINGLE, texts(SINGLE, { condition }));
    expect(parse(editedYaml(SINGLE, edited))).toEqual({ condition });
  });

  test.each(['0 of 5', '3 of 500', '3 of', 'of 5'])('takes %j for no count', (held) => {
    expect(keysOf(SINGLE, texts(SINGLE, { for: held })).for).toBe(held);
  });
});
