import { stringify } from 'yaml';

/** Writes plain data as YAML for people: block style, texts of several lines as they are, never wrapped, no anchors. */
export function yamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
}
