/** The steps of a tick and of a delivery, as the requests that a cluster sees of them. */
const STEPS = [
  ...(['read silences', 'read rules', 'ask', 'save rules', 'read alert groups'] as const),
  ...(['enqueue', 'enqueue and claim', 'claim', 'take over', 'record', 'record and claim'] as const),
  ...(['pass on', 'hand over', 'forget passed on'] as const),
  ...([
    'find pending',
    'find due',
    'read leases',
    'write leases',
    'read acknowledgements',
    'read received alerts',
    'history',
    'other',
  ] as const),
] as const;
export type Step = (typeof STEPS)[number];

/** A document in a bulk request: its `_id` and its body. */
export interface Written {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The documents of a bulk request, in order. */
export function writtenBy(payload: string): readonly Written[] {
  const lines = payload.split('\n').filter((line) => line !== '');
  const written: Written[] = [];
  for (let line = 0; line + 1 < lines.length; line += 2) {
    const [action] = Object.values(JSON.parse(lines[line] ?? '{}') as Record<string, { _id?: string }>);
    const source = JSON.parse(lines[line + 1] ?? '{}') as { body?: Record<string, unknown> };
    written.push({ id: action?._id ?? '', body: source.body ?? {} });
  }
  return written;
}

interface InflightMessage {
  readonly id: string;
  readonly token: string;
  readonly until: number | null;
}

/** The step that a request is; `before` gives what is stored of an alert group so far. */
export function stepOf(path: string, payload: string, before: (id: string) => unknown): Step {
  const at = path.replace(/\?.*/s, '');
  if (at.endsWith('_msearch')) return 'ask';
  if (at === '/_bulk') return 'history';
  const [, index, endpoint] = /^\/tocsin-([\w-]+)\/(_\w+)$/.exec(at) ?? [];
  switch (`${index} ${endpoint}`) {
    case 'silences _search':
      return 'read silences';
    case 'acknowledgements _search':
      return 'read acknowledgements';
    case 'received-alerts _search':
      return 'read received alerts';
    case 'rules _mget':
      return 'read rules';
    case 'rules _search':
      return 'find pending';
    case 'rules _bulk':
      return 'save rules';
    case 'alert-groups _mget':
      return 'read alert groups';
    case 'alert-groups _search':
      return 'find due';
    case 'alert-groups _bulk':
      return alertGroupStep(writtenBy(payload), before);
    case 'leases _search':
    case 'leases _mget':
      return 'read leases';
    case 'leases _bulk':
      return 'write leases';
    default:
      return 'other';
  }
}

function alertGroupStep(written: readonly Written[], before: (id: string) => unknown): Step {
  const steps = written.map(({ id, body }): Step => {
    const passed = passedOn(before(id), body);
    if (passed !== undefined) return passed;
    const old = inflightOf(before(id));
    const next = inflightOf(body);
    if (old === undefined && next === undefined) return 'enqueue';
    if (old === undefined) return takenOf(before(id)) < takenOf(body) ? 'enqueue and claim' : 'claim';
    if (next === undefined) return 'record';
    if (next.id !== old.id) return 'record and claim';
    if (next.until === null && old.until !== null) return 'record';
    return next.token === old.token ? 'enqueue' : 'take over';
  });
  const notification = steps.find((step) => step !== 'enqueue');
  return notification ?? 'enqueue';
}

/** A write by which copies leave an alert group for others, are taken over by one of them, or are forgotten where they left. */
function passedOn(before: unknown, body: unknown): 'pass on' | 'hand over' | 'forget passed on' | undefined {
  const [old, next] = [leavingOf(before), leavingOf(body)];
  if (next.n > old.n) return 'pass on';
  if (takenOf(before, isOfAlertGroup) < takenOf(body, isOfAlertGroup)) return 'hand over';
  return next.entries.length < old.entries.length ? 'forget passed on' : undefined;
}

function leavingOf(document: unknown): { readonly n: number; readonly entries: readonly unknown[] } {
  const { leaving } = (document ?? {}) as { leaving?: { n: number; entries: readonly unknown[] } };
  return leaving ?? { n: 0, entries: [] };
}

function isOfAlertGroup(source: string): boolean {
  return source.startsWith('alert group/');
}

function inflightOf(document: unknown): InflightMessage | undefined {
  return (document as { inflight?: InflightMessage | null } | undefined)?.inflight ?? undefined;
}

/** Entries taken so far, of all sources or of some. */
function takenOf(document: unknown, isCounted: (source: string) => boolean = () => true): number {
  const taken = (document as { taken?: Record<string, number> } | undefined)?.taken ?? {};
  return Object.entries(taken).reduce((sum, [source, n]) => sum + (isCounted(source) ? n : 0), 0);
}
