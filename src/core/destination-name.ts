/** A destination as people read it, such as `oncall/slack`: its id without the position where it is the first of its channel. */
export function destinationName(id: string): string {
  return id.replace(/^([^/]+\/[^/]+)\/0$/, '$1');
}
