import { type ParsedYaml, parseYaml, type SourceFile } from '../yaml/parse.ts';
import { RULE_CODES } from './codes.ts';

/** Reads the YAML documents of a rule file, each of which is a rule; a file without any is a problem. Never throws. */
export function parseFile(source: SourceFile): ParsedYaml {
  const parsed = parseYaml(source, RULE_CODES);
  if (parsed.documents.length > 0 || parsed.problems.length > 0) return parsed;
  const at = { file: source.file, line: 1, column: 1 };
  const [message, hint] = ['there is no rule in this file', 'write one, or remove the file'];
  return { documents: [], problems: [{ code: 'rule/no-rule', severity: 'error', message, hint, at }] };
}
