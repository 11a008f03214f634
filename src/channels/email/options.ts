import addressparser from 'nodemailer/lib/addressparser';
import { Type } from 'typebox';
import { TocsinError } from '../../core/errors.ts';
import type { JsonSchema } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import { visible } from '../../core/visible.ts';
import { CHART_KEY } from '../chart-key.ts';
import { type OptionKeys, secretAt } from '../keys.ts';

/** One address with its display name, as the header and the envelope need it. */
export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

/** Where a mail goes and through which server. */
export interface EmailOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS, which `requireTls` insists on. */
  readonly implicitTls: boolean;
  readonly requireTls: boolean;
  readonly verifyCertificate: boolean;
  readonly ca: string | undefined;
  readonly hello: string | undefined;
  readonly auth: { readonly username: string; readonly password: Secret } | undefined;
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  /** Recipients whom the others do not see. */
  readonly bcc: readonly MailAddress[];
  readonly replyTo: MailAddress | undefined;
  readonly chart: boolean;
}

const addresses = (description: string) =>
  Type.Union([Type.String({ minLength: 3 }), Type.Array(Type.String({ minLength: 3 }), { minItems: 1, maxItems: 100 })], {
    description,
    examples: ['ops@example.com'],
  });

/** Keys of one entry of `email_configs`, named as in Alertmanager. */
export const emailSchema: JsonSchema = {
  ...Type.Object(
    {
      smarthost: Type.String({
        pattern: '^(?:\\[[0-9A-Fa-f:.]+\\]|[^\\s:/]+):\\d{1,5}$',
        description: 'SMTP server as host:port, such as smtp.example.com:587.',
        examples: ['smtp.example.com:587'],
      }),
      from: Type.String({
        minLength: 3,
        description: 'Sender: tocsin@example.com, or Tocsin <tocsin@example.com>.',
        examples: ['tocsin@example.com'],
      }),
      to: addresses('Recipients: a list, or one string separated by commas.'),
      cc: Type.Optional(addresses('Recipients of a copy: a list, or one string separated by commas.')),
      bcc: Type.Optional(addresses('Recipients of a blind copy: a list, or one string separated by commas.')),
      reply_to: Type.Optional(Type.String({ minLength: 3, description: 'Address for replies.', examples: ['ops@example.com'] })),
      auth_username: Type.Optional(Type.String({ minLength: 1, description: 'User name at the SMTP server.' })),
      auth_password: Type.Optional(Type.String({ minLength: 1, description: 'Password at the SMTP server.' })),
      require_tls: Type.Optional(
        Type.Boolean({ default: true, description: 'Refuse to send without TLS; false: use STARTTLS if the server offers it.' }),
      ),
      implicit_tls: Type.Optional(
        Type.Boolean({ description: 'TLS from the first byte (SMTPS) instead of STARTTLS; on by default for port 465.' }),
      ),
      verify_certificate: Type.Optional(Type.Boolean({ default: true, description: "Check the server's certificate and name." })),
      ca: Type.Optional(Type.String({ minLength: 1, description: 'PEM text of the CA that signed the certificate.' })),
      chart: CHART_KEY,
      hello: Type.Optional(
        Type.String({ pattern: '^[A-Za-z0-9.:\\[\\]-]+$', description: 'Host name to greet the server with.' }),
      ),
    },
    { additionalProperties: false },
  ),
};

/** Reads the keys of one entry of `email_configs`; throws TocsinError for an address or a combination that cannot work. */
export function readEmailOptions(keys: OptionKeys): EmailOptions {
  const smarthost = String(keys['smarthost']);
  const colon = smarthost.lastIndexOf(':');
  const port = Number(smarthost.slice(colon + 1));
  if (!(port > 0 && port < 65_536))
    throw new TocsinError('email/smarthost', `invalid port: ${port}`, { hint: '587, or 465 for implicit TLS' });
  const replyTo = keys['reply_to'] === undefined ? undefined : oneAddress('reply_to', keys['reply_to']);
  return {
    host: smarthost.slice(0, colon).replace(/^\[|\]$/g, ''),
    port,
    implicitTls: keys['implicit_tls'] === undefined ? port === 465 : keys['implicit_tls'] === true,
    requireTls: keys['require_tls'] !== false,
    verifyCertificate: keys['verify_certificate'] !== false,
    ca: typeof keys['ca'] === 'string' ? keys['ca'] : secretAt(keys, 'ca')?.reveal(),
    hello: keys['hello'] === undefined ? undefined : String(keys['hello']),
    auth: readAuth(keys),
    from: oneAddress('from', keys['from']),
    to: manyAddresses('to', keys['to']),
    cc: keys['cc'] === undefined ? [] : manyAddresses('cc', keys['cc']),
    bcc: keys['bcc'] === undefined ? [] : manyAddresses('bcc', keys['bcc']),
    replyTo,
    chart: keys['chart'] !== false,
  };
}

function readAuth(keys: OptionKeys): EmailOptions['auth'] {
  const username = keys['auth_username'];
  const password = secretAt(keys, 'auth_password');
  if (username === undefined && password === undefined) return undefined;
  if (typeof username !== 'string' || password === undefined) {
    throw new TocsinError('email/auth', 'auth_username and auth_password require each other', { hint: 'set both, or neither' });
  }
  return { username, password };
}

function oneAddress(key: string, value: unknown): MailAddress {
  const [first, second] = manyAddresses(key, value);
  if (first === undefined || second !== undefined) throw new TocsinError('email/address', `${key} takes one address`);
  return first;
}

function manyAddresses(key: string, value: unknown): readonly MailAddress[] {
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  return texts.flatMap((text) => {
    const parsed = addressparser(text, { flatten: true }).map(({ name, address }) => ({
      name: name ?? '',
      address: address ?? '',
    }));
    const bad =
      /\p{Cc}/u.test(text) || parsed.length === 0 || parsed.some(({ name, address }) => !isAddress(address) || isDeceptive(name));
    if (bad)
      throw new TocsinError('email/address', `invalid e-mail address in ${key}: ${JSON.stringify(text.slice(0, 80))}`, {
        hint: 'name@example.com',
      });
    return parsed;
  });
}

/** A name that a client would show differently: something is not seen, or looks like an encoded word. */
function isDeceptive(name: string): boolean {
  return visible(name) !== name || /[\n\t]|=\?/.test(name);
}

function isAddress(address: string): boolean {
  return address.length <= 254 && /^[^\s@<>()[\],;:\\"\p{Cc}]+@[^\s@<>()[\],;:\\"\p{Cc}]+$/u.test(address);
}
