import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-partials-'));
  await mkdir(join(folder, 'shop'));
  await writeFile(
    join(folder, 'defaults.yaml'),
    'partials:\n  who: "Ask {{ labels.team }}: {{ mention.oncall }}"\n  bad: "{{ nothing }}"\n  nested: "{% render \'who\' %}"\n',
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(text: string, more = '') {
  const file = join(folder, 'shop', 'a.yaml');
  const rule = `name: a\ntype: frequency\nindex: logs-*\ncondition: count > 5\nlabels: { team: shop }\n${more}message:\n  text: ${text}\n`;
  await writeFile(file, rule);
  const { rules, problems } = await loadRules([folder], {});
  return { rule: rules[0], problems: problems.map(formatProblem).map((problem) => problem.replace(`${file}:`, '')) };
}

it('is shared by the rules of a folder, and formatted as their own texts are', async () => {
  const { rule, problems } = await load(`"Down. {% render 'who' %}"`);
  expect(problems).toEqual([]);
  const rendered = rule?.message.text?.render({ labels: { team: 'shop' }, mention: { oncall: '@oncall' } });
  expect(rendered).toEqual({ ok: true, text: 'Down. Ask shop: @oncall' });
});

it('is that of the rule where it has some', async () => {
  const { rule } = await load(`"{% render 'who' %}"`, 'partials: { who: me }\n');
  expect(rule?.message.text?.render({})).toEqual({ ok: true, text: 'me' });
});

it('is the same rule with other partials', async () => {
  const [one, other] = [await load('x', 'partials: { who: me }\n'), await load('x', 'partials: { who: you }\n')];
  expect(one.rule?.definition).toBe(other.rule?.definition);
});

test.each([
  [`"x {% render 'hwo' %}"`, '7:12', 'unknown partial `hwo`'],
  [`"x {% render 'bad' %}"`, '7:12', 'in the partial `bad`: unknown variable `nothing`'],
  [`"x {% render 'nested' %}"`, '7:12', 'in the partial `nested`: unknown tag `render`'],
  [`"x {% render who %}"`, '7:12', 'unknown tag `render`'],
])('what is wrong with %s is said at its place', async (text, place, message) => {
  const { problems } = await load(text);
  expect(problems).toEqual([expect.stringContaining(message)]);
  expect(problems[0]?.startsWith(place)).toBe(true);
});
