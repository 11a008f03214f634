import { Type } from 'typebox';
import type { JsonSchema } from '../../core/json.ts';

/** The console has no options. */
export type ConsoleOptions = Readonly<Record<string, never>>;

/** Keys of one entry of `console_configs`: none. */
export const consoleSchema: JsonSchema = { ...Type.Object({}, { additionalProperties: false }) };
