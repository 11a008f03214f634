import { iso } from '../../../src/core/time.ts';
import { INCIDENT_CONFIG, INCIDENT_RULE } from './files.ts';
import type { IncidentMoment, IncidentScene } from './play.ts';

/** What is said of each moment: a title, the alternative text of its picture, and what happened. */
const WORDS: Readonly<Record<IncidentMoment, { readonly title: string; readonly picture: string; readonly text: string }>> = {
  firing: {
    title: 'It fires',
    picture: 'The page of the alert: it fires',
    text: 'At 12:01, eight requests have failed within a minute. The first message goes to on-call in Slack, with buttons, and to the owner of the service by mail.',
  },
  escalated: {
    title: 'No one acknowledges it: it escalates',
    picture: 'The page of the alert: lead was notified as well',
    text: 'Ten minutes after the first message the lead is notified too, and from now on also of every change and of the recovery.',
  },
  acknowledged: {
    title: 'On-call acknowledges it',
    picture: 'The page of the alert: who acknowledged it, and when',
    text: 'On-call presses *Acknowledge*. Reminders and escalation stop for everyone; the message in the channel, `tocsin alerts` and the page say who has acknowledged it. No new message is sent.',
  },
  silenced: {
    title: 'On-call silences it',
    picture: 'The page of the alert: silenced by whom, until when',
    text: 'The cause is known and a fix takes a while: on-call presses *Silence 1h*. The alert is evaluated as before, and no message is sent about it.',
  },
  'silence-ended': {
    title: 'The silence ends while it still fires',
    picture: 'The page of the alert: no longer silenced, still firing',
    text: 'The hour is over and requests still fail. Everyone who was notified before gets one message that says so, even though the alert is acknowledged.',
  },
  resolved: {
    title: 'It is resolved',
    picture: 'The page of the alert: not active now, with its episode and its messages',
    text: 'Requests no longer fail. After `keep_firing_for` everyone who was notified gets a recovery notification. The message in the channel is marked as resolved, and its buttons are removed.',
  },
};

/** The name of a moment's picture, in docs/images. */
export function pictureName(name: IncidentMoment): string {
  return `incident-${name}.png`;
}

/** docs/incident.md, out of what was played. */
export function incidentPage(scenes: readonly IncidentScene[]): string {
  return `${HEAD}
${scenes.map((scene, index) => section(scene, scenes[index - 1])).join('\n')}
${TAIL}`;
}

const HEAD = `# An incident from start to end

One alert from its first message to its recovery, and what each person sees: on-call in Slack, the lead because no one acknowledges, the owner of the service
by mail, and everyone on the [page](pages.md), in \`tocsin alerts\` and in Alertmanager's API.

These are real messages: the engine sent them over HTTP, SMTP and Slack's Socket Mode to test servers, with a clock that runs faster. A test replays the incident and fails
if this page differs. A heading has the time at which the state below it was recorded, up to three minutes after the event itself. \`npx tsx test/support/incident/draw.ts\` writes this page.

<details><summary>The rule and the configuration</summary>

\`\`\`yaml rule
${INCIDENT_RULE}\`\`\`

\`\`\`yaml config
${INCIDENT_CONFIG}\`\`\`

</details>

| who | is notified |
|---|---|
| on-call | in Slack, from the beginning: [Slack, both ways](slack.md) |
| checkout-owner | by mail, from the beginning: a route with \`continue\` ([configuration](configuration.md)) |
| lead | by mail, when no one has acknowledged it for ten minutes: [escalation](notifying.md#escalation) |
`;

const TAIL = `## Read on

[Silences](silences.md) · [acknowledging, escalation and reminders](notifying.md) · [Slack, both ways](slack.md) · [pages and API](pages.md) ·
[life of an alert](life-of-an-alert.md)
`;

function section(scene: IncidentScene, before: IncidentScene | undefined): string {
  const { title, picture, text } = WORDS[scene.name];
  const image = `images/${pictureName(scene.name)}`;
  const channel = scene.channel === before?.channel ? [] : [`**On-call, in the channel**\n\n${fenced(scene.channel)}`];
  return [
    `## ${iso(scene.at).slice(11, 16)}: ${title}\n\n${text}\n\n[![${picture}](${image})](${image})\n`,
    ...channel,
    ...scene.replies.map((reply) => folded('In the thread of that message', reply)),
    ...scene.mails.map(({ to, subject, text: body }) => folded(`Mail to ${to}: ${subject}`, body)),
    `**\`tocsin alerts\`**\n\n${fenced(scene.alerts)}`,
    `**The page**, and the state in \`/api/v2/alerts\`, which \`amtool\`, Karma and Grafana read\n`,
    fenced(`${scene.page}\n\n${scene.alertmanager === undefined ? 'no alert' : JSON.stringify(scene.alertmanager)}`),
  ].join('\n');
}

function folded(summary: string, text: string): string {
  return `<details><summary>${escaped(summary)}</summary>\n\n${fenced(text)}\n</details>\n`;
}

function fenced(text: string): string {
  const lines = text.trimEnd().split('\n');
  return `\`\`\`text\n${lines.map((line) => line.trimEnd()).join('\n')}\n\`\`\`\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
