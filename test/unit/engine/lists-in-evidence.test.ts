import { expect, it } from 'vitest';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

async function said(text: string, tags: unknown): Promise<readonly (string | undefined)[]> {
  const compiled = compileTemplate(text, ['document', 'evidence']);
  if (!compiled.ok) throw new Error(compiled.message);
  const { engine, add, channel } = world();
  add('logs-app', { '@timestamp': new Date(NOON).toISOString(), message: 'boom', tags });
  const evidence = { fields: ['message', 'tags'], samples: 1, top: [] };
  const rule = testRule({ name: 'boom', window: MINUTE, evidence, message: { text: compiled.template } });
  await play(engine([rule]), NOON - 1, NOON + 2 * MINUTE);
  const [alert] = channel.got[0]?.message.alerts ?? [];
  return [alert?.text, alert?.evidence?.documents[0]?.fields['tags']];
}

it.each<[string, unknown, string, string | undefined]>([
  [
    '{% if document["tags"] contains "prod" %}!{% endif %}{{ document["tags"] | join: "+" }}',
    ['prod', 'eu'],
    '!prod+eu',
    'prod, eu',
  ],
  ['{{ document["tags"] }} {{ document["tags"] | size }}', ['prod', 'eu'], 'prod, eu 2', 'prod, eu'],
  ['{% for tag in evidence.documents[0].fields["tags"] %}<{{ tag }}>{% endfor %}', ['a', 'b'], '<a><b>', 'a, b'],
  ['{{ document["tags"] }}', 'prod', 'prod', 'prod'],
  ['{{ document["tags"] | default: "none" }}', [], 'none', undefined],
])('%s of %j', async (text, tags, expected, shown) => {
  expect(await said(text, tags)).toEqual([expected, shown]);
});

it('a list is bounded, whatever the document holds', async () => {
  const many = Array.from({ length: 500 }, (_, n) => `${n}${'x'.repeat(300)}`);
  const [text = '', shown = ''] = await said('{{ document["tags"] | size }} {{ document["tags"] | join: "" }}', many);
  expect(Number(text.split(' ')[0])).toBeLessThan(6);
  expect([text.length < 1_100, shown.length < 1_100]).toEqual([true, true]);
});
