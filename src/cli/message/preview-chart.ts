import { CHART_SIZE } from '../../charts/message-chart.ts';
import type { DrawPng } from '../../engine/chart-memory.ts';
import type { Message } from '../../messages/message.ts';
import { pngDrawer } from '../../service/draw-png.ts';

/** Charts of messages of which at most one is looked at: drawn when that is known. */
export interface PreviewCharts {
  /** Notes what would be drawn. */
  readonly draw: DrawPng;
  /** The message with its chart as a picture; without one where the machine cannot draw it, which `warn` is called with. */
  drawn(message: Message, warn: (text: string) => void): Promise<Message>;
}

/** Makes the charts of one preview. */
export function previewCharts(): PreviewCharts {
  const noted: Parameters<DrawPng>[0][] = [];
  return {
    draw: async (svgWithout) => Buffer.from(String(noted.push(svgWithout) - 1)),
    drawn: async ({ chart, ...message }, warn) => {
      const svgWithout = chart && noted[Number(Buffer.from(chart.png, 'base64').toString())];
      if (chart === undefined || svgWithout === undefined) return message;
      const draw = pngDrawer({ warn: () => warn('the chart cannot be drawn on this machine: is @resvg/resvg-js installed?') });
      const png = await draw(svgWithout, CHART_SIZE.width * 2);
      return png === undefined ? message : { ...message, chart: { ...chart, png: Buffer.from(png).toString('base64') } };
    },
  };
}
