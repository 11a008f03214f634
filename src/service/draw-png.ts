import { fileURLToPath } from 'node:url';
import { CHART_FONT } from '../charts/message-chart.ts';
import type { DrawPng } from '../engine/chart-memory.ts';
import { glyphFinder } from './glyphs.ts';
import type { Log } from './log.ts';

const FONT = '@expo-google-fonts/open-sans';
const WEIGHTS = ['400Regular/OpenSans_400Regular.ttf', '700Bold/OpenSans_700Bold.ttf'] as const;

/**
 * Draws charts with resvg and a font of their own, which has Latin, Greek, Cyrillic and Hebrew letters; other letters with the fonts of the machine, if it has them.
 * Both are optional packages: where they are missing or do not fit the platform, that is logged once, and messages go without charts.
 */
export function pngDrawer(log: Pick<Log, 'warn'>, load: () => Promise<DrawPng> = loadDrawing): DrawPng {
  let loading: Promise<DrawPng | undefined> | undefined;
  return async (svgWithout, width) => {
    loading ??= load().catch((error: unknown) => {
      log.warn({ err: error }, 'charts cannot be drawn on this machine: messages are sent without charts');
      return undefined;
    });
    return (await loading)?.(svgWithout, width);
  };
}

async function loadDrawing(): Promise<DrawPng> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const fontFiles = WEIGHTS.map((file) => fileURLToPath(import.meta.resolve(`${FONT}/${file}`)));
  const fonts = (from: 'own' | 'machine') => ({
    font: { loadSystemFonts: from === 'machine', fontFiles, defaultFontFamily: CHART_FONT },
  });
  const glyphsOf = glyphFinder((svg, from) => renderAsync(svg, fonts(from)), CHART_FONT);
  return async (svgWithout, width) => {
    const whole = svgWithout(new Set());
    const glyphs = [...(await glyphsOf(whole))];
    const missing = new Set(glyphs.filter(([, source]) => source === 'none').map(([sign]) => sign));
    const svg = missing.size === 0 ? whole : svgWithout(missing);
    // The fonts of a machine are read again for each picture: only for one that needs them.
    const from = glyphs.some(([sign, source]) => source === 'machine' && svg.includes(sign)) ? 'machine' : 'own';
    const image = await renderAsync(svg, { fitTo: { mode: 'width', value: width }, ...fonts(from) });
    return image.asPng();
  };
}
