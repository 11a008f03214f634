/** A place in a text that another system would fill in, and that Liquid leaves as it is: what Liquid has instead, and where (0-based). */
export interface ForeignPlace {
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
}

/** Formats of other systems; the first group is the name that is meant, where there is one. */
const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w$#{%])\{\d+(?:[.:[!][^{}]*)?\}(?!\})/, 'a format of Python'],
  [/(?<![\w$#{%])\{\s*([A-Za-z_]\w*)(?:[.[][^{}]*)?\s*\}(?!\})/, 'a format of Python'],
  [/(?<![\d%])%(?:\((\w[\w.]*)\))?(?:\.\d+)?[sdfr](?!\w)/, 'a format of Python'],
  [/[$#]\{\s*([A-Za-z_]\w*)[^{}]*\}/, 'a variable of shells and of Ruby'],
  [/\$([A-Za-z_]\w*)/, 'a variable of shells'],
];

/** A format that names something is meant as one only where the name is known: `{a}` may well be a part of a text. */
export function foreignPlace(text: string, names: readonly string[]): ForeignPlace | undefined {
  const shown = withoutLiquid(text);
  for (const [format, whose] of FORMATS) {
    const found = format.exec(shown);
    if (found === null) continue;
    const { 0: written, 1: name, index } = found;
    if (name !== undefined && !names.includes(name) && !written.startsWith('%(')) continue;
    const hint = `in Liquid: ${insteadOf(name, names)}`;
    return { message: `\`${written}\` is ${whose} and is not replaced in this text`, hint, offset: index };
  }
  return undefined;
}

function insteadOf(name: string | undefined, names: readonly string[]): string {
  if (name !== undefined && names.includes(name)) return `{{ ${name} }}`;
  const example = names.at(-1);
  return `{{ ${example ?? 'rule'} }}, or a label or field of group_by: {{ group['host.name'] }}`;
}

/** A text of the same length without what Liquid reads itself. */
function withoutLiquid(text: string): string {
  return text.replace(/\{\{[\s\S]*?\}\}\}?|\{%[\s\S]*?%\}/g, (part) => ' '.repeat(part.length));
}

/** The next step for a text that does not parse because it is one of another template language. */
export function foreignSyntax(message: string, text: string): string | undefined {
  const open = /^tag \{%-?\s*(\w+)[\s\S]* not closed$/.exec(message)?.[1];
  if (open !== undefined) return `end it with {% end${open} %}`;
  if (message.startsWith('expected "|"') && /\{\{[^{}|]*\w\s*[-+*/]/.test(text))
    return 'Liquid uses filters for arithmetic: {{ count | plus: 1 }}, minus, times, divided_by';
  if (/\{\{\{/.test(text)) return 'Liquid uses double braces: {{ count }}';
  if (/\{\{\s*\$/.test(text)) return 'omit the dollar sign: {{ labels.team }}, {{ count }}';
  if (/\{\{\s*[#/^]/.test(text)) return 'Liquid uses {% if … %}…{% endif %} and {% for … in … %}…{% endfor %}';
  if (/\{\{[^{}%]*\}(?!\})/.test(text) || /\{\{[^{}]*$/.test(text)) return 'close it with }}';
  return undefined;
}

/** What other systems call the match, the document or the context; and where Liquid texts find it here. */
export function foreignName(name: string): string | undefined {
  if (/^(?:ctx|context|alert|rules?|params|state)$/.test(name))
    return "rule, labels, group['…'], and the rule's values by their names";
  if (/^(?:_data|match|matches|hits?|doc|event|_source|source)$/.test(name))
    return "fields of documents: {{ document['host.name'] }}, of group_by: {{ group['host.name'] }}";
  return undefined;
}
