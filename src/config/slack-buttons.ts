import type { SlackOptions } from '../channels/slack/options.ts';
import type { DestinationConfig } from './config.ts';
import type { Report } from './report.ts';
import type { SlackAppConfig } from './slack-app.ts';

const PATH = ['slack_app'];

/**
 * The destinations, those of the app's own bot with buttons: what is pressed in a message goes to the app that has posted it. Warns where none is.
 */
export function withSlackButtons(
  destinations: ReadonlyMap<string, DestinationConfig>,
  app: SlackAppConfig | undefined,
  report: Report,
): ReadonlyMap<string, DestinationConfig> {
  if (app === undefined) return destinations;
  const token = app.botToken.reveal();
  const made = [...destinations].map(([id, one]) => [id, withButtonsBy(one, token)] as const);
  if (made.every(([id, one]) => one === destinations.get(id)))
    report.warning(
      'config/slack-app',
      PATH,
      'no slack_configs has the bot token of slack_app: no message has buttons',
      'use the same bot_token_file in slack_configs',
    );
  return new Map(made);
}

function withButtonsBy(config: DestinationConfig, token: string): DestinationConfig {
  if (config.channel !== 'slack') return config;
  const options = config.options as SlackOptions;
  if (options.app?.token.reveal() !== token) return config;
  return { ...config, options: { ...options, app: { ...options.app, buttons: true } } satisfies SlackOptions };
}
