/** A growing list of 32-bit integers: millions of edges do not fit anything dearer. */
class Integers {
  values = new Int32Array(1 << 16);
  length = 0;

  push(value) {
    if (this.length === this.values.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }
}

/**
 * Visits every state of a model within its bounds, breadth first, so that each trace is a shortest one. `first`: for each kind of violation the
 * first state that shows it; `loss`: a state from which what was promised cannot be reached any more by steps that may be waited for.
 */
export function explore({ BASE, makeModel, measure, isOutside }, given) {
  const options = { ...BASE, ...given };
  const model = makeModel(options);
  const ids = new Map();
  const parents = [];
  const labels = [];
  const labelIds = new Map();
  const labelNames = [];
  const from = new Integers();
  const to = new Integers();
  const good = [];
  const table = new Map();
  const first = {};
  const intern = (label) => {
    if (!labelIds.has(label)) labelIds.set(label, labelNames.push(label) - 1);
    return labelIds.get(label);
  };
  const add = (state, parent, label) => {
    const key = model.canon(state);
    const known = ids.get(key);
    if (known !== undefined) return [known, false];
    const id = parents.length;
    ids.set(key, id);
    parents.push(parent);
    labels.push(label);
    if (model.good(state)) good.push(id);
    const { b } = state;
    const used = [options.crash - b.c, options.lost - b.l, options.lostSend - b.s, options.early - b.e].join();
    const { dup, stale, total } = measure(state);
    const seen = table.get(used) ?? { dup: 0, total: 0, stale: 0 };
    if (dup > seen.dup) first[`dup ${used}`] = id;
    if (stale > seen.stale) first[`stale ${used}`] = id;
    table.set(used, {
      dup: Math.max(seen.dup, dup),
      stale: Math.max(seen.stale, stale),
      total: Math.max(seen.total, total),
    });
    if (state.bad) first[`bad ${state.bad.split(':')[0]}`] ??= id;
    return [id, true];
  };
  const start = model.init();
  let frontier = [[add(start, -1, -1)[0], start]];
  const expanded = [];
  let depth = 0;
  let capped = false;
  while (frontier.length > 0 && !capped) {
    const next = [];
    for (const [id, state] of frontier) {
      if (state.bad) continue;
      expanded.push(id);
      for (const [label, after] of model.next(state)) {
        const [afterId, isNew] = add(after, id, intern(label));
        if (!isOutside(label)) {
          from.push(id);
          to.push(afterId);
        }
        if (isNew) next.push([afterId, after]);
      }
      capped = parents.length > options.limit;
      if (capped) break;
    }
    frontier = next;
    depth++;
  }
  if (!capped) findLoss({ count: parents.length, from, to, good, expanded, first });
  const trace = (id) => {
    const steps = [];
    for (let at = id; at > 0; at = parents[at]) steps.push(labelNames[labels[at]]);
    return steps.reverse();
  };
  return { states: parents.length, edges: to.length, depth, capped, table, first, trace };
}

/** Walks back from the states in which all is well: one that was expanded and is not reached has lost something. */
function findLoss({ count, from, to, good, expanded, first }) {
  const heads = new Int32Array(count).fill(-1);
  const nexts = new Int32Array(to.length);
  for (let edge = 0; edge < to.length; edge++) {
    nexts[edge] = heads[to.values[edge]];
    heads[to.values[edge]] = edge;
  }
  const reached = new Uint8Array(count);
  const stack = [...good];
  for (const id of good) reached[id] = 1;
  while (stack.length > 0) {
    for (let edge = heads[stack.pop()]; edge >= 0; edge = nexts[edge]) {
      const before = from.values[edge];
      if (reached[before]) continue;
      reached[before] = 1;
      stack.push(before);
    }
  }
  const lost = expanded.find((id) => !reached[id]);
  if (lost === undefined) return;
  // Where something is bad, a state may be unable to reach what is good only because its paths end there.
  const isBad = Object.keys(first).some((kind) => kind.startsWith('bad'));
  first[isBad ? 'loss or dead end (see bad)' : 'loss'] = lost;
}

/** What was promised and is not kept: violations, and more repeats than faults allow, each with the shortest way to it. */
export function violationsOf({ first, table, trace }) {
  const broken = Object.keys(first).filter((kind) => kind.startsWith('bad') || kind.startsWith('loss'));
  const repeated = [...table].flatMap(([used, { dup, stale }]) => {
    const [crashes, , unanswered, early] = used.split(',').map(Number);
    const allowed = crashes + unanswered + early;
    return [...(dup > allowed ? [`dup ${used}`] : []), ...(stale > allowed ? [`stale ${used}`] : [])];
  });
  return [...broken, ...repeated].map((kind) => ({ kind, trace: trace(first[kind]) }));
}
