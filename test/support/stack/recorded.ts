import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Notified } from './on-call.ts';

/** Where messages of the last run lie, for the pictures in the documentation and for whoever wants to look. */
export const RECORDED = path.resolve(import.meta.dirname, '../../../.cache/stack-messages');

/** Keeps the messages of one story. */
export async function record(way: string, story: string, messages: readonly Notified[]): Promise<void> {
  await mkdir(RECORDED, { recursive: true });
  await writeFile(path.join(RECORDED, `${way}-${story}.json`), JSON.stringify(messages, null, 2));
}
