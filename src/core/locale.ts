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
