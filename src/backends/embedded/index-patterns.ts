import { nameTest } from '../../core/glob.ts';

/** Which indices a source names. */
export interface IndexPatterns {
  matches(index: string): boolean;
  /** Names without a wildcard, which must exist. */
  readonly concrete: readonly string[];
}

/**
 * Reads what a search takes for its indices: names, `*` patterns, comma lists, exclusions with `-`, and `cluster:pattern`, where the local
 * cluster and each remote one are searched only when named. Hidden indices need a pattern that begins with a dot. The order counts, as in
 * Elasticsearch: an exclusion removes from the names before it. Undefined when it holds date math, which is not understood here.
 */
export function indexPatterns(indices: readonly string[]): IndexPatterns | undefined {
  const parts = indices
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (parts.some((part) => part.startsWith('<') || part.startsWith('-<'))) return undefined;
  const steps = parts.map((part, at) => {
    const excludes = at > 0 && /^(?:[^:]+:)?-/.test(part);
    return { excludes, matches: nameMatcher(excludes ? part.replace(/^([^:]+:)?-/, '$1') : part) };
  });
  const known = new Map<string, boolean>();
  return {
    concrete: parts.filter((part, at) => !part.includes('*') && !steps[at]?.excludes && part !== '_all'),
    matches: (index) => {
      const decided = known.get(index);
      if (decided !== undefined) return decided;
      const matches = steps.reduce((taken, step) => (step.matches(index) ? !step.excludes : taken), false);
      known.set(index, matches);
      return matches;
    },
  };
}

function nameMatcher(pattern: string): (index: string) => boolean {
  const [cluster, name] = splitCluster(pattern === '_all' ? '*' : pattern);
  const inCluster = cluster === undefined ? (remote: string | undefined) => remote === undefined : remoteMatcher(cluster);
  const glob = nameTest(name);
  const hidden = name.startsWith('.') || !name.includes('*');
  return (index) => {
    const [remote, local] = splitCluster(index);
    return inCluster(remote) && (hidden || !local.startsWith('.')) && glob(local);
  };
}

function remoteMatcher(pattern: string): (cluster: string | undefined) => boolean {
  const glob = nameTest(pattern);
  return (cluster) => cluster !== undefined && glob(cluster);
}

function splitCluster(name: string): readonly [string | undefined, string] {
  const colon = name.indexOf(':');
  return colon < 0 ? [undefined, name] : [name.slice(0, colon), name.slice(colon + 1)];
}
