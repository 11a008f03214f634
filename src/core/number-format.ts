/** Formats that were asked for: making one costs a hundred times as much as using it. */
const formats = new Map<string, Intl.NumberFormat>();

/** A number as people of a locale write it, with at most and at least so many decimals. */
export function localNumber(value: number, locale: string, most: number, least = 0): string {
  const key = `${locale} ${most} ${least}`;
  const known = formats.get(key);
  if (known !== undefined) return known.format(value);
  const made = new Intl.NumberFormat(locale, { maximumFractionDigits: most, minimumFractionDigits: least });
  formats.set(key, made);
  return made.format(value);
}
