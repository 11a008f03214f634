import { Type } from 'typebox';
import type { MessageChart } from '../messages/message.ts';

/** The key of destinations that show charts. */
export const CHART_KEY = Type.Optional(
  Type.Boolean({ default: true, description: 'Show a chart of the measured values around the incident.' }),
);

/** The chart of a message as the address of a picture within a page. */
export function pictureUrl({ png }: Pick<MessageChart, 'png'>): string {
  return `data:image/png;base64,${png}`;
}

/** What a payload that is kept has in place of a picture. */
export const NO_PICTURE = '(picture, not kept)';
