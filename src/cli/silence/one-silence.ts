import { TocsinError } from '../../core/errors.ts';
import type { Versioned } from '../../core/stored.ts';
import type { KnownSilence, Silences } from '../../notify/silences.ts';

const SHORTEST = 4;

/** Finds the silence with this ID, or the only one whose ID begins so. Throws TocsinError where there is none, or several. */
export async function oneSilence(text: string, silences: Pick<Silences, 'list' | 'get'>): Promise<Versioned<KnownSilence>> {
  const listed = await silences.list(0);
  if (!listed.ok) throw new TocsinError('store/unanswered', `the silences cannot be read: ${listed.message}`);
  const ids = listed.value.map(({ id }) => id);
  const invalid = listed.unreadable?.get(text);
  if (invalid !== undefined) {
    throw new TocsinError('cli/silence', invalid, { hint: 'it suppresses nothing; delete it by hand' });
  }
  const found = ids.includes(text) ? [text] : text.length < SHORTEST ? [] : ids.filter((id) => id.startsWith(text));
  if (found.length !== 1) throw unknown(text, found);
  const read = await silences.get(found[0] ?? '');
  if (!read.ok) throw new TocsinError('store/unanswered', `the silence cannot be read: ${read.message}`);
  if (read.value === undefined) throw unknown(text, []);
  return read.value;
}

function unknown(text: string, found: readonly string[]): TocsinError {
  if (found.length > 1) {
    const message = `${found.length} silences have an ID that begins with ${JSON.stringify(text)}`;
    return new TocsinError('cli/silence', message, { hint: found.slice(0, 5).join(', ') });
  }
  const short = text.length < SHORTEST ? `; the beginning of an ID has at least ${SHORTEST} characters` : '';
  return new TocsinError('cli/silence', `there is no silence ${JSON.stringify(text)}${short}`, {
    hint: '`tocsin silence list --expired` shows all of them',
  });
}
