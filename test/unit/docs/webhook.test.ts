import { describe, expect, test } from 'vitest';
import { webhookBody } from '../../../src/channels/webhook/body.ts';
import { signature } from '../../../src/channels/webhook/webhook.ts';
import { isObject } from '../../../src/core/json.ts';
import { sampleMessage } from '../channels/samples.ts';
import { blocksOf, pages } from './pages.ts';

const blocks = pages()
  .filter(({ file }) => file === 'docs/configuration.md')
  .flatMap(blocksOf);
const blockIn = (info: string) => blocks.find((block) => block.info === info)?.text ?? '';

/** Keys whose own keys are names of fields, labels or values. */
const OPEN = new Set(['group_labels', 'group', 'labels', 'values', 'fields']);

/** The paths of all keys of a value; lists count as their members. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((inner) => pathsOf(inner, path)))];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = `${path}.${key}`;
    return OPEN.has(key) && !Array.isArray(inner) ? [here] : [here, ...pathsOf(inner, here)];
  });
}

describe('what the docs say of webhooks', () => {
  test('shows the keys of a body, all of them', () => {
    const shown = pathsOf(JSON.parse(blockIn('json')));
    const real = pathsOf(webhookBody(sampleMessage()));
    expect([...shown].sort()).toEqual([...real].sort());
  });

  test('verifies a signature in Node', async () => {
    const source = `data:text/javascript,${encodeURIComponent(blockIn('js'))}`;
    const { isGenuine } = (await import(/* @vite-ignore */ source)) as {
      readonly isGenuine: (headers: Readonly<Record<string, string>>, body: string, key: string) => boolean;
    };
    const body = '{"version":1}';
    const headersAt = (seconds: number) => ({
      'x-tocsin-timestamp': String(seconds),
      'x-tocsin-signature': `sha256=${signature(String(seconds), body, 'a shared secret')}`,
    });
    const now = Math.floor(Date.now() / 1_000);
    expect(isGenuine(headersAt(now), body, 'a shared secret')).toBe(true);
    expect(isGenuine(headersAt(now), `${body} `, 'a shared secret')).toBe(false);
    expect(isGenuine(headersAt(now), body, 'another secret')).toBe(false);
    expect(isGenuine(headersAt(now - 3_600), body, 'a shared secret')).toBe(false);
    expect(isGenuine({}, body, 'a shared secret')).toBe(false);
  });
});
