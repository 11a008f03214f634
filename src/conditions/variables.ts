/** Names and types that a condition may use. */
export type Variables = Readonly<Record<string, 'number' | 'string' | 'bool'>>;
