type Fields = Readonly<Record<string, unknown>>;

/** A message of Slack as text, as its readers see it: the attachment behind a bar, buttons in brackets. */
export function slackShown(content: Fields): string {
  const blocks = listOf(content['blocks']).flatMap(blockLines);
  const attached = listOf(content['attachments']).flatMap((one) => listOf(one['blocks']).flatMap(blockLines));
  if (blocks.length + attached.length === 0) return mrkdwn(content['text']);
  // Who pressed a button is below the attachment's colour bar in Slack as well.
  return [...blocks.slice(0, 1), ...attached.map((line) => `│ ${line}`.trimEnd()), ...blocks.slice(1)].join('\n');
}

function blockLines(block: Fields): readonly string[] {
  const elements = listOf(block['elements']);
  if (block['type'] === 'actions') return [elements.map((one) => `[${textOf(one['text'])}]`).join(' ')];
  if (block['type'] === 'context') return elements.map(textOf).join(' · ').split('\n');
  return [block['text'], ...listOf(block['fields'])].filter((one) => one !== undefined).flatMap((one) => textOf(one).split('\n'));
}

function textOf(given: unknown): string {
  const { type, text } = (given ?? {}) as Fields;
  return type === 'mrkdwn' ? mrkdwn(text) : String(text);
}

function mrkdwn(text: unknown): string {
  return String(text)
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll('<@U012AB3CD>', '@on-call')
    .replace(/<([^|>]+)\|([^>]*)>/g, '$2')
    .replaceAll('```\n', '')
    .replaceAll('\n```', '')
    .replace(/[*`]/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as readonly Fields[]) : [];
}

/** What a page of an alert says of its state, above its labels and its story. */
export function pageShown(page: string): string {
  const state = /<h1>([\s\S]*?)<table class="state">/.exec(page)?.[1] ?? '';
  return state
    .replace(/<details class="act">[\s\S]*?<button class="main">([^<]*)<[\s\S]*?<\/details>/g, ' [$1] ')
    .replace(/<form[\s\S]*?<button[^>]*>([^<]*)<\/button>[\s\S]*?<\/form>/g, ' [$1] ')
    .replace(/<a class="button[^>]*>([^<]*)<\/a>/g, '[$1] ')
    .replace(/<\/(h1|p|div)>/g, '\n')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .split('\n')
    .map((line) =>
      line
        .replace(/\s+/g, ' ')
        .replace(/ (?=[:,)])/g, '')
        .replace('( ', '(')
        .trim(),
    )
    .filter((line) => line !== '')
    .join('\n');
}
