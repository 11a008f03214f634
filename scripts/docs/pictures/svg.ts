/** Colours of pictures, for light and dark surroundings: a card with a ground of its own, readable wherever it is shown. */
const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ground: ['#ffffff', '#0d1117'],
  frame: ['#d0d7de', '#30363d'],
  text: ['#1f2328', '#e6edf3'],
  faint: ['#59636e', '#9198a1'],
  grid: ['#eaeef2', '#21262d'],
  clear: ['#8ac59b', '#2f6f43'],
  between: ['#e2b340', '#9e7a1c'],
  breach: ['#e5534b', '#da3633'],
  absent: ['#d0d7de', '#30363d'],
  unknown: ['#b8a5e3', '#6e56b3'],
  pending: ['#f2cc60', '#bb8009'],
  firing: ['#e5534b', '#da3633'],
  critical: ['#a40e26', '#ff7b72'],
  recovering: ['#79b8ff', '#388bfd'],
  failure: ['#afb8c1', '#6e7681'],
};

/** The style sheet of a picture: `.fill-NAME` and `.line-NAME`. */
function styleSheet(): string {
  const rules = (which: 0 | 1) =>
    Object.entries(COLOURS)
      .map(([name, pair]) => `.fill-${name}{fill:${pair[which]}}.line-${name}{stroke:${pair[which]}}`)
      .join('');
  const font =
    'text{font:12px -apple-system,"Segoe UI",Helvetica,Arial,sans-serif}.strong{font-weight:600;font-size:13px}.small{font-size:11px}';
  return `<style>${font}${rules(0)}@media (prefers-color-scheme: dark){${rules(1)}}</style>`;
}

/** An element without content. */
export function shape(name: string, attributes: Readonly<Record<string, string | number>>): string {
  return `<${name} ${attributesText(attributes)}/>`;
}

/** A line of text at a point. */
export function words(x: number, y: number, content: string, attributes: Readonly<Record<string, string | number>> = {}): string {
  const all = { x: round(x), y: round(y), class: 'fill-text', ...attributes };
  return `<text ${attributesText(all)}>${escaped(content)}</text>`;
}

/** The whole picture, with a title for those who do not see it. */
export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`;
  const card = shape('rect', { x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 6, class: 'fill-ground line-frame' });
  return `${[head, `<title>${escaped(title)}</title>`, styleSheet(), HATCH, card, ...parts, '</svg>'].join('\n')}\n`;
}

const HATCH =
  '<defs><pattern id="hatch" width="7" height="7" patternTransform="rotate(45)" patternUnits="userSpaceOnUse"><rect width="2.5" height="7" class="fill-problem"/></pattern></defs>';

/** A coordinate without noise in its last digits. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function attributesText(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${typeof value === 'number' ? round(value) : escaped(value)}"`)
    .join(' ');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
