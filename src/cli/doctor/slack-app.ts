import { type SlackSaid, slackReason, slackWebApi } from '../../channels/slack/web-api.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { openedAt } from '../../slack-app/address.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { error, good, note } from './check-result.ts';

/**
 * Whether the Slack app can connect: its bot token is asked who it is, and its app-level token for the address of a connection. None is opened: Slack would
 * send events to it, which a running replica then did not get.
 */
export const slackAppCheck: DoctorCheck = {
  name: 'slack-app',
  title: 'Slack app',
  needs: 'nothing',
  limit: SHORT,
  run: async ({ config, fetch, now }, signal): Promise<readonly CheckResult[]> => {
    const { slackApp } = config;
    if (slackApp === undefined) return [note('Slack app', 'is not configured: messages in Slack have no buttons')];
    const { url, http, appToken, botToken } = slackApp;
    const ask = (token: typeof appToken, method: string): Promise<SlackSaid> =>
      slackWebApi({ url, http, token }, { fetch, now }, signal).call(method, {});
    const [bot, opened] = await Promise.all([ask(botToken, 'auth.test'), ask(appToken, 'apps.connections.open')]);
    const address = openedAt(opened, url);
    return [
      bot.ok
        ? good('bot token', 'accepted by Slack')
        : failure(
            'bot token',
            slackReason(bot.outcome).text,
            'install the app to the workspace, and copy the token under "OAuth & Permissions"',
          ),
      address.ok
        ? good('app-level token', 'Slack offers a connection; `tocsin run` opens it')
        : failure(
            'app-level token',
            address.problem,
            'switch on Socket Mode, and create a token with the scope connections:write under "Basic Information"',
          ),
    ];
  },
};

function failure(subject: string, found: string, fix: string): CheckResult {
  return error(subject, { found, expected: 'a token that Slack accepts', fix });
}
