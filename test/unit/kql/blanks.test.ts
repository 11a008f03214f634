import { describe, expect, test } from 'vitest';
import { kqlToDsl } from '../../../src/kql/kql.ts';
import { parseKql } from '../../../src/kql/parse.ts';
import { printKql } from '../../support/kql/print.ts';

const BLANKS =
  '\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u180e\u2000\u2007\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff';

describe('every blank of Unicode is a blank', () => {
  test.each([...BLANKS].map((blank) => [`U+${blank.charCodeAt(0).toString(16).padStart(4, '0')}`, blank] as const))(
    '%s',
    (_name, blank) => {
      for (const [text, plain] of [
        [`svc:${blank}pay`, 'svc: pay'],
        [`not${blank}svc:x`, 'not svc:x'],
        [`a:1${blank}and${blank}b${blank}>=${blank}2`, 'a:1 and b >= 2'],
        [`${blank}a:x${blank}`, 'a:x'],
        [`a:(x${blank}or${blank}y)`, 'a:(x or y)'],
        [`a: one${blank}two`, 'a: one two'],
      ] as const) {
        expect(kqlToDsl(text)).toEqual(kqlToDsl(plain));
      }
    },
  );

  test.each([...BLANKS])('and in quotes it is itself: %j', (blank) => {
    const compiled = kqlToDsl(`svc:"a${blank}b"`);
    expect(compiled).toMatchObject({ ok: true, dsl: { match_phrase: { svc: `a${blank}b` } } });
    const parsed = parseKql(`svc:"a${blank}b"`);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parseKql(printKql(parsed.node))).toMatchObject({ ok: true });
  });
});
