import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { withoutDates } from '../rules/index-advice.ts';
import { type Edit, edited } from '../yaml/edit.ts';
import type { SourceFile } from '../yaml/parse.ts';

/** A repaired file and the problems it settles. */
export interface RepairedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly problems: readonly Problem[];
}

/** Repairs that need no decision, by code. */
const REPAIRS: Readonly<Record<string, Pick<Edit, 'kind'> & { readonly text?: (before: string) => string | undefined }>> = {
  'rule/no-effect': { kind: 'remove-key' },
  'rule/changed-value': { kind: 'quote' },
  'rule/index-date': { kind: 'text', text: withoutDates },
  'lint/unused-ignore': { kind: 'remove-comment' },
};

/** The codes that can be repaired. */
export const REPAIRABLE: readonly string[] = Object.keys(REPAIRS);

/** Repairs what can be repaired of the problems of one file. */
export function repairedFile(source: SourceFile, problems: readonly Problem[]): RepairedFile {
  const edits = problems.flatMap((problem) => {
    const repair = own(REPAIRS, problem.code);
    if (repair === undefined || problem.at?.file !== source.file) return [];
    return [{ ...repair, line: problem.at.line, column: problem.at.column, problem } as Edit & { readonly problem: Problem }];
  });
  const { text, done } = edited(source, edits);
  return { file: source.file, before: source.text, after: text, problems: done.map(({ problem }) => problem) };
}
