import type { Probed } from '../channel.ts';
import { hidingLogin } from './hiding-login.ts';
import type { EmailOptions } from './options.ts';
import { noAnswer, serverOf, smtpOutcome } from './outcome.ts';
import { connectionTo } from './smtp.ts';

/** Talks to the SMTP server as far as a mail would, up to the login, and says goodbye: no mail is begun. */
export async function greet(options: EmailOptions, signal: AbortSignal): Promise<Probed> {
  const hide = hidingLogin(options);
  const connection = await connectionTo(options);
  return new Promise((resolve) => {
    let settled = false;
    const settle = (probed: Probed) => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', abort);
      connection.close();
      resolve(probed);
    };
    const fail = (error: Error) => {
      const outcome = smtpOutcome(
        { kind: 'failed', error, handedOver: false },
        { receipt: {}, to: [], server: serverOf(options) },
        signal,
        hide,
      );
      settle({
        ok: false,
        reason: outcome.kind === 'delivered' ? { kind: 'network', text: hide(error.message) } : outcome.reason,
      });
    };
    const abort = () => settle({ ok: false, reason: { kind: 'timeout', text: noAnswer(serverOf(options), signal.reason) } });
    const welcome = () => {
      const greeted = `${options.host}:${options.port} ${connection.secure ? 'greets over TLS' : 'greets without TLS'}`;
      connection.quit();
      settle({ ok: true, what: `${greeted}${options.auth === undefined ? '' : ' and accepts the login'}` });
    };
    connection.on('error', fail);
    connection.on('end', () => fail(new Error('the server closed the connection')));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) return abort();
    connection.connect((error) => {
      if (error !== undefined) return fail(error);
      if (options.auth === undefined) return welcome();
      connection.login({ user: options.auth.username, pass: options.auth.password.reveal() }, (denied) =>
        denied === null ? welcome() : fail(denied),
      );
    });
  });
}
