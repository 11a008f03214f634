import { domainToASCII } from 'node:url';

/** A mail address with its domain in ASCII (punycode), as headers need it that every server passes on; other texts are unchanged. */
export function asciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const ascii = /^[\x20-\x7e]*$/.test(domain) ? domain : domainToASCII(domain);
  return ascii === '' ? address : `${address.slice(0, at + 1)}${ascii}`;
}
