declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  /** A certified OpenID provider; what tests use of it. */
  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    callback(): RequestListener;
  }
}
