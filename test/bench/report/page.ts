/** Puts a text between the marks `<!-- bench NAME -->` and `<!-- end -->` of a page; throws when the page has no such place. */
export function refreshed(page: string, name: string, text: string): string {
  const begin = `<!-- bench ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`the page has no place for the table “${name}”: ${begin} … <!-- end -->`);
  return `${page.slice(0, from + begin.length)}\n${text.trim()}\n${page.slice(to)}`;
}
