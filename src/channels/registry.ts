import { alertmanagerChannel } from './alertmanager/alertmanager.ts';
import { appriseChannel } from './apprise/apprise.ts';
import type { Channel } from './channel.ts';
import { consoleChannel } from './console/console.ts';
import { discordChannel } from './discord/discord.ts';
import { emailChannel } from './email/email.ts';
import { execChannel } from './exec/exec.ts';
import { githubChannel } from './github/github.ts';
import { gitlabChannel } from './gitlab/gitlab.ts';
import { googleChatChannel } from './google-chat/google-chat.ts';
import { httpChannel } from './http/http.ts';
import { jiraChannel } from './jira/jira.ts';
import { matrixChannel } from './matrix/matrix.ts';
import { mattermostChannel } from './mattermost/mattermost.ts';
import { ntfyChannel } from './ntfy/ntfy.ts';
import { opsgenieChannel } from './opsgenie/opsgenie.ts';
import { pagerDutyChannel } from './pagerduty/pagerduty.ts';
import { pushoverChannel } from './pushover/pushover.ts';
import { rocketChatChannel } from './rocketchat/rocketchat.ts';
import { serviceNowChannel } from './servicenow/servicenow.ts';
import { slackChannel } from './slack/slack.ts';
import { snsChannel } from './sns/sns.ts';
import { teamsChannel } from './teams/teams.ts';
import { telegramChannel } from './telegram/telegram.ts';
import { theHiveChannel } from './thehive/thehive.ts';
import { twilioChannel } from './twilio/twilio.ts';
import { webhookChannel } from './webhook/webhook.ts';

const registered = {
  slack: slackChannel,
  email: emailChannel,
  webhook: webhookChannel,
  pagerduty: pagerDutyChannel,
  msteamsv2: teamsChannel,
  opsgenie: opsgenieChannel,
  discord: discordChannel,
  telegram: telegramChannel,
  mattermost: mattermostChannel,
  rocketchat: rocketChatChannel,
  google_chat: googleChatChannel,
  ntfy: ntfyChannel,
  alertmanager: alertmanagerChannel,
  http: httpChannel,
  matrix: matrixChannel,
  pushover: pushoverChannel,
  github: githubChannel,
  gitlab: gitlabChannel,
  jira: jiraChannel,
  servicenow: serviceNowChannel,
  thehive: theHiveChannel,
  twilio: twilioChannel,
  sns: snsChannel,
  apprise: appriseChannel,
  exec: execChannel,
  console: consoleChannel,
} satisfies Record<string, Channel<unknown>>;

/** All kinds of destinations by name. Options are validated and read by the channel itself before they come back to it, so they pass as unknown. */
export const channels: Readonly<Record<string, Channel<unknown>>> = registered;
