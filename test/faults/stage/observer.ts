import type { OutboxEntry, RuleDocument } from '../../../src/evaluation/rule-states.ts';
import type { AlertGroupDocument } from '../../../src/notify/alert-group.ts';
import type { Answer, Passing } from './gate.ts';
import { type Step, stepOf, writtenBy } from './steps.ts';

/** One version of an alert group as the cluster took it: which life of which replica wrote it, and when. */
export interface StoredVersion {
  readonly order: number;
  readonly life: string;
  readonly at: number;
  readonly document: AlertGroupDocument;
}

/** What the cluster acknowledged of state, whether or not the writer heard of it. */
export interface Observer {
  /** The step that a request is. */
  step(request: Passing): Step;
  saw(life: string, request: Passing, answer: Answer): void;
  /** Every outbox entry that was ever saved, by `source` and number. */
  readonly outbox: ReadonlyMap<string, OutboxEntry & { readonly source: string }>;
  /** Versions of each alert group, by its `_id`. */
  readonly alertGroups: ReadonlyMap<string, readonly StoredVersion[]>;
  /** The rules that have a document. */
  readonly rules: ReadonlySet<string>;
  /** How far each rule is evaluated, as was last stored. */
  readonly evaluatedThrough: ReadonlyMap<string, number>;
}

/** Begins to observe. */
export function observe(): Observer {
  const outbox = new Map<string, OutboxEntry & { readonly source: string }>();
  const alertGroups = new Map<string, StoredVersion[]>();
  const rules = new Set<string>();
  const evaluatedThrough = new Map<string, number>();
  const rule = ({ rule: id, incarnation, outbox: entries, evaluated_through: through }: RuleDocument) => {
    rules.add(id);
    evaluatedThrough.set(id, Math.max(through, evaluatedThrough.get(id) ?? 0));
    const source = `${id}#${incarnation}`;
    for (const entry of entries) outbox.set(`${source}/${entry.n}`, { ...entry, source });
  };
  const latest = (id: string) => alertGroups.get(id)?.at(-1)?.document;
  return {
    outbox,
    alertGroups,
    rules,
    evaluatedThrough,
    step: ({ path, payload }) => stepOf(path, payload, latest),
    saw: (life, request, answer) => {
      const index = /^\/tocsin-(rules|alert-groups)\/_bulk/.exec(request.path)?.[1];
      if (index === undefined || answer.status !== 200) return;
      const orders = ordersOf(answer);
      for (const [position, { id, body }] of writtenBy(request.payload).entries()) {
        const order = orders[position];
        if (order === undefined) continue;
        if (index === 'rules') rule(body as unknown as RuleDocument);
        else {
          const version = { order, life, at: Date.now(), document: body as unknown as AlertGroupDocument };
          alertGroups.set(
            id,
            [...(alertGroups.get(id) ?? []), version].sort((a, b) => a.order - b.order),
          );
        }
      }
    },
  };
}

interface Item {
  readonly status: number;
  readonly _seq_no?: number;
  readonly _primary_term?: number;
}

/** Where each write of a bulk stands among all writes; undefined for one that was not applied. */
function ordersOf(answer: Answer): readonly (number | undefined)[] {
  const { items } = JSON.parse(answer.body.toString('utf8')) as { readonly items: readonly Readonly<Record<string, Item>>[] };
  return items.map((item) => {
    const [result] = Object.values(item);
    if (result === undefined || result.status > 299) return undefined;
    return (result._primary_term ?? 0) * 1e9 + (result._seq_no ?? 0);
  });
}
