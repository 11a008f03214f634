import { describe, expect, test } from 'vitest';
import { junitXml } from '../../../src/reports/junit.ts';

describe('JUnit', () => {
  test('counts, escapes, and shows the whole story of a failure', () => {
    const xml = junitXml({
      duration: 1234,
      suites: [
        {
          file: 'rules/a.test.yaml',
          problems: [],
          cases: [
            { name: 'fires & resolves', outcome: 'passed', duration: 12 },
            {
              name: 'is "notified"',
              outcome: 'failed',
              duration: 3,
              message: 'expected <firing>',
              details: 'at 5m\ngot \u0000inactive',
            },
          ],
        },
        { file: 'rules/b.test.yaml', problems: ['no YAML'], cases: [] },
      ],
    });
    expect(xml).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites name="tocsin" tests="3" failures="2" errors="0" time="1.234">',
        '  <testsuite name="rules/a.test.yaml" tests="2" failures="1" errors="0" time="0.015">',
        '    <testcase name="fires &amp; resolves" classname="rules/a.test.yaml" time="0.012"/>',
        '    <testcase name="is &quot;notified&quot;" classname="rules/a.test.yaml" time="0.003"><failure message="expected &lt;firing&gt;">at 5m&#10;got \uFFFDinactive</failure></testcase>',
        '  </testsuite>',
        '  <testsuite name="rules/b.test.yaml" tests="1" failures="1" errors="0" time="0.000">',
        '    <testcase name="loads" classname="rules/b.test.yaml" time="0.000"><failure message="no YAML"/></testcase>',
        '  </testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    );
  });
});
