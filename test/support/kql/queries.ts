import fc from 'fast-check';

/** A KQL text, and whether Elastic's parser of 8.19 reads it as Kibana does. */
export interface KqlSample {
  readonly text: string;
  /** False where the text needs `and` before `or`, or a group of values: that parser is asked the printed tree instead. */
  readonly direct: boolean;
}

const pick = (list: string) => fc.constantFrom(...list.split('|'));
const joined = (...parts: readonly fc.Arbitrary<string>[]) => fc.tuple(...parts).map((texts) => texts.join(''));
const several = (part: fc.Arbitrary<string>) => fc.array(part, { minLength: 1, maxLength: 3 }).map((texts) => texts.join(' '));

const plain = pick('stub|STUB|shop|timed|out|error|Error|request|a-b|x/y?z|10|sto|+a|-b|a~|[a|a^2|&&|!|é');
const escaped = pick(String.raw`a\*b|C\:\\x|\u00e9|\and|\not|\"|\(x\)`);
const phrase = pick(
  String.raw`"stub"|"timed out"|"out timed"|"Error request"|"10"|"a*b"|"C:\\x"|"x/y?z"|""|"and"|"\u00e9"|"*"|"out  of"`,
);
const wildcard = pick(String.raw`st*|ST*|*ub|*t*|s*p|*rror|a-*|x/*|1*|*|E*r|*\u00e9|nothing*|no*such*thing|-*|*~`);
const words = several(fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: escaped }));
const wordsWithWildcards = joined(several(fc.oneof(plain, wildcard)), pick(' '), wildcard);

const number = pick('0|5|10|499|-1|0.5|1.5|"10"');
const date = pick(String.raw`2026-01-01|2026-01-01T00\:00\:00Z|"2026-01-01T12:30:00.250Z"|2026-01|2026|now-1d/d|now`);
const address = pick(String.raw`10.0.0.1|"192.168.1.1"|"2001:db8::1"|2001\:db8\:\:1`);
const network = pick(String.raw`10.0.0.0/8|2001\:db8\:\:/32|"192.168.0.0/16"`);

const keywordField = pick(
  'tags|service.name|title.keyword|labels|labels.team|labels.tier.name|"service.name"|service.n*|*.keyword|nosuch|nosuch.*',
);
const textField = pick('message|title|mess*|m*ss*e');
const numberField = pick('bytes|load|service.port');
const comparedField = pick('tags|service.name|message|nosuch');
const typedField = pick('bytes|load|service.port|ok|at|ip');
const anyField = pick('tags|message|title|bytes|load|ok|at|ip|labels|labels.team|service.name|service.*|t*|*|nosuch');

const space = pick('|||| |\n| \t');
const is = (field: fc.Arbitrary<string>, value: fc.Arbitrary<string>) => joined(field, space, pick(':'), space, value);
const range = (field: fc.Arbitrary<string>, value: fc.Arbitrary<string>) => joined(field, space, pick('>|>=|<|<='), space, value);

const condition = fc.oneof(
  { weight: 5, arbitrary: is(keywordField, fc.oneof(words, phrase, wildcard)) },
  { weight: 5, arbitrary: is(textField, fc.oneof(words, phrase, wildcard, wordsWithWildcards)) },
  { weight: 3, arbitrary: fc.oneof(words, phrase, wildcard, wordsWithWildcards) },
  { weight: 2, arbitrary: fc.oneof(is(numberField, number), range(numberField, number)) },
  { weight: 2, arbitrary: fc.oneof(is(pick('at'), date), range(pick('at'), date)) },
  { weight: 1, arbitrary: fc.oneof(is(pick('ip'), fc.oneof(address, network)), range(pick('ip'), address)) },
  { weight: 1, arbitrary: is(pick('ok'), pick('true|false|"true"')) },
  { weight: 3, arbitrary: is(anyField, pick('*')) },
  { weight: 1, arbitrary: range(comparedField, words) },
);
/** Elasticsearch refuses most of these, unless it can leave the condition out: so they are compared alone only. */
const illTyped = fc.oneof(
  is(typedField, fc.oneof(words, phrase, pick('st*|*ub|1*0'))),
  range(fc.oneof(typedField, pick('labels.team')), fc.oneof(words, phrase)),
);

const direct = (text: string): KqlSample => ({ text, direct: true });
const oneValue = fc.oneof(plain, escaped, phrase, wildcard);
const group: fc.Arbitrary<KqlSample> = fc
  .tuple(
    fc.oneof(keywordField, textField),
    oneValue,
    fc.array(joined(pick(' and | or | and not | OR NOT '), oneValue), { minLength: 1, maxLength: 3 }),
  )
  .map(([field, first, more]) => ({ text: `${field}:(${first}${more.join('')})`, direct: false }));
const leaf = fc.oneof({ weight: 8, arbitrary: condition.map(direct) }, { weight: 1, arbitrary: group });

const cased = (operator: string) => fc.constantFrom(operator, operator, operator.toUpperCase(), `${operator}\n`);
const operand = fc.letrec<{ operand: KqlSample; chain: KqlSample }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.tuple(cased('not'), tie('operand')).map(([not, inner]) => ({ text: `${not} ${inner.text}`, direct: inner.direct })),
    tie('chain').map((inner) => ({ text: `(${inner.text})`, direct: inner.direct })),
  ),
  chain: fc
    .tuple(tie('operand'), fc.array(fc.tuple(pick('and|or').chain(cased), tie('operand')), { minLength: 1, maxLength: 3 }))
    .map(([first, more]) => ({
      text: [first.text, ...more.map(([operator, next]) => `${operator} ${next.text}`)].join(' '),
      direct:
        new Set(more.map(([operator]) => operator.trim().toLowerCase())).size === 1 &&
        [first, ...more.map(([, next]) => next)].every((part) => part.direct),
    })),
}));

/** Any query over the documents of `documents.ts`. What is known to be read differently is left out, and pinned in tables. */
export const kqlSamples: fc.Arbitrary<KqlSample> = fc.oneof(
  { weight: 2, arbitrary: leaf },
  { weight: 1, arbitrary: illTyped.map(direct) },
  { weight: 2, arbitrary: operand.operand },
  { weight: 3, arbitrary: operand.chain },
);
