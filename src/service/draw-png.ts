import { fileURLToPath } from 'node:url';
import type { DrawPng } from '../engine/chart-memory.ts';
import type { Log } from './log.ts';

const FONT = '@expo-google-fonts/lato';
const WEIGHTS = ['400Regular/Lato_400Regular.ttf', '700Bold/Lato_700Bold.ttf'] as const;

/**
 * Draws charts with resvg and a font of their own, whatever fonts the machine has. Both are optional packages: where they are missing or do not fit the
 * platform, that is logged once, and messages go without charts.
 */
export function pngDrawer(log: Pick<Log, 'warn'>, load: () => Promise<Drawing> = loadDrawing): DrawPng {
  let loading: Promise<Drawing | undefined> | undefined;
  return async (svg, width) => {
    loading ??= load().catch((error: unknown) => {
      log.warn({ err: error }, 'charts cannot be drawn on this machine: messages go without them');
      return undefined;
    });
    return (await loading)?.(svg, width);
  };
}

type Drawing = (svg: string, width: number) => Promise<Uint8Array>;

async function loadDrawing(): Promise<Drawing> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const fontFiles = WEIGHTS.map((file) => fileURLToPath(import.meta.resolve(`${FONT}/${file}`)));
  return async (svg, width) => {
    const image = await renderAsync(svg, {
      fitTo: { mode: 'width', value: width },
      font: { loadSystemFonts: false, fontFiles, defaultFontFamily: 'Lato' },
    });
    return image.asPng();
  };
}
