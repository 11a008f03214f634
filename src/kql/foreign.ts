import type { KqlNode, KqlValue } from './tree.ts';

/** Syntax of other query languages that KQL reads as search text, and the KQL replacement. */
export interface ForeignWords {
  readonly message: string;
  readonly hint: string;
}

/** Finds what was most likely intended in another language, and parses as KQL all the same; the first of it. */
export function foreignWords(node: KqlNode): ForeignWords | undefined {
  switch (node.kind) {
    case 'and':
    case 'or':
      for (const inner of node.of) {
        const found = foreignWords(inner);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'not':
      return foreignWords(node.of);
    case 'is':
      return foreignField(node.field) ?? foreignText(node.field, textOf(node.value));
    case 'exists':
    case 'range':
      return foreignField(node.field);
    default:
      return undefined;
  }
}

/** A value as written, with its wildcards; quoted text is intended. */
function textOf(value: KqlValue): string {
  if (value.kind === 'phrase') return '';
  return value.kind === 'words' ? value.text : value.words.map((glob) => glob.join('*')).join(' ');
}

function foreignField(field: string | undefined): ForeignWords | undefined {
  if (field === undefined) return undefined;
  if (field === '_exists_' || field === '_missing_') {
    const message = `\`${field}\` is Lucene syntax: KQL reads it as a field name, which no document has`;
    return { message, hint: 'write trace.id: * to require the field trace.id; or use query: { lucene: … }' };
  }
  const [, sign, name] = /^([!+-])(.+)$/.exec(field) ?? [];
  if (sign === undefined) return undefined;
  const hint = sign === '+' ? `write and ${name}: …` : `write not ${name}: …`;
  return { message: `KQL reads \`${field}\` as a field name: \`${sign}\` is not an operator in KQL`, hint };
}

function foreignText(field: string | undefined, text: string): ForeignWords | undefined {
  const [, from, to] = /^[[](\S+) TO (\S+)[\]]$/i.exec(text) ?? [];
  if (from !== undefined) {
    const name = field ?? 'field';
    const bounds = [from === '*' ? '' : `${name} >= ${from}`, to === '*' ? '' : `${name} <= ${to}`].filter((part) => part !== '');
    return { message: `\`${text}\` is a Lucene range: KQL searches for its words`, hint: bounds.join(' and ') };
  }
  if (field === undefined) {
    const bare = foreignSentence(text);
    if (bare !== undefined) return bare;
  } else {
    const value = foreignValue(field, text);
    if (value !== undefined) return value;
  }
  const word = text.split(' ').find((one) => /^(?:&&|\|\||={1,3}|!=|<>)$/.test(one));
  if (word === undefined) return undefined;
  const hint =
    word === '&&' ? 'use and' : word === '||' ? 'use or' : 'KQL compares with a colon: `status: 500`, `not status: 500`';
  return {
    message: `KQL searches for the word \`${word}\``,
    hint: `${hint}; use quotes to search for the word itself`,
  };
}

/** Longer lists and expressions are not written by hand. */
const LONG = 300;

/** An SQL range; KQL reads its `and` as an operator. */
function foreignBetween(text: string, field: string, from: string | undefined): ForeignWords {
  const hint = `write ${field} >= ${from} and ${field} <= …; use quotes to search for the words themselves`;
  return { message: `KQL has no \`between\`: it searches for the words \`${text}\``, hint };
}

/** Words without a field that are a condition in another language: KQL looks for them in all fields. */
function foreignSentence(text: string): ForeignWords | undefined {
  const [, ranged, from] = /^([A-Za-z_@][\w.@-]*) between (\S+)$/i.exec(text) ?? [];
  if (ranged !== undefined) return foreignBetween(text, ranged, from);
  if (!/[=>]| is /i.test(text)) return undefined;
  const [, field, sign, value] = /(?:^|\s)([A-Za-z_@][\w.@-]*)(={1,3}|!=|<>)([\w.*-]+)(?:\s|$)/.exec(text) ?? [];
  const message = (written: string) => `KQL searches all fields for the words \`${written}\``;
  if (field !== undefined) {
    const hint = /^=/.test(sign ?? '') ? `${field}: ${value}` : `not ${field}: ${value}`;
    return { message: message(`${field}${sign}${value}`), hint: `write ${hint}; use quotes to search for the text itself` };
  }
  const [, name, not] = /^(\S+) is (not )?null$/i.exec(text) ?? [];
  if (name !== undefined)
    return { message: message(text), hint: not === undefined ? `write not ${name}: *` : `write ${name}: *` };
  return undefined;
}

/** A value that another language reads as more than its words. */
function foreignValue(field: string, text: string): ForeignWords | undefined {
  if (text.length > LONG) return undefined;
  if (/^\[.*,.*\]$/.test(text)) {
    const values = text
      .slice(1, -1)
      .split(',')
      .map((one) => one.trim());
    return {
      message: `KQL has no lists: it searches for the words \`${text}\``,
      hint: `write ${field}: (${values.join(' or ')})`,
    };
  }
  const [, lowest] = /^between (\S+)$/i.exec(text) ?? [];
  if (lowest !== undefined) return foreignBetween(text, field, lowest);
  const sign = /^[\w.*-]+(?:,\s*[\w.*-]+)+$/.test(text) ? ',' : /^[\w.*-]+(?:\s?\|\s?[\w.*-]+)+$/.test(text) ? '|' : undefined;
  if (sign !== undefined) {
    const values = text.split(sign).map((one) => one.trim());
    const hint = `write ${field}: (${values.join(' or ')}); use quotes to search for the text itself`;
    return { message: `KQL reads \`${text}\` as one text: \`${sign}\` does not separate values`, hint };
  }
  const [, word, fuzzy] = /^([\w.-]+)(~\d*(?:\.\d+)?|\^\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (word !== undefined) {
    const hint = `wildcards, as in ${field}: ${word}*; or query: { lucene: '${field}:${text}' }`;
    return { message: `\`${fuzzy}\` is Lucene syntax: KQL searches for the text \`${text}\``, hint };
  }
  if (/^\/.*(?:\.[*+]|\[|\||\\d).*\/$/.test(text)) {
    const message = `KQL has no regular expressions: it searches for the words \`${text}\``;
    return { message, hint: `wildcards, as in ${field}: /api/*, or query: { lucene: '${field}:${text}' }` };
  }
  return undefined;
}
