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
        ? `${CONNECT}; if the server uses implicit TLS, as on port 465: implicit_tls: true`
        : CONNECT;
    case 'client_error':
      return HTML.test(text) ? WEB_PAGE : OWN_ANSWER;
    case 'not_found':
      return notFoundAdvice(keys);
    case 'unauthorized':
      if (keys.has('auth_password_file')) return 'auth_username and auth_password_file: the server rejects these credentials';
      if (keys.has('bearer_token_file')) return 'bearer_token_file: the server rejects this token';
      return secretAdvice(keys);
    default:
      return FIXES[kind] ?? OWN_ANSWER;
  }
}

/** Names the file of the key or token that the server rejects; of a URL that is a secret as a whole a new one is needed. */
function secretAdvice(keys: ReadonlySet<string>): string {
  const file = [...keys].find((key) => /(?:key|token|password)_file$/.test(key));
  if (file !== undefined) return `${file}: the server rejects this secret, or it may not do this`;
  return 'create a new URL and write it to the secret file: the server rejects this one';
}

/** Some addresses are a secret as a whole, others are made of several keys: Telegram answers 404 to a token that it does not know. */
function notFoundAdvice(keys: ReadonlySet<string>): string {
  if ([...keys].some((key) => key.endsWith('url_file')))
    return 'check the URL; if the service has deleted it, create a new one and write it to the secret file';
  const parts = ADDRESSING.filter((key) => keys.has(key));
  return parts.length === 0 ? 'check the address' : `check ${parts.join(' and ')}: the server finds nothing there`;
}

/** Keys that say where a message goes, in the order of an address. */
const ADDRESSING = [
  'urls',
  'homeserver_url',
  'instance_url',
  'api_url',
  'bot_token_file',
  'channel',
  'room_id',
  'repository',
  'project',
] as const;
const OWN_ANSWER = 'check the response and the log of the server';
const WEB_PAGE = 'a web page answered, such as that of a proxy or of a login: check the address, and whether a proxy is needed';
const HTML = /<!doctype html|<html[\s>]|with a web page/i;
const NO_TLS = /wrong version number|packet length|http request|does not use (?:implicit )?TLS/i;
const CONNECT = 'check that this machine may connect (firewall, NetworkPolicy, proxy)';

const FIXES: Readonly<Partial<Record<FailureReason['kind'], string>>> = {
  network: `check the address, and ${CONNECT}`,
  invalid_payload: 'the server rejects such messages: see its response',
  refused_recipient: 'check the address of the recipient, and whether this sender may write to it',
  rate_limited: 'wait: the server limits the rate',
};

/** Certificates, protocols and ports fail in the same place, and each wants another step. */
function tlsAdvice(text: string, { keys, implicitTls }: AdvisedDestination): string {
  if (NO_TLS.test(text)) {
    if (!keys.has('implicit_tls')) return 'use http:// instead of https://, or the TLS port of the server';
    return implicitTls
      ? 'implicit_tls: false   # this port uses STARTTLS, like 587 and 25; or use port 465 in smarthost'
      : 'the port on which the server offers STARTTLS, such as 587';
  }
  if (/STARTTLS/i.test(text) && keys.has('require_tls'))
    return 'implicit_tls: true   # if the server uses implicit TLS, as on port 465; require_tls: false if it has no TLS';
  if (/altnames|does not match certificate|ALTNAME/i.test(text)) return 'use the host name that the certificate is for';
  if (/expired/i.test(text)) return 'renew the certificate of that server';
  if (keys.has('ca_file')) return 'ca_file: /etc/tocsin/ca.crt   # the CA of its certificate';
  if (keys.has('ca')) return 'ca: |   # the PEM text of the CA of its certificate, indented below';
  if (keys.has('http_config'))
    return 'http_config: { tls_config: { ca_file: /etc/tocsin/ca.crt } }   # the CA of its certificate';
  return 'NODE_EXTRA_CA_CERTS=/etc/tocsin/ca.crt   # in the environment of tocsin: the CA of its certificate';
}
