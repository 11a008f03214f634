import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { Mention, markupText } from '../../../src/templates/markup.ts';
import type { RenderedMarkup } from '../../../src/templates/template.ts';

const NAMES = ['value', 'list', 'mention', 'document'];

function rendered(source: string, scope: Readonly<Record<string, unknown>> = {}) {
  const compiled = compileTemplate(source, NAMES);
  if (!compiled.ok) throw new Error(compiled.message);
  const result: RenderedMarkup = compiled.template.renderMarkup?.(scope) ?? compiled.template.render(scope);
  if (!result.ok) throw new Error(result.message);
  return result;
}

const partsOf = (source: string, scope?: Readonly<Record<string, unknown>>) =>
  rendered(source, scope).markup?.flatMap(({ parts }) => parts);

describe('what a rule writes is formatted', () => {
  test.each([
    ['a **bold** word', ['a ', { bold: 'bold' }, ' word']],
    ['run `kubectl get pods`', ['run ', { code: 'kubectl get pods' }]],
    ['see [the page](https://example.com/x)', ['see ', { link: 'the page', url: 'https://example.com/x' }]],
    ['**{{ value }}** is down', [{ bold: 'api' }, ' is down']],
    ['[{{ value }}](https://example.com/{{ value }})', [{ link: 'api', url: 'https://example.com/api' }]],
    ['{{ mention.oncall }}: look', [{ mention: 'oncall' }, ': look']],
  ])('%s', (source, parts) => {
    expect(partsOf(source, { value: 'api', mention: { oncall: new Mention('oncall') } })).toEqual(parts);
  });

  test('lists', () => {
    expect(rendered('First:\n- one\n- **two**').markup).toEqual([
      { item: false, parts: ['First:'] },
      { item: true, parts: ['one'] },
      { item: true, parts: [{ bold: 'two' }] },
    ]);
  });
});

describe('what a document holds is not', () => {
  test.each([
    '**bold**',
    '`code`',
    '- item',
    '[click](https://evil.example.com)',
    '\n- item\n**b**',
    '\uE000\uE002oncall\uE001',
    '@oncall',
    '<!channel>',
  ])('%j', (value) => {
    const { markup, text } = rendered('It says: {{ value }}.', { value });
    expect(markup).toBeUndefined();
    expect(text).toBe(`It says: ${value.replace(/[\uE000-\uE002]/g, '')}.`);
  });

  test('half of the formatting by a value is none', () => {
    expect(rendered('**{{ value }}', { value: 'x**' }).markup).toBeUndefined();
    expect(rendered('[{{ value }}', { value: 'x](https://evil.example.com)' }).markup).toBeUndefined();
  });

  test('an address that is not of the web is no link', () => {
    const { markup, text } = rendered('[x]({{ value }})', { value: 'javascript:alert(1)' });
    expect(markup).toBeUndefined();
    expect(text).toBe('x (javascript:alert(1))');
  });

  test('a mention that went through a filter is only its name', () => {
    const scope = { mention: { oncall: new Mention('oncall') } };
    expect(rendered('{{ mention.oncall | append: "!" }}', scope).markup).toBeUndefined();
    expect(rendered('{% capture x %}{{ mention.oncall }}{% endcapture %}{{ x }}', scope).markup).toBeUndefined();
  });
});

test('as plain text the signs of formatting are gone', () => {
  const { markup = [] } = rendered('**a** `b`\n- [c](https://example.com/d) {{ mention.x }}', {
    mention: { x: new Mention('x') },
  });
  expect(markupText(markup)).toBe('a b\n- c (https://example.com/d) @x');
});

test.each(['*', '**', '`', '[', '[a]', '[a](', '***', '2 * 3 * 4', 'a_b_c', '', ' '])('%j is text', (source) => {
  expect(rendered(source).markup).toBeUndefined();
});

test.each(['[', '**a', '`', '[a](', '- '])('a text of %j many times is read in a moment', (piece) => {
  const source = piece.repeat(Math.floor(19_000 / piece.length));
  const began = performance.now();
  rendered(source);
  expect(performance.now() - began).toBeLessThan(1_000);
});
