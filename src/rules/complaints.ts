import { type Complaints, complaintsOf } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';
import type { Path } from '../yaml/path.ts';

/** Collects what is wrong with one rule. */
export interface RuleComplaints extends Complaints {
  /** A warning that a key has no use here; none for an inherited one, which is meant for other rules. */
  idle(path: Path, message: string, hint?: string): void;
}

/** Makes an empty collection for a rule. */
export function ruleComplaintsOf(document: YamlDocument): RuleComplaints {
  const complaints = complaintsOf(document);
  return {
    ...complaints,
    idle: (path, message, hint) => {
      if (document.place(path, 'key').file === document.file) complaints.warning('rule/no-effect', path, message, hint);
    },
  };
}
