import { isObject } from '../core/json.ts';

/** Words and signs that YAML would read as something else than the text that they are. */
const PLAIN = /^[A-Za-z_][\w./ @-]*$/;
/** Texts of several lines that a block gives back as they are. */
const BLOCK = /^\S(?:[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFEFF]|[\n\t])*[^\n]\n?$/u;
const OTHERWISE = /^(?:true|false|yes|no|on|off|null|y|n|~)$/i;

/** The keys of a rule as lines of YAML, one value a line, so that two versions can be laid side by side. */
export function yamlLines(value: unknown, indent = ''): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      if (!isNested(item)) return [`${indent}- ${scalar(item)}`];
      const [first = '', ...others] = yamlLines(item, `${indent}  `);
      return [`${indent}- ${first.slice(indent.length + 2)}`, ...others];
    });
  }
  if (!isObject(value)) return [`${indent}${scalar(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = `${indent}${scalar(key)}:`;
    if (typeof inner === 'string' && inner.includes('\n') && BLOCK.test(inner)) {
      return [
        `${name} ${inner.endsWith('\n') ? '|' : '|-'}`,
        ...inner
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => `${indent}  ${line}`),
      ];
    }
    return isNested(inner) ? [name, ...yamlLines(inner, `${indent}  `)] : [`${name} ${scalar(inner)}`];
  });
}

function isNested(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
  return PLAIN.test(value) && !OTHERWISE.test(value) && value.trim() === value ? value : JSON.stringify(value);
}
