import { describe, expect, it, test } from 'vitest';
import { expandPartials } from '../../../src/templates/partials.ts';

const PARTIALS = { who: 'ask {{ labels.team }}\n', line: '**now**' };

function expanded(text: string) {
  const found = expandPartials(text, PARTIALS);
  if (!found.ok) throw new Error(found.message);
  return found;
}

describe('a partial', () => {
  test.each([
    ["Down: {% render 'who' %}!", 'Down: ask {{ labels.team }}!'],
    ['{%- render "line" -%} {% render \'line\' %}', '**now** **now**'],
    ['no partial {% if true %}x{% endif %}', 'no partial {% if true %}x{% endif %}'],
    ['', ''],
  ])('of %j is in its place', (text, expected) => {
    expect(expanded(text).text).toBe(expected);
  });

  it('does not move the places of what is around it', () => {
    const text = "ab {% render 'who' %} cd {% render 'line' %} ef";
    const { text: made, placeOf } = expanded(text);
    for (const word of ['ab', 'cd', 'ef']) expect(placeOf(made.indexOf(word))).toEqual({ offset: text.indexOf(word) });
    expect(placeOf(made.indexOf('team'))).toEqual({ offset: text.indexOf('{%'), partial: 'who' });
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["x {% render 'woh' %}", PARTIALS, 'did you mean `who`?'],
    ["x {% render 'nothing' %}", PARTIALS, 'known: who, line'],
    ["x {% render 'a' %}", {}, 'defaults.yaml'],
    ["x {% render 'constructor' %}", {}, 'defaults.yaml'],
  ])('that is not there, in %j', (text, partials, hint) => {
    expect(expandPartials(text, partials)).toMatchObject({ ok: false, offset: 2, hint: expect.stringContaining(hint) });
  });
});
