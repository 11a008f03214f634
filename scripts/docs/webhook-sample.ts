import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../src/core/json.ts';

const GOLDEN = join(import.meta.dirname, '..', '..', 'test', 'golden', 'first.txt');
const WIDTH = 130;
/** Longest text that the page shows whole: links to Kibana are much longer. */
const LONGEST = 90;

/** The body of a webhook as the first message of the golden incident has it. */
export function webhookSample(): string {
  const [, part = ''] = readFileSync(GOLDEN, 'utf8').split(/^=== webhook$/m);
  const [text = ''] = part.split(/^=== /m);
  return `\`\`\`json\n${printed(JSON.parse(text), '')}\n\`\`\``;
}

/** JSON in which values that fit on a line are on one line; otherwise each member has its own lines. */
function printed(value: unknown, indent: string, room = WIDTH - indent.length): string {
  const line = inOneLine(value);
  if (line.length <= room || typeof value !== 'object' || value === null) return line;
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((member) => printed(member, inner))
    : Object.entries(value).map(([key, member]) => {
        const name = `${JSON.stringify(key)}: `;
        return `${name}${printed(member, inner, WIDTH - inner.length - name.length - 1)}`;
      });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.map((one) => `${inner}${one}`).join(',\n')}\n${indent}${close}`;
}

function inOneLine(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST - 30)}…` : value);
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${inOneLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
