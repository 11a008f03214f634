/** Why a text is not a condition: what is wrong, at which character (0-based), and the next step. */
export interface Refusal {
  readonly ok: false;
  readonly message: string;
  readonly offset: number;
  readonly hint?: string;
}

/** Makes a refusal; `hint` may be undefined. */
export function refusal(message: string, offset: number, hint?: string): Refusal {
  return hint === undefined ? { ok: false, message, offset } : { ok: false, message, offset, hint };
}
