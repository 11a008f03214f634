import type { ASTNode, TypeError as CelTypeError, ParseError } from '@marcbachmann/cel-js';
import { own } from '../core/record.ts';
import { FUNCTIONS, METHODS } from './numbers.ts';
import { type Refusal, refusal } from './refusal.ts';

/** A node after the type check; the library keeps the type it found on each. */
type CheckedNode = ASTNode & { readonly checkedType?: { readonly name: string } };

/** Says in our words what the parser did not understand, with a hint for the words of other query languages. */
export function syntaxComplaint(error: ParseError, text: string): Refusal {
  const share = percentComplaint(text);
  if (share !== undefined) return share;
  const found = error.range?.start ?? 0;
  const { word, offset } = wordAt(text, found);
  if (error.code === 'unterminated_string') return refusal('unclosed string', found, 'close it with the same quote');
  if (text.slice(found).trim() === '') return refusal('unexpected end of the condition', text.length, 'complete the expression');
  if (/^(?:and|or|not)$/i.test(word)) {
    const symbol = own({ and: '&&', or: '||', not: '!' }, word.toLowerCase());
    return refusal(`\`${word}\` is not an operator of CEL`, offset, `use \`${symbol}\``);
  }
  const sign = signAt(text, found);
  if (sign !== undefined) return refusal(`\`${sign.written}\` is not an operator of CEL`, sign.offset, `use \`${sign.meant}\``);
  const foreign = foreignComplaint(text, found);
  if (foreign !== undefined) return foreign;
  if (text[found] === '=') return refusal('`=` is not an operator of CEL', found, 'use `==`');
  if (/limit|exceed|depth/i.test(`${error.code} ${error.summary}`)) {
    return refusal('the condition is too large', found, 'split it into `levels`, or measure less');
  }
  return refusal(`unexpected \`${word === '' ? (text[found] ?? '') : word}\``, offset, celHint(error.summary));
}

const WORDS = {
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  eq: '==',
  ne: '!=',
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  '><': '!=',
} as const;

/** What other languages write where the parser stopped, and what CEL has in place of it. */
function foreignComplaint(text: string, found: number): Refusal | undefined {
  const { word, offset } = wordAt(text, found);
  const sign = own(WORDS, word.toLowerCase()) ?? own(WORDS, text[found] ?? '');
  const written = word === '' ? (text[found] ?? '') : word;
  if (sign !== undefined) return refusal(`\`${written}\` is not an operator of CEL`, offset, `use \`${sign}\``);
  const amount = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(word);
  if (amount !== null) return refusal(`\`${word}\` is not a number`, offset, amountHint(Number(amount[1]), amount[2] ?? ''));
  if (text[found] === ',' && /\d,$/.test(text.slice(Math.max(0, found - 1), found + 1)) && /^\d{3}/.test(text.slice(found + 1)))
    return refusal('a number has no commas', found, 'write 1000, not 1,000');
  if (text[found] === '.' && /^\.\d/.test(text.slice(found)))
    return refusal('a number begins with a digit', found, 'write 0.5, not .5');
  if (text[found] === '$') return refusal('a name has no `$`', found, 'write the name alone');
  if (text[found] === '#')
    return refusal('comments are not allowed in a condition', found, 'write a YAML comment after the quotes or above');
  if (/^(?:between|is|like)$/i.test(word))
    return refusal(`\`${word}\` is not an operator of CEL`, offset, 'compare it, as in `count >= 1 && count <= 5`');
  if (/(?:^|[^\w])not\s+$/i.test(text.slice(Math.max(0, offset - 20), offset)))
    return refusal('`not` is not an operator of CEL', offset, 'use `!( … )`');
  if (text.includes('{{')) return refusal('a condition is CEL, not Liquid', text.indexOf('{{'), 'write the name without braces');
  return undefined;
}

const FACTORS = {
  k: 1e3,
  m: 1e6,
  g: 1e9,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
} as const;

/** Values have no units: `5m` may be five minutes or five million. */
function amountHint(amount: number, unit: string): string {
  const factor = own(FACTORS, unit.toLowerCase());
  const isLength = /^(?:ms|s|m|h|d)$/.test(unit);
  const how = isLength ? 'a length of time is a number in the unit of its field' : 'values have no units';
  return factor === undefined || isLength ? how : `${how}: write ${amount * factor}`;
}

const SIGNS = { '=>': '>=', '=<': '<=', '<>': '!=', '=!': '!=', '===': '==', '!==': '!=' } as const;

/** An operator of other languages around an offset: the parser stops within it. */
function signAt(text: string, found: number) {
  const signs = text.matchAll(/[=!<>]{2,3}/g);
  for (const { 0: written, index } of signs) {
    const meant = own(SIGNS, written);
    if (meant !== undefined && found >= index && found <= index + written.length) return { written, meant, offset: index };
  }
  return undefined;
}

/** `5%` is not a number: `%` is the remainder operator and needs a second operand. */
function percentComplaint(text: string): Refusal | undefined {
  const [, number, rest = ''] = /(\d+(?:\.\d+)?)\s*%\s*(and\b|or\b|&&|\|\||\)|$)/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const words = own({ and: '; and `&&` in place of `and`', or: '; and `||` in place of `or`' }, rest.toLowerCase()) ?? '';
  const share = String(Number((Number(number) / 100).toPrecision(12)));
  const offset = text.search(/\d+(?:\.\d+)?\s*%\s*(?:and\b|or\b|&&|\|\||\)|$)/i);
  return refusal(`\`${number}%\` is not a number: \`%\` is the remainder of a division`, offset, `write ${share}${words}`);
}

function celHint(summary: string): string | undefined {
  const expected = /^Expected (\w+), got/.exec(summary)?.[1];
  if (expected === undefined) return undefined;
  const names: Readonly<Record<string, string>> = { RPAREN: '`)`', COLON: '`:` of `a ? b : c`', RBRACKET: '`]`' };
  return `expected ${own(names, expected) ?? expected.toLowerCase()}`;
}

/** The word around an offset: the parser points into the middle of a word it half read. */
function wordAt(text: string, offset: number): { readonly word: string; readonly offset: number } {
  let start = offset;
  while (start > 0 && /\w/.test(text[start] ?? '') && /\w/.test(text[start - 1] ?? '')) start -= 1;
  return { word: /^\w+/.exec(text.slice(start))?.[0] ?? '', offset: start };
}

/** Says in our words which operand has the wrong type, and points at it. */
export function typeComplaint(error: CelTypeError | ParseError): Refusal {
  const node = error.node as CheckedNode | undefined;
  if (error.code === 'heterogeneous_list_element') {
    return refusal('the elements of a list must have the same type', error.range?.start ?? 0);
  }
  if (node === undefined || !Array.isArray(node.args)) return unaryComplaint(node, error.range?.start ?? 0);
  if (node.op === 'call' || node.op === 'rcall') {
    const name = node.args[0];
    const known: Readonly<Record<string, string>> = node.op === 'call' ? FUNCTIONS : METHODS;
    return refusal(
      `\`${name}\` got arguments of the wrong number or type`,
      node.start,
      `it is called as \`${own(known, name) ?? name}\``,
    );
  }
  if (node.op === '&&' || node.op === '||') return logicalComplaint(node);
  if (node.op === '?:') return refusal('both outcomes of `? :` must have the same type', node.start);
  const [left, right] = node.args as readonly [CheckedNode, CheckedNode];
  const [from, to] = [typeOf(left), typeOf(right)];
  const culprit = from === 'number' ? right : to === 'number' ? left : left;
  const hint = culprit.op === 'value' && to !== from ? 'write the number without quotes' : undefined;
  return refusal(`\`${node.op}\` does not work between ${article(from)} and ${article(to)}`, culprit.start, hint);
}

function unaryComplaint(node: CheckedNode | undefined, offset: number): Refusal {
  if (node?.op === '!_' || node?.op === '-_') {
    const inner = node.args as CheckedNode;
    return refusal(`\`${node.op[0]}\` does not work on ${article(typeOf(inner))}`, inner.start);
  }
  return refusal(`a condition must be true or false here, not ${article(typeOf(node))}`, offset, 'compare it, as in `count > 5`');
}

function logicalComplaint(node: CheckedNode): Refusal {
  const operands = node.args as readonly CheckedNode[];
  const culprit = operands.find((operand) => typeOf(operand) !== 'bool') ?? node;
  const message = `\`${node.op}\` needs true or false on both sides, not ${article(typeOf(culprit))}`;
  return refusal(message, culprit.start, 'compare it, as in `count > 5`');
}

function typeOf(node: CheckedNode | undefined): string {
  return node?.checkedType?.name ?? 'unknown';
}

/** A type's name with its article. */
export function article(type: string): string {
  return type === 'bool' ? 'true or false' : `a ${type}`;
}
