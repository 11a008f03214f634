import type { FaultCodes } from '../yaml/codes.ts';

/** What rule files and their defaults report of YAML and of their schemas. */
export const RULE_CODES: FaultCodes = {
  yaml: 'rule/yaml',
  'too-large': 'rule/too-large',
  'duplicate-key': 'rule/duplicate-key',
  'unknown-key': 'rule/unknown-key',
  'missing-key': 'rule/missing-key',
  invalid: 'rule/invalid',
  exclusive: 'rule/invalid',
};
