import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runDemo } from '../../../examples/demo/demo.ts';
import { fakeCommandLine } from '../cli/fake-command-line.ts';
import { inBrowser, withCircles } from './browser.ts';

/** The picture of the demo's page in the documentation. Draw it again with `npx tsx test/support/demo/draw.ts`. */
const PICTURE = path.resolve(import.meta.dirname, '../../../docs/images/demo.png');
const NOON = Date.parse('2026-01-01T12:00:00.000Z');

const folder = await mkdtemp(path.join(tmpdir(), 'tocsin-demo-picture-'));
const { line } = fakeCommandLine();
await runDemo(line, { output: folder, speed: Number.POSITIVE_INFINITY, color: false, start: NOON });
const html = withCircles(await readFile(path.join(folder, 'index.html'), 'utf8'));
await inBrowser(html, { width: 1280, height: 800 }, (page) => page.screenshot({ path: PICTURE }));
await rm(folder, { recursive: true });
