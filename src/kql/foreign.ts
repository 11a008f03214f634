import type { KqlNode, KqlValue } from './tree.ts';

/** Words of another query language that KQL takes for text to search for: what stands there, and what KQL has instead. */
export interface ForeignWords {
  readonly message: string;
  readonly hint: string;
}

/** Finds what was most likely meant in another language, and parses as KQL all the same; the first of it. */
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

/** A value as it was written, with its wildcards; what stands in quotes is meant. */
function textOf(value: KqlValue): string {
  if (value.kind === 'phrase') return '';
  return value.kind === 'words' ? value.text : value.words.map((glob) => glob.join('*')).join(' ');
}

function foreignField(field: string | undefined): ForeignWords | undefined {
  if (field === undefined) return undefined;
  if (field === '_exists_' || field === '_missing_') {
    const message = `\`${field}\` is a word of Lucene: KQL takes it for the name of a field, which no document has`;
    return { message, hint: 'trace.id: * where a document must have trace.id; or query: { lucene: … }' };
  }
  const [, sign, name] = /^([!+-])(.+)$/.exec(field) ?? [];
  if (sign === undefined) return undefined;
  const hint = sign === '+' ? `write and ${name}: …` : `write not ${name}: …`;
  return { message: `KQL takes \`${field}\` for the name of a field: \`${sign}\` is no operator of it`, hint };
}

function foreignText(field: string | undefined, text: string): ForeignWords | undefined {
  const [, from, to] = /^[[](\S+) TO (\S+)[\]]$/i.exec(text) ?? [];
  if (from !== undefined) {
    const name = field ?? 'field';
    const bounds = [from === '*' ? '' : `${name} >= ${from}`, to === '*' ? '' : `${name} <= ${to}`].filter((part) => part !== '');
    return { message: `\`${text}\` is a range of Lucene: KQL searches for its words`, hint: bounds.join(' and ') };
  }
  const word = text.split(' ').find((one) => /^(?:&&|\|\||={1,3}|!=|<>)$/.test(one));
  if (word === undefined) return undefined;
  const hint = word === '&&' ? 'and' : word === '||' ? 'or' : 'a colon: status: 500, not status: 500, status >= 500';
  return {
    message: `KQL takes \`${word}\` for a word to search for`,
    hint: `in place of it: ${hint}; quotes search for the word itself`,
  };
}
