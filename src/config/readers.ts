import { Type } from 'typebox';
import type { JsonSchema } from '../core/json.ts';
import { isLocale, type ReaderSettings } from '../core/locale.ts';
import { isTimeZone } from '../core/schedule.ts';
import type { Path } from '../yaml/path.ts';
import type { Report } from './report.ts';

/** Keys of receivers and routes: how those who read the messages know numbers and times. */
export const readerKeys = {
  timezone: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'IANA time zone of the readers. Default: that of the route, then that of the rule, then UTC.',
      examples: ['Europe/Berlin'],
    }),
  ),
  locale: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'How the readers write numbers and times. Default: that of the route, then en-GB.',
      examples: ['de-DE', 'en-US'],
    }),
  ),
};

/** The key `mentions` of a receiver. */
export const MENTIONS_SCHEMA: JsonSchema = {
  type: 'object',
  description:
    'People and groups that `{{ mention.NAME }}` in the texts of rules mentions. For Slack: U… for a person, S… for a user group, or here, channel, everyone.',
  propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_-]*$', maxLength: 60 },
  additionalProperties: {
    type: 'string',
    minLength: 1,
    maxLength: 100,
    pattern: '^[^\\s<>|&]+$',
    description: 'An ID, or here.',
  },
  maxProperties: 50,
  examples: [{ oncall: 'S0614TZR7', lead: 'U024BE7LH' }],
};

/** How those who are notified know numbers and times; undefined where nothing is said. Unknown zones and languages are problems. */
export function readReader(
  { timezone, locale, mentions }: ReaderSettings,
  path: Path,
  report: Report,
): ReaderSettings | undefined {
  const isZone = timezone === undefined || isTimeZone(timezone);
  const isTag = locale === undefined || isLocale(locale);
  if (!isZone)
    report.error('config/value', [...path, 'timezone'], `unknown time zone ${JSON.stringify(timezone)}`, 'such as Europe/Berlin');
  if (!isTag) report.error('config/value', [...path, 'locale'], `unknown locale ${JSON.stringify(locale)}`, 'such as de-DE');
  const reader = {
    ...(timezone !== undefined && { timezone }),
    ...(locale !== undefined && { locale }),
    ...(mentions !== undefined && { mentions }),
  };
  return Object.keys(reader).length === 0 || !isZone || !isTag ? undefined : reader;
}
