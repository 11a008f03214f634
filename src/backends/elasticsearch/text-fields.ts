import type { Answer } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import { textFieldHint } from '../../search/text-field.ts';
import type { FieldTypes } from './field-types.ts';

const TEXTS: ReadonlySet<string> = new Set(['text', 'match_only_text']);

/** The problem of a question that groups by a text, or measures one, with the keyword beneath it that could be meant; undefined for any other question. */
export async function textProblem(
  types: FieldTypes,
  query: Query,
  answer: Answer,
  signal: AbortSignal,
): Promise<SearchProblem | undefined> {
  if (query.kind !== 'groups' || answer.kind !== 'failed' || answer.problem.code !== 'bad_mapping') return undefined;
  const { problem } = answer;
  const measured = Object.values(query.metrics).flatMap((metric) => (metric.of === 'count' ? [] : [metric.field]));
  for (const field of [...query.groupBy, ...measured].filter((name) => problem.message.includes(name))) {
    const found = (await types.of(query.source, [field, `${field}.*`], signal)) ?? new Map<string, string>();
    if (!TEXTS.has(found.get(field) ?? '')) continue;
    const keywords = [...found].filter(([, type]) => type === 'keyword').map(([name]) => name);
    const hint = textFieldHint(field, keywords);
    if (hint !== undefined) return { ...problem, hint };
  }
  return undefined;
}
