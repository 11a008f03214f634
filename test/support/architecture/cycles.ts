/** Circles of a graph, one for each edge that leads back into the path being walked. */
export function cyclesOf(nodes: readonly string[], next: (node: string) => readonly string[]): readonly string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (node: string, trail: readonly string[]): void => {
    if (trail.includes(node)) found.push([...trail.slice(trail.indexOf(node)), node].join(' -> '));
    if (done.has(node) || trail.includes(node)) return;
    for (const other of next(node)) walk(other, [...trail, node]);
    done.add(node);
  };
  for (const node of nodes) walk(node, []);
  return found;
}
