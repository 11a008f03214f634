/** How readers of a message write numbers and times: a BCP 47 tag such as `de-DE`. */
export type Locale = string;

/** English with the day before the month and 24 hours: what is used where nothing else is configured. */
export const DEFAULT_LOCALE: Locale = 'en-GB';

/** How the readers of a message know numbers and times. */
export interface ReaderSettings {
  /** IANA time zone. */
  readonly timezone?: string;
  readonly locale?: Locale;
  /** Who can be mentioned by name, as the destinations of the receiver know them. */
  readonly mentions?: Readonly<Record<string, string>>;
}

/** Says whether a text is the tag of a language, which need not be known. */
export function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

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
