import { type Static, type TObject, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox';
import type { Json } from '../core/json.ts';
import { DAY, LAST_INSTANT } from '../core/time.ts';

/**
 * The words that the schemas of stored documents are made of. Everything is bounded: a number that no date can hold, or a list without end, was
 * not written by Tocsin, and would stop the code that reads it. Members that a schema does not name are allowed: a newer minor version may have
 * written them.
 */

const YEAR_1 = -62_135_596_800_000;
const CENTURY = 100 * 366 * DAY;
const MOST_MEMBERS = 1_000_000;
const LONGEST_NAME = 40_000;
const LONGEST_TEXT = 2_000_000;

/** A point in time, ms since 1970, in the years that every date can hold. */
export const instant = Type.Number({ minimum: YEAR_1, maximum: LAST_INSTANT });

/** A length of time, ms, of at most a century. */
export const duration = Type.Number({ minimum: 0, maximum: CENTURY });

/** A number of things, or the number of one. */
export const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Yes or no. */
export const flag = Type.Boolean();

/** An id, a name, a label's value or the value of a group's field. */
export const name = Type.String({ maxLength: LONGEST_NAME });

/** A text for people. */
export const text = Type.String({ maxLength: LONGEST_TEXT });

/** A value of a field. */
export const scalar = Type.Union([Type.Number(), text, flag]);

/** Any JSON. */
export const json = Type.Unsafe<Json>({});

/** An object with these members, and others that are not known here. */
export function members<P extends TProperties>(properties: P): TUnsafe<Readonly<Static<TObject<P>>>> {
  return Type.Unsafe(Type.Object(properties));
}

/** The same schema with what the member means, for the reference of stored documents. */
export function about<S extends TSchema>(description: string, schema: S): S {
  return withMember(schema, 'description', description);
}

/** The same schema with a name, under which the reference of stored documents shows it once, however often it occurs. */
export function titled<S extends TSchema>(title: string, schema: S): S {
  return withMember(schema, 'title', title);
}

/** The schema library keeps some of what it knows in members that are not enumerable. */
function withMember<S extends TSchema>(schema: S, name: string, value: string): S {
  const members = { ...Object.getOwnPropertyDescriptors(schema), [name]: { value, enumerable: true } };
  return Object.defineProperties({}, members) as S;
}

/** A value, or null. */
export function nullable<S extends TSchema>(of: S): TUnsafe<Static<S> | null> {
  return Type.Unsafe(Type.Union([of, Type.Null()]));
}

/** A list of at most a million values. */
export function list<S extends TSchema>(of: S): TUnsafe<readonly Static<S>[]> {
  return Type.Unsafe(Type.Array(of, { maxItems: MOST_MEMBERS }));
}

/** Values by names that only the data knows. */
export function dictionary<S extends TSchema>(of: S): TUnsafe<Readonly<Record<string, Static<S>>>> {
  return Type.Unsafe({ type: 'object', additionalProperties: of, maxProperties: MOST_MEMBERS });
}

/** One of these words. */
export function oneOf<const W extends string>(...words: readonly W[]): TUnsafe<W> {
  return Type.Unsafe({ type: 'string', enum: words });
}

/** A range of time. */
export const range = members({ from: instant, to: instant });

/** Values of a group's fields; null where a document has none. */
export const group = dictionary(nullable(name));

/** Labels of an alert. */
export const labels = dictionary(name);
