import type { DecidingKeys } from '../rules/deciding-keys.ts';

/** One text of the form: a key of the rule, or the condition of one of its levels. */
export interface SandboxField {
  /** As problems name it: `condition`, `levels[0].condition`, `for`. */
  readonly path: string;
  readonly label: string;
  readonly value: string;
  readonly kind: 'condition' | 'time';
}

type For = NonNullable<DecidingKeys['for']>;

const COUNTED = /^\s*(\d{1,3})\s+of\s+(\d{1,3})\s*$/;
/** As the schema of rules has it. */
const MOST_FINDINGS = 100;

/** The texts of a rule's deciding keys; one that it does not have is empty. */
export function sandboxFields(keys: DecidingKeys): readonly SandboxField[] {
  const conditions: readonly SandboxField[] =
    keys.levels === undefined
      ? [{ path: 'condition', label: 'condition', value: keys.condition ?? '', kind: 'condition' }]
      : keys.levels.map(({ severity, condition }, place) => ({
          path: `levels[${place}].condition`,
          label: `condition of ${severity}`,
          value: condition,
          kind: 'condition',
        }));
  return [
    ...conditions,
    { path: 'recover', label: 'recover', value: keys.recover ?? '', kind: 'condition' },
    { path: 'for', label: 'for', value: forText(keys.for), kind: 'time' },
    { path: 'keep_firing_for', label: 'keep_firing_for', value: keys.keep_firing_for ?? '', kind: 'time' },
  ];
}

/** The keys that texts of the form mean, by their paths. An empty text of a key that a rule need not have leaves the key out. */
export function keysOf(keys: DecidingKeys, texts: ReadonlyMap<string, string>): DecidingKeys {
  const text = (path: string) => (texts.get(path) ?? '').trim();
  const [recover, held, keep] = [text('recover'), text('for'), text('keep_firing_for')];
  return {
    ...(keys.levels === undefined
      ? // An empty condition is an error of the rule, as it is in a file; the reader of keys takes it for one that is lacking.
        { condition: text('condition') === '' ? ' ' : text('condition') }
      : {
          levels: keys.levels.map(({ severity }, place) => ({ severity, condition: text(`levels[${place}].condition`) })),
        }),
    ...(recover !== '' && { recover }),
    ...(held !== '' && { for: forOf(held) }),
    ...(keep !== '' && { keep_firing_for: keep }),
  };
}

function forText(held: For | undefined): string {
  if (held === undefined) return '';
  return typeof held === 'string' ? held : `${held.breaches} of ${held.of}`;
}

/** `3 of 5` are breaches of findings; everything else is to be a duration. */
function forOf(text: string): For {
  const [, breaches, of] = COUNTED.exec(text) ?? [];
  const counts = [Number(breaches), Number(of)];
  if (breaches === undefined || counts.some((count) => count < 1 || count > MOST_FINDINGS)) return text;
  return { breaches: Number(breaches), of: Number(of) };
}
