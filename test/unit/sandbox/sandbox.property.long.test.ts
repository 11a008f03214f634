import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import type { RuleStory } from '../../../src/backtest/rule-story.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { systemClock } from '../../../src/core/time.ts';
import { type Play, play } from '../../../src/replay/play.ts';
import type { DecidingKeys } from '../../../src/rules/deciding-keys.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { readRuleSource, type VariantSource } from '../../../src/rules/rule-variants.ts';
import { sandboxMaterial } from '../../../src/sandbox/material.ts';
import { recordAnswers } from '../../../src/sandbox/record-answers.ts';
import { AHEAD_INDEX, AHEAD_MAPPING, aheadDocuments } from '../../support/differential/dry-run.ts';
import { edits } from '../../support/sandbox/edits.ts';
import { openPacked, pageProgram } from '../../support/sandbox/page-program.ts';
import { routedSettings } from '../../support/sandbox/settings.ts';
import { SEED } from '../../support/seed.ts';
import { runs, tried } from '../../support/thorough.ts';

const RULES = join(import.meta.dirname, '..', '..', 'fixtures', 'sandbox', 'rules.yaml');
const MINUTE = 60_000;
/** The night in which clocks in Berlin are put forward, as the documents have it. */
const FROM = Date.UTC(2026, 2, 29, 0, 0);
const EDITS = runs(12);

const COUNT = [{ name: 'count', numbers: [0, 1, 2, 3, 5, 8] }];
const TYPES: readonly (readonly [rule: string, values: Parameters<typeof edits>[0]])[] = [
  ['frequency-of-services', COUNT],
  ['frequency-of-all', COUNT],
  ['frequency-exact', COUNT],
  ['frequency-revisited', COUNT],
  ['frequency-settling', COUNT],
  [
    'threshold-of-percentages',
    [
      { name: 'bad', numbers: [0, 1, 2, 4] },
      { name: 'all', numbers: [0, 2, 5] },
      { name: 'high', numbers: [50, 120.5, 180] },
    ],
  ],
  [
    'threshold-kept',
    [
      { name: 'high', numbers: [50, 100, 180] },
      { name: 'sent', numbers: [500, 1500, 3000] },
    ],
  ],
  [
    'threshold-alerting',
    [
      { name: 'high', numbers: [50, 100, 180] },
      { name: 'last_total', numbers: [10, 25, 40] },
    ],
  ],
  ['threshold-of-growth', [{ name: 'growth', numbers: [0, 20, 80] }]],
  [
    'spike-of-before',
    [
      { name: 'current', numbers: [0, 2, 5] },
      { name: 'reference', numbers: [0, 1, 3] },
    ],
  ],
  [
    'spike-of-a-metric',
    [
      { name: 'current', numbers: [50, 100] },
      { name: 'reference', numbers: [50, 100] },
    ],
  ],
  ['flatline', COUNT],
  [
    'change',
    [
      { name: 'current', numbers: [10, 30] },
      { name: 'previous', numbers: [10, 30] },
    ],
  ],
  [
    'new-term',
    [
      { name: 'count', numbers: [1, 2, 3] },
      { name: 'known', numbers: [0, 1, 3] },
    ],
  ],
  ['on-a-calendar', COUNT],
];

const range = { from: FROM, to: FROM + 75 * MINUTE };
const warmUp = 10 * MINUTE;

async function storyOf(rule: Rule, more: Pick<Play, 'search'> & Partial<Play>): Promise<RuleStory> {
  const { rules } = await play({
    ...{ rules: [rule], failures: [], settings: await routedSettings(), range, warmUp },
    ...{ clock: systemClock, signal: new AbortController().signal, progress: () => undefined },
    ...more,
  });
  const [story] = rules;
  if (story === undefined) throw new Error('the rule has no story');
  return story;
}

async function sourceOf(name: string): Promise<VariantSource> {
  const source = await readRuleSource([RULES], name);
  if (source === undefined) throw new Error(`no rule ${name}`);
  return source;
}

/** The rule of a file with these keys in place of its own, as the loader reads it. */
function loaded(source: VariantSource, keys: DecidingKeys): Rule {
  const { rule, problems } = source.variant({ condition: undefined, ...keys });
  if (rule === undefined) throw new Error(JSON.stringify([keys, problems]));
  return rule;
}

const plain = (story: unknown) => JSON.parse(JSON.stringify(story));

/** Some minutes without any document: alerts of groups that go quiet together wait for their source. */
function withSilence(given: readonly JsonObject[]): readonly JsonObject[] {
  return given.filter((document) => {
    const at = Date.parse(`${String(document['@timestamp']).slice(0, 23)}Z`) - FROM;
    return at < 30 * MINUTE || at > 48 * MINUTE;
  });
}

/** Rules that are also played over documents as late as they arrived. */
const LATE = ['frequency-revisited', 'spike-of-before', 'flatline'];
const ALL = TYPES.flatMap(([name, values]) => [
  { name, values, how: 'the documents', arrival: undefined },
  ...(LATE.includes(name) ? [{ name, values, how: 'documents as they arrived', arrival: 'event.ingested' }] : []),
]);
const CASES = tried(ALL);

/** How much the sandboxes of these runs had to say: a comparison of nothing with nothing proves nothing. */
const seen = { episodes: 0, messages: 0, levels: 0, outages: 0, edits: 0 };

test.each(CASES)(
  `the sandbox of $name gives what a dry run of the edited rule gives over $how, seed ${SEED}`,
  { timeout: 240_000 },
  async ({ name, values, arrival }) => {
    const source = await sourceOf(name);
    const { editedYaml } = await pageProgram();
    const rounds = fc.sample(
      fc.tuple(aheadDocuments, edits(values), fc.array(edits(values), { minLength: EDITS, maxLength: EDITS })),
      {
        numRuns: 1,
        seed: SEED,
      },
    );
    for (const [given, first, others] of rounds) {
      const documents = createDocuments({ mapping: AHEAD_MAPPING });
      documents.add(withSilence(given).map((document) => ({ source: document, index: AHEAD_INDEX })));
      const search = embeddedSearch(documents);
      const rule = loaded(source, first);
      const recorder = recordAnswers(rule);
      // Nearly each tick of a replay is answered ahead, and needs no turn: those answers are recorded as well.
      const ranges = embeddedRanges(documents, search);
      const story = await storyOf(rule, { search, ranges, arrival, around: recorder.over });
      const material = sandboxMaterial({ rule, story, range, warmUp, settings: await routedSettings() }, recorder);
      if (!material.ok) throw new Error(`no sandbox: ${material.why}`);
      const sandbox = await openPacked(material.data);
      for (const edit of [first, ...others]) {
        const played = await sandbox.playWith(edit, {
          ...{ clock: systemClock, signal: new AbortController().signal, progress: () => undefined },
        });
        const expected = await storyOf(loaded(source, edit), { search, arrival });
        expect([edit, plain(played)]).toMatchObject([edit, { ok: true, story: plain(expected) }]);
        const yaml = parse(editedYaml(first, edit)) ?? {};
        expect({ ...keptOf(first, edit), ...yaml }).toEqual(edit);
        seen.edits++;
        seen.episodes += expected.transitions.filter(({ to }) => to === 'firing').length;
        seen.messages += expected.notifications.length;
        seen.levels += expected.levels?.length ?? 0;
        seen.outages += expected.notifications.filter(({ title }) => title.includes('ahead-docs')).length;
      }
    }
  },
);

test('these comparisons were about something', () => {
  expect(seen.edits).toBe(CASES.length * (EDITS + 1));
  expect(seen.episodes).toBeGreaterThan(seen.edits);
  expect(seen.messages).toBeGreaterThan(seen.edits);
  // Not every case can have these.
  if (CASES.length < ALL.length) return;
  expect(seen.levels).toBeGreaterThan(CASES.length);
  expect(seen.outages).toBeGreaterThan(0);
});

/** What the YAML of an edit leaves as it is. */
function keptOf(before: DecidingKeys, after: DecidingKeys): DecidingKeys {
  return Object.fromEntries(Object.entries(before).filter(([key]) => Object.hasOwn(after, key)));
}
