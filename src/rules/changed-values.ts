import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';
import type { Path } from '../yaml/path.ts';

/** Keys whose values are compared with the texts of documents. */
const COMPARED = ['expect'];

/** Warns of values that YAML reads as another text than is written: `1.10` is 1.1, `0x10` is 16, `1e3` is 1000. */
export function adviseOnChangedValues(
  keys: Readonly<Record<string, unknown>>,
  document: Pick<YamlDocument, 'written'>,
  complaints: Complaints,
): void {
  for (const key of COMPARED) look(own(keys, key), [key], document, complaints);
}

function look(value: unknown, path: Path, document: Pick<YamlDocument, 'written'>, complaints: Complaints): void {
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) look(inner, [...path, index], document, complaints);
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) look(inner, [...path, key], document, complaints);
  } else if (typeof value !== 'string') {
    const written = document.written(path);
    if (written === undefined || written === String(value)) return;
    const message = `YAML reads ${written} as ${String(value)}, and documents are compared with that value`;
    complaints.warning('rule/changed-value', path, message, `to keep the text, put it in quotes: "${written}"`);
  }
}
