import type { FaultCodes } from '../yaml/codes.ts';

/** What `tocsin.yaml` reports of YAML and of its schema. */
export const CONFIG_CODES: FaultCodes = {
  yaml: 'config/yaml',
  'too-large': 'config/too-large',
  'duplicate-key': 'config/duplicate-key',
  'unknown-key': 'config/unknown-key',
  'missing-key': 'config/missing-key',
  invalid: 'config/value',
  exclusive: 'config/both',
};
