import { Type } from 'typebox';
import { TocsinError } from '../../core/errors.ts';
import { jsonText } from '../../core/json.ts';
import { boundedMessage } from '../bounded.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { hiding, isTimeout, NOT_STARTED } from '../http-client/answer.ts';
import { textsAt } from '../keys.ts';
import { webhookBody } from '../webhook/body.ts';
import { runProgram } from './run.ts';

/** Which program gets messages. */
interface ExecOptions {
  readonly file: string;
  readonly args: readonly string[];
}

/** EX_TEMPFAIL of sysexits.h: the program asks for another attempt. */
const TRY_AGAIN = 75;

/** A program of this machine, with the JSON of webhooks on its standard input; only one that the machine allows. */
export const execChannel: Channel<ExecOptions> = {
  name: 'exec',
  description:
    'Programs on this machine, with the JSON of webhooks on standard input. Only programs listed in the environment variable TOCSIN_ALLOW_EXEC may run.',
  schema: {
    ...Type.Object(
      {
        command: Type.Array(Type.String({ minLength: 1, maxLength: 4_000 }), {
          ...{ minItems: 1, maxItems: 100, examples: [['/usr/local/bin/notify', '--urgent']] },
          description: 'Absolute path of the program, and its arguments. No shell is used. Exit code 75 requests a retry.',
        }),
      },
      { additionalProperties: false },
    ),
  },
  secrets: [],
  read: (keys) => {
    const [file = '', ...args] = textsAt(keys, 'command');
    if (!file.startsWith('/') || /\0/.test(`${file}${args.join('')}`))
      throw new TocsinError('exec/command', 'command does not begin with an absolute path', { hint: '/usr/local/bin/notify' });
    return { file, args };
  },
  render: (message) => webhookBody(boundedMessage(message)),
  send,
};

async function send(payload: Payload, { file, args }: ExecOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  if (signal.aborted) return NOT_STARTED;
  if (io.programs?.has(file) !== true) {
    const text = `this machine does not allow ${file}: list it in the environment variable TOCSIN_ALLOW_EXEC`;
    return { kind: 'rejected', reason: { kind: 'config', text } };
  }
  const ran = await runProgram({ file, args, env: { PATH: '/usr/local/bin:/usr/bin:/bin' } }, jsonText(payload), signal);
  const shown = (said: string) => (said.trim() === '' ? '' : `: ${hiding()(said)}`);
  if (ran.kind === 'not-started') return { kind: 'rejected', reason: { kind: 'config', text: ran.problem } };
  if (ran.kind === 'killed') {
    const kind = signal.aborted && isTimeout(signal.reason) ? 'timeout' : 'aborted';
    return { kind: 'unknown', reason: { kind, text: `${file} was killed before it ended${shown(ran.said)}` } };
  }
  if (ran.code === 0) return { kind: 'delivered' };
  const text = `${file} ended with exit code ${ran.code}${shown(ran.said)}`;
  return { kind: ran.code === TRY_AGAIN ? 'retry' : 'rejected', reason: { kind: 'client_error', text } };
}
