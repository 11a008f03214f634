import type { Entry } from './entry.ts';

/** Says whether an entry ends its alert's episode in this alert group. */
export function isEnd({ kind }: Pick<Entry, 'kind'>): boolean {
  return kind === 'resolved' || kind === 'moved';
}
