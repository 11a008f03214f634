/** Says whether one character is one that is wanted. */
export type CharTest = (char: string) => boolean;

/** A pattern as a tree: what it is made of, without a trace of how it was written. */
export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'char'; readonly fits: CharTest }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number };

const MAX_STATES = 2_000;

type State =
  | { readonly kind: 'char'; readonly fits: CharTest; readonly next: number }
  | { readonly kind: 'fork'; to: readonly number[] }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'done' };

interface Program {
  readonly states: readonly State[];
  readonly first: number;
}

/**
 * Makes the matcher of a pattern's tree: a Thompson automaton, which learns its own ways as texts lead through it. Undefined for a tree
 * with too many states.
 */
export function automatonOf(node: Node): ((text: string) => boolean | undefined) | undefined {
  const program = assemble(node);
  if (program === undefined) return undefined;
  let atlas = newAtlas(program);
  return (text) => {
    if (atlas.places.size > MAX_PLACES) atlas = newAtlas(program);
    return run(program, text, atlas);
  };
}

class TooLarge extends Error {}

function assemble(node: Node): Program | undefined {
  const states: State[] = [{ kind: 'done' }];
  const add = (state: State) => {
    // A tree of few letters may stand for millions of states: it must not be walked to its end.
    if (states.length >= MAX_STATES) throw new TooLarge();
    return states.push(state) - 1;
  };
  try {
    return { states, first: place(node, 0, add) };
  } catch (thrown) {
    if (thrown instanceof TooLarge) return undefined;
    throw thrown;
  }
}

/** Places a node's states before `next` and gives the first of them. */
function place(node: Node, next: number, add: (state: State) => number): number {
  switch (node.kind) {
    case 'empty':
      return next;
    case 'char':
      return add({ kind: 'char', fits: node.fits, next });
    case 'start':
    case 'end':
      return add({ kind: node.kind, next });
    case 'sequence':
      return node.parts.reduceRight((after, part) => place(part, after, add), next);
    case 'choice':
      return add({ kind: 'fork', to: node.parts.map((part) => place(part, next, add)) });
    case 'repeat':
      return placeRepeat(node.node, node.min, node.max, next, add);
  }
}

function placeRepeat(node: Node, min: number, max: number, next: number, add: (state: State) => number): number {
  let first = next;
  if (max === Number.POSITIVE_INFINITY) {
    const loop: State = { kind: 'fork', to: [] };
    first = add(loop);
    loop.to = [place(node, first, add), next];
  } else {
    for (let optional = min; optional < max; optional++) first = add({ kind: 'fork', to: [place(node, first, add), next] });
  }
  for (let required = 0; required < min; required++) {
    const placed = place(node, first, add);
    // What places nothing, `(){1000}`, places nothing a thousand times either: nested, that would take for ever.
    if (placed === first) break;
    first = placed;
  }
  return first;
}

/** A set of states that paths may be in after some characters, and where it leads to with each character that was met so far. */
interface Place {
  readonly ids: readonly number[];
  readonly next: Map<string, Place>;
  /** Whether the text fits if it ends here. */
  fitsHere: boolean | undefined;
}

/** What a pattern has learnt of itself: the sets of states it met. It forgets all of them when they become too many. */
interface Atlas {
  readonly start: Place;
  readonly places: Map<string, Place>;
}

/** States looked at for one text, beyond which nobody waits: a quarter of a second or so. */
const MAX_STEPS = 500_000;
const MAX_PLACES = 1_000;
/** Characters remembered at one place: texts of many scripts must not fill the memory. */
const MAX_WAYS = 256;

function newAtlas(program: Program): Atlas {
  const places = new Map<string, Place>();
  return { places, start: placeOf(waiting(program, follow(program, [program.first], true, false)), places) };
}

/** Of the states that were reached, those from which a character or the end leads on: the others were only passed through. */
function waiting(program: Program, reached: ReadonlySet<number>): readonly number[] {
  return [...reached].filter((id) => {
    const kind = program.states[id]?.kind;
    return kind === 'char' || kind === 'end' || kind === 'done';
  });
}

function placeOf(ids: readonly number[], places: Map<string, Place>): Place {
  const sorted = ids.toSorted((a, b) => a - b);
  const key = sorted.join();
  const known = places.get(key);
  if (known !== undefined) return known;
  const place: Place = { ids: sorted, next: new Map(), fitsHere: undefined };
  // What is not kept is worked out again: slower, never more.
  if (places.size <= MAX_PLACES) places.set(key, place);
  return place;
}

function run(program: Program, text: string, { start, places }: Atlas): boolean | undefined {
  if (text === '') return follow(program, [program.first], true, true).has(0);
  let present = start;
  let steps = 0;
  for (const char of text) {
    let next = present.next.get(char);
    if (next === undefined) {
      const reached = present.ids.flatMap((id) => {
        const state = program.states[id];
        return state?.kind === 'char' && state.fits(char) ? [state.next] : [];
      });
      const followed = follow(program, reached, false, false);
      steps += present.ids.length + followed.size;
      if (steps > MAX_STEPS) return undefined;
      next = placeOf(waiting(program, followed), places);
      if (present.next.size < MAX_WAYS) present.next.set(char, next);
    }
    if (next.ids.length === 0) return false;
    present = next;
  }
  // States that wait for the end of the text are among those present.
  present.fitsHere ??= follow(program, present.ids, false, true).has(0);
  return present.fitsHere;
}

/** All states reached without reading a character; those that wait for an end that has not come stay where they are. */
function follow(program: Program, from: readonly number[], atStart: boolean, atEnd: boolean): ReadonlySet<number> {
  const seen = new Set<number>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const state = program.states[id];
    if (state?.kind === 'fork') open.push(...state.to);
    else if (state?.kind === 'start' && atStart) open.push(state.next);
    else if (state?.kind === 'end' && atEnd) open.push(state.next);
  }
  return seen;
}
