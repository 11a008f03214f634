/** Names and types that a condition may use. */
export type Variables = Readonly<Record<string, 'number' | 'string' | 'bool'>>;

/** Values by name, as a rule type measured them; null: documents, but no value; a bigint is an integer beyond 2^53. */
export type ConditionValues = Readonly<Record<string, number | bigint | string | boolean | null>>;

/** What a condition says of values: held, did not, or could not be decided (a missing value, a division by zero) with the reason. */
export type Verdict = { readonly kind: 'true' | 'false' } | { readonly kind: 'unknown'; readonly because: string };

/** A compiled CEL condition: pure, bounded, reusable. */
export interface Condition {
  /** The text as the rule has it. */
  readonly text: string;
  evaluate(values: ConditionValues): Verdict;
}
