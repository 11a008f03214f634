import type { FailureReason } from '../../channels/channel.ts';

/** What advice about one destination knows of it: the keys that its entry in tocsin.yaml may have, and whether it begins with TLS. */
export interface AdvisedDestination {
  readonly keys: ReadonlySet<string>;
  readonly implicitTls: boolean;
}

/** The next step after a failure of a destination, in keys that it has; it fits what the server did. */
export function receiverAdvice({ kind, text }: FailureReason, destination: AdvisedDestination): string {
  const { keys } = destination;
  if (NO_TLS.test(text)) return tlsAdvice(text, destination);
  switch (kind) {
    case 'tls':
      return tlsAdvice(text, destination);
    case 'timeout':
      return keys.has('implicit_tls') && !destination.implicitTls
        ? `${CONNECT}; where the server begins with TLS, as on port 465: implicit_tls: true`
        : CONNECT;
    case 'unauthorized':
      if (keys.has('auth_password_file')) return 'auth_username and auth_password_file: the server does not take what they hold';
      if (keys.has('bearer_token_file')) return 'bearer_token_file: the server does not take what it holds';
      return 'make a new URL and put it into the secret file: the server does not take this one';
    default:
      return FIXES[kind] ?? 'see what the server said, and its log';
  }
}

const NO_TLS = /wrong version number|packet length|http request|does not speak TLS/i;
const CONNECT = 'may this machine connect there? (firewall, NetworkPolicy, proxy)';

const FIXES: Readonly<Partial<Record<FailureReason['kind'], string>>> = {
  network: `is the address right, and ${CONNECT}`,
  not_found: 'the URL has gone: make a new one and put it into the secret file',
  invalid_payload: 'the server does not take such messages: see what it said',
  refused_recipient: 'is the address of the recipient right, and may this sender write to it?',
  rate_limited: 'wait: the server says that it has had too much',
};

/** Certificates, protocols and ports fail in the same place, and each wants another step. */
function tlsAdvice(text: string, { keys, implicitTls }: AdvisedDestination): string {
  if (NO_TLS.test(text)) {
    if (!keys.has('implicit_tls')) return 'http:// in place of https://, or the port on which the server speaks TLS';
    return implicitTls
      ? 'implicit_tls: false   # this port begins without TLS (STARTTLS), as 587 and 25 do; or smarthost with port 465'
      : 'the port on which the server offers STARTTLS, such as 587';
  }
  if (/STARTTLS/i.test(text) && keys.has('require_tls'))
    return 'implicit_tls: true   # where the server begins with TLS, as on port 465; require_tls: false where it has no TLS at all';
  if (/altnames|does not match certificate|ALTNAME/i.test(text)) return 'use the host name that the certificate is for';
  if (/expired/i.test(text)) return 'renew the certificate of that server';
  if (keys.has('ca_file')) return 'ca_file: /etc/tocsin/ca.crt   # the authority that signed its certificate';
  if (keys.has('ca')) return 'ca: |   # the PEM text of the authority that signed its certificate, indented below';
  return 'NODE_EXTRA_CA_CERTS=/etc/tocsin/ca.crt   # in the environment of tocsin: the authority that signed its certificate';
}
