import type { BigIntStats } from 'node:fs';
import type { SourceFile } from '../yaml/parse.ts';

/** A text that an earlier look has read. */
export interface KnownText {
  readonly source: SourceFile;
  /** What the system said of the file before it was read. */
  readonly stamp: string;
  /** Whether it was read again although its stamp had not changed: two writes within one tick of the system's clock have one stamp. */
  readonly settled: boolean;
}

/** Texts by path. */
export type KnownTexts = ReadonlyMap<string, KnownText>;

/**
 * Returns the known content of an unchanged file, otherwise reads it; undefined when it cannot be read. A file that has changed is
 * read at the next look as well.
 */
export async function readKnown(
  found: BigIntStats,
  known: KnownText | undefined,
  read: () => Promise<SourceFile | undefined>,
): Promise<KnownText | undefined> {
  const stamp = [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join();
  const same = known?.stamp === stamp;
  if (same && known.settled) return known;
  const source = await read();
  if (source === undefined) return undefined;
  return { source: same && known.source.text === source.text ? known.source : source, stamp, settled: same };
}
