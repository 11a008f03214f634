import type { Position } from '../core/problems.ts';
import type { Path } from './path.ts';

/** A YAML document as data, with the position of each key and value. */
export interface YamlDocument {
  /** The file that contains the document. */
  readonly file: string;
  readonly value: unknown;
  /** Where a key or its value begins; a path that does not exist gives the nearest place above it. */
  place(path: Path, part?: 'key' | 'value'): Position;
  /** The value at a path as it is written, where that is a word without quotes; undefined for all else. */
  written(path: Path): string | undefined;
  /** Where a character of the text at a path is written, from its 0-based offset in the text. */
  placeInText(path: Path, offset: number): Position;
}
