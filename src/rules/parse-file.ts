import { knownKeysOf } from '../yaml/looks-like.ts';
import { type ParsedYaml, parseYaml, type SourceFile } from '../yaml/parse.ts';
import { kindOf } from '../yaml/schema-words.ts';
import { RULE_CODES } from './codes.ts';
import { RULE_KEYS } from './validate.ts';

/** Reads the YAML documents of a rule file; each is a rule. A file without any is a problem. Never throws. */
export function parseFile(source: SourceFile): ParsedYaml {
  const parsed = parseYaml(source, RULE_CODES, looksLikeRule);
  if (parsed.documents.length === 0 && parsed.problems.length === 0) {
    const at = { file: source.file, line: 1, column: 1 };
    const [message, hint] = ['no rule in this file', 'add a rule, or remove the file'];
    return { ...parsed, problems: [{ code: 'rule/no-rule', severity: 'error', message, hint, at }] };
  }
  return parsed.plain ? parsed : { ...parsed, documents: [], problems: [...parsed.problems, ...noRules(parsed)] };
}

/** Says whether most keys of a document are those of rules: other files hold some of them by chance, and one may be full of secrets. */
function looksLikeRule(value: unknown): boolean {
  return knownKeysOf(value, RULE_KEYS) >= 2;
}

/** Says whether a document may be a `defaults.yaml`, which may well have one key only. */
export function looksLikeDefaults(value: unknown): boolean {
  return knownKeysOf(value, RULE_KEYS) >= 1;
}

/** The problems of a file that is not clearly a rule file, without quoting its content. */
function noRules({ documents }: ParsedYaml): ParsedYaml['problems'] {
  return documents.map((document) => {
    const hint = Array.isArray(document.value) ? 'separate rules with --- lines' : 'begin a rule with name: and type:';
    const message = `expected a rule (a mapping of keys), got ${kindOf(document.value)}`;
    return { code: RULE_CODES.invalid, severity: 'error', message, hint, at: document.place([]) };
  });
}
