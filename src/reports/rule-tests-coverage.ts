import type { Coverage, CoveredRule } from '../rule-tests/coverage.ts';
import { type Look, paletteOf } from './look.ts';
import { type Cell, table } from './table.ts';
import { counted } from './wording.ts';

/** Which parts of each rule's life the tests reached, as lines of a table; then how much that is. */
export function coverageText({ rules, reached, parts, percent, least }: Coverage, look: Look): readonly string[] {
  const { good, bad, careful, strong } = paletteOf(look);
  const rows = rules.map((rule): readonly Cell[] => {
    const missing = missingOf(rule);
    const paint = rule.tests === 0 ? bad : missing.length === 0 ? good : careful;
    const lacking = rule.tests === 0 ? 'no test' : missing.join(', ');
    return [
      rule.rule,
      String(rule.tests),
      { text: `${rule.parts.length - missing.length}/${rule.parts.length}`, paint },
      { text: lacking, paint },
    ];
  });
  const columns = [
    { title: 'rule', least: 12 },
    { title: 'tests', align: 'right' },
    { title: 'reached', align: 'right' },
    { title: 'not reached', least: 20 },
  ] as const;
  const enough = least === undefined || percent >= least;
  const total = `coverage: ${percent} % (${reached} of ${parts} parts of ${counted(rules.length, 'rule')})`;
  const wanted = least === undefined ? '' : `, at least ${least} % required`;
  return [...table(columns, rows, look).trimEnd().split('\n'), strong((enough ? good : bad)(`${total}${wanted}`))];
}

function missingOf({ parts }: CoveredRule): readonly string[] {
  return parts.filter(({ tests }) => tests === 0).map(({ part }) => part);
}
