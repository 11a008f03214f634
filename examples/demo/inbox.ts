import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Instant } from '../../src/core/time.ts';
import type { DemoMail } from './servers/mail-server.ts';

/** A message that arrived at one of the demo's servers: when (the shop's time), and its file in the output folder. */
export type Arrived = { readonly at: Instant; readonly file: string } & (
  | { readonly kind: 'slack'; readonly message: JsonObject }
  | { readonly kind: 'mail'; readonly mail: DemoMail }
);

/** The messages that arrived, in order of arrival; each is a file of its own as well. */
export interface Inbox {
  readonly arrived: readonly Arrived[];
  takeMail(mail: DemoMail): Promise<void>;
  takeSlack(message: JsonObject): Promise<void>;
}

/** Opens an inbox that keeps its files in `folder`/mails and `folder`/slack; `now` gives the time of arrival. */
export function openInbox(folder: string, now: () => Instant): Inbox {
  const arrived: Arrived[] = [];
  const fileName = (kind: Arrived['kind'], directory: string, ending: string) => {
    const number = arrived.filter((one) => one.kind === kind).length + 1;
    return `${directory}/${String(number).padStart(2, '0')}.${ending}`;
  };
  return {
    arrived,
    takeMail: async (mail) => {
      const file = fileName('mail', 'mails', 'eml');
      arrived.push({ kind: 'mail', at: now(), file, mail });
      await writeFile(join(folder, file), mail.source);
    },
    takeSlack: async (message) => {
      const file = fileName('slack', 'slack', 'json');
      arrived.push({ kind: 'slack', at: now(), file, message });
      await writeFile(join(folder, file), `${JSON.stringify(message, null, 2)}\n`);
    },
  };
}

/** The folder that the demo writes to, and why it is not the one that was asked for, if it is not. */
export interface Output {
  readonly folder: string;
  readonly instead?: string;
}

/** Makes the output folder, without the messages of an earlier demo; a temporary one where the wanted folder cannot be written. */
export async function makeOutput(wanted: string): Promise<Output> {
  try {
    await prepare(wanted);
    return { folder: wanted };
  } catch (thrown) {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-demo-'));
    await prepare(folder);
    return { folder, instead: asError(thrown).message };
  }
}

async function prepare(folder: string): Promise<void> {
  for (const name of ['mails', 'slack']) {
    await rm(join(folder, name), { recursive: true, force: true });
    await mkdir(join(folder, name), { recursive: true });
  }
  // Also a folder of an earlier demo may have lost its rights.
  await writeFile(join(folder, 'index.html'), '');
}
