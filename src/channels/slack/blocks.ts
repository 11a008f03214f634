import { bold, joined, SLACK_LIMITS, slackText } from './mrkdwn.ts';

/** A Block Kit text object. */
export type SlackTextObject =
  | { readonly type: 'plain_text'; readonly text: string; readonly emoji: false }
  | { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true };

/** The blocks that messages are made of. */
export type SlackBlock =
  | { readonly type: 'header'; readonly text: SlackTextObject }
  | { readonly type: 'section'; readonly text: SlackTextObject }
  | { readonly type: 'section'; readonly fields: readonly SlackTextObject[] }
  | { readonly type: 'context'; readonly elements: readonly SlackTextObject[] }
  | { readonly type: 'divider' }
  | { readonly type: 'actions'; readonly block_id: string; readonly elements: readonly SlackButton[] };

/** A button that asks the app to do something. */
export type SlackButton = {
  readonly type: 'button';
  readonly text: SlackTextObject;
  readonly action_id: string;
  readonly value: string;
};

/** Text in which Slack reads no formatting at all: the place for titles and texts that may hold what documents say. */
export function plain(text: string, limit: number): SlackTextObject {
  return { type: 'plain_text', text: slackText(text, limit), emoji: false };
}

/** Text that is already mrkdwn; `verbatim` keeps Slack from making links and mentions of its own. */
export function mrkdwn(text: string): SlackTextObject {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** The large first line. */
export function header(text: string): SlackBlock {
  return { type: 'header', text: plain(text, SLACK_LIMITS.header) };
}

/** A paragraph. */
export function section(text: SlackTextObject): SlackBlock {
  return { type: 'section', text };
}

/** A small grey line; joins mrkdwn parts with dots as far as they fit whole, for a cut mrkdwn could end within a link. */
export function context(parts: readonly string[]): SlackBlock {
  return { type: 'context', elements: [mrkdwn(joined(parts, ' · ', SLACK_LIMITS.field))] };
}

/** Two columns of `label` over `value`, ten at a time. */
export function fieldSections(fields: readonly { readonly label: string; readonly value: string }[]): readonly SlackBlock[] {
  const objects = fields.map(({ label, value }) => mrkdwn(`${bold(label)}\n${value}`));
  const rows: SlackBlock[] = [];
  for (let at = 0; at < objects.length; at += SLACK_LIMITS.fields) {
    rows.push({ type: 'section', fields: objects.slice(at, at + SLACK_LIMITS.fields) });
  }
  return rows;
}
