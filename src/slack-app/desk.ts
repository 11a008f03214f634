import type { NamedEpisode } from '../channels/slack/buttons.ts';
import type { Instant } from '../core/time.ts';
import type { ReportedAlert } from '../engine/alert-list/alert-list.ts';
import type { Matcher } from '../routing/route.ts';

/** The outcome of a change. `repeated`: it was made before, by another delivery of the same event. */
export type Changed =
  | { readonly kind: 'done' | 'repeated'; readonly alerts: readonly ReportedAlert[] }
  | { readonly kind: 'refused'; readonly message: string; readonly hint?: string };

/** A silence that someone in Slack asks for; the ID is the same for each delivery of the event. */
interface SlackSilence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly until: Instant;
  readonly by: string;
  readonly comment: string;
}

/** What the app does with alerts; nothing of it rejects. */
export interface SlackDesk {
  /** What fires, and why that may be incomplete. */
  firing(): Promise<{ readonly alerts: readonly ReportedAlert[]; readonly problem?: string }>;
  /** Those of these episodes that still fire. */
  find(episodes: readonly NamedEpisode[]): Promise<Changed>;
  acknowledge(episodes: readonly NamedEpisode[], by: string, comment: string): Promise<Changed>;
  silence(silence: SlackSilence): Promise<Changed>;
  /** The short story of an alert. */
  explain(alert: ReportedAlert): Promise<string>;
  /** The time zone that a receiver's readers have, by the configuration. */
  timezoneOf(receiver: string): string | undefined;
}

/** The outcome of an interaction, a label of metrics. */
export type SlackOutcome = 'done' | 'refused' | 'failed' | 'ignored';
