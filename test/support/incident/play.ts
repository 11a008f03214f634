import type { Instant } from '../../../src/core/time.ts';
import { alertsText } from '../../../src/reports/alerts-text.ts';
import { pageShown, slackShown } from './shown.ts';
import { incidentStage } from './stage.ts';

const MINUTE = 60_000;
/** When the play begins. */
const INCIDENT_START: Instant = Date.parse('2026-01-12T12:00:00.000Z');

/** Moments of the incident: the minute until which it is played, requests that fail in each minute, and what someone presses then. */
const MOMENTS = [
  { name: 'firing', minute: 3, errors: 8 },
  { name: 'escalated', minute: 13, errors: 8 },
  { name: 'acknowledged', minute: 14, errors: 8, press: 'acknowledge' },
  { name: 'silenced', minute: 35, errors: 8, press: 'silence_1h' },
  { name: 'silence-ended', minute: 97, errors: 8 },
  { name: 'resolved', minute: 108, errors: 0 },
] as const;

/** The name of a moment, which its picture has too. */
export type IncidentMoment = (typeof MOMENTS)[number]['name'];

/** What there is to be seen at a moment. What is new is what came since the moment before it. */
export interface IncidentScene {
  readonly name: IncidentMoment;
  readonly at: Instant;
  /** The message in the channel as it is now, and what is new in its thread. */
  readonly channel: string;
  readonly replies: readonly string[];
  readonly mails: readonly { readonly to: string; readonly subject: string; readonly text: string }[];
  readonly alerts: string;
  /** The state in Alertmanager's API: of the alert, undefined where there is none. */
  readonly alertmanager: unknown;
  readonly page: string;
}

/** Plays the incident. `look` is called at each moment, with the address of the alert's page. */
export async function playIncident(
  program?: string,
  look: (name: IncidentMoment, page: string, scene: IncidentScene) => Promise<void> = async () => undefined,
): Promise<readonly IncidentScene[]> {
  await using stage = await incidentStage(INCIDENT_START, program);
  const { slack, mail } = stage;
  const scenes: IncidentScene[] = [];
  let [posts, mails] = [0, 0];
  let id = '';
  for (const moment of MOMENTS) {
    // A button is pressed when the minute begins; what follows is seen at its end.
    const isPressed = 'press' in moment;
    await stage.playTo(INCIDENT_START + (moment.minute - (isPressed ? 1 : 0)) * MINUTE, moment.errors);
    if (isPressed) {
      await stage.press(moment.press);
      await stage.playTo(INCIDENT_START + moment.minute * MINUTE, moment.errors);
    }
    const report = await stage.report();
    id ||= report.alerts[0]?.id ?? '';
    const address = `${stage.url}/alerts/${id}`;
    const [present] = (await (await fetch(`${stage.url}/api/v2/alerts`)).json()) as { readonly status: unknown }[];
    const scene: IncidentScene = {
      ...{ name: moment.name, at: stage.now() },
      channel: slackShown(slack.posts[0]?.content ?? {}),
      replies: slack.posts.slice(Math.max(1, posts)).map(({ content }) => slackShown(content)),
      mails: mail.mails.slice(mails).map(({ to, subject, text }) => ({ to, subject, text: text.trim() })),
      alerts: alertsText(report, { color: false, columns: 170 }),
      ...{ alertmanager: present?.status, page: pageShown(await (await fetch(address)).text()) },
    };
    [posts, mails] = [slack.posts.length, mail.mails.length];
    scenes.push(scene);
    await look(moment.name, address, scene);
  }
  return scenes;
}
