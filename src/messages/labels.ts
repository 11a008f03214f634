/** The words over the parts of a message; a channel chooses their form. */
export const LABELS = {
  condition: 'Condition',
  documents: 'Sample documents',
  log: 'Log',
  logs: 'Logs of these requests',
  note: 'Note',
  top: 'Top',
  traces: 'Traces',
} as const;

/** What stands below the alerts that a message lists when there are others: `and 3 more`. */
export function andMore(count: number): string {
  return `and ${count} more`;
}

/** The begin of the line that ends a mail: `Sent by Tocsin to team-todo`. */
export function sentTo(receiver: string): string {
  return `Sent by Tocsin to ${receiver}`;
}
