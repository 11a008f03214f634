/** The next step for a text that is grouped by or measured: the field beneath it that keeps its whole values; undefined where the mapping has none. */
export function textFieldHint(text: string, keywords: readonly string[]): string | undefined {
  const usual = `${text}.keyword`;
  const keyword = keywords.includes(usual) ? usual : keywords[0];
  return keyword === undefined ? undefined : `name ${keyword} instead: it has the whole values of the text ${text}`;
}
