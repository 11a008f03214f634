import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { incidentPage, pictureName } from '../../support/incident/page.ts';
import { playIncident } from '../../support/incident/play.ts';
import { ROOT } from './pages.ts';

test('docs/incident.md shows what is sent: each message goes to those who are to get it, and no other is sent', async () => {
  const scenes = await playIncident();
  const sent = scenes.map(({ name, replies, mails }) => [name, replies.length, mails.map(({ to }) => to.split('@')[0]).sort()]);
  expect(sent).toEqual([
    ['firing', 1, ['checkout-owner']],
    ['escalated', 0, ['lead']],
    ['acknowledged', 1, []],
    ['silenced', 1, []],
    ['silence-ended', 1, ['checkout-owner', 'lead']],
    ['resolved', 1, ['checkout-owner', 'lead']],
  ]);
  for (const { name } of scenes) expect(existsSync(join(ROOT, 'docs/images', pictureName(name))), name).toBe(true);
  const page = readFileSync(join(ROOT, 'docs/incident.md'), 'utf8');
  expect(page, 'npx tsx test/support/incident/draw.ts writes it').toBe(incidentPage(scenes));
});
