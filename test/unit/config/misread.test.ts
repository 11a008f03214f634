import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { isObject } from '../../../src/core/json.ts';
import { formatProblem } from '../../../src/core/problems.ts';

const SECRET = 'hunter2-hunter2';
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function said(text: string): Promise<readonly string[]> {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, text);
  return (await loadConfig(file, {})).problems
    .filter(({ severity }) => severity === 'error')
    .map((problem) => formatProblem(problem).replace(`${file}:`, ''));
}

const properties = configSchema()['properties'];
const sections = Object.entries(isObject(properties) ? properties : {}).flatMap(([key, schema]) =>
  isObject(schema) && schema['type'] === 'object' ? [key] : [],
);

describe('a text where a mapping belongs', () => {
  it.each(sections)('%s is one problem, and is not quoted: it may be a secret', async (key) => {
    const problems = await said(`${key}: ${SECRET}`);
    expect(problems).toEqual([expect.stringMatching(/: expected .*, got a text/)]);
  });

  it.each(['5', '[a]', 'true', ''])('so is `%s`', async (value) => {
    for (const key of sections) expect(await said(`${key}: ${value}`)).toHaveLength(1);
  });

  it('so it is in a list of them', async () => {
    expect(await said(`receivers: [{ name: a, webhook_configs: [${SECRET}] }]`)).toEqual([
      '1:42 receivers[0].webhook_configs[0]: expected a mapping, got a text',
    ]);
    expect((await said(`receivers: [{ name: a, slack_configs: ${SECRET} }]`)).join()).not.toContain(SECRET);
  });
});

describe('a file that is no configuration', () => {
  it.each([
    ['a text', `${SECRET}\n`],
    ['a mapping with other keys', `${SECRET}: x\nuser: y\n`],
    ['a list', `- ${SECRET}\n`],
    ['broken YAML', `{"${SECRET}": "${SECRET}`],
    ['a key twice', `${SECRET}: 1\n${SECRET}: 2\n`],
    ['a tag', `!${SECRET} x\n`],
    ['a directive', `%${SECRET} x\n---\nx\n`],
  ])('%s is refused without a word of what it holds', async (_what, text) => {
    const problems = await said(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain(SECRET);
  });
});
