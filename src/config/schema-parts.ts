import { Type } from 'typebox';
import { DURATION_PATTERN } from '../core/duration.ts';

/** A text that is not empty. */
export const keyOfText = (description: string, more: object = {}) => Type.String({ minLength: 1, description, ...more });
/** true or false. */
export const keyOfFlag = (description: string, value: boolean) => Type.Boolean({ description, default: value });
/** A duration such as 5m. */
export const keyOfDuration = (description: string, value?: string) =>
  Type.String({ minLength: 1, pattern: DURATION_PATTERN, description, ...(value === undefined ? {} : { default: value }) });
/** A text, or several. */
export const keyOfTexts = (description: string) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], { description });
/** No other keys. */
export const CLOSED = { additionalProperties: false } as const;
/** A key that may be left out. */
export const optionalKey = Type.Optional;
