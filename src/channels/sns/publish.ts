import { Readable } from 'node:stream';
import type { PublishCommandInput, SNSClientConfig } from '@aws-sdk/client-sns';
import { asError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { ChannelIo, Outcome, Payload } from '../channel.ts';
import { type HttpAnswer, NOT_STARTED } from '../http-client/answer.ts';
import type { HttpConfig } from '../http-client/config.ts';
import { type HttpSender, httpSender, isSuccess } from '../http-client/send.ts';

/** Where a message is published. */
export type SnsTarget = { readonly arn: string; readonly isTopic: boolean } | { readonly phone: string };

/** One target of Amazon SNS, and how requests to it are signed. */
export interface SnsOptions {
  readonly target: SnsTarget;
  readonly region: string;
  readonly url: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Without it the AWS SDK looks where it always does. */
  readonly login?: { readonly accessKey: Secret; readonly secretKey: Secret };
  readonly profile?: string;
  readonly roleArn?: string;
  readonly http: HttpConfig;
}

/** https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html and API_Publish.html#API_Publish_Errors: by name, since a few of them answer 400. */
const LATER =
  /Throttl|RequestLimitExceeded|TooManyRequests|ServiceUnavailable|InternalFailure|InternalError|ExpiredToken|RequestExpired/;

/**
 * Publishes once. The AWS SDK signs the request and finds the credentials, wherever the machine has them; the request itself is ours, with the proxy, the
 * TLS and the limits of every destination.
 */
export async function publish(payload: Payload, options: SnsOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  if (signal.aborted) return NOT_STARTED;
  const { login, http } = options;
  // What configures the login of other destinations would take the place of the signature.
  const { authorization: _theirs, ...connection } = http;
  const sender = httpSender(connection, [login?.accessKey, login?.secretKey], io, signal);
  const seen: { answer?: HttpAnswer; outcome?: Outcome } = {};
  try {
    const { SNSClient, PublishCommand } = await import('@aws-sdk/client-sns');
    const client = new SNSClient({
      region: options.region,
      endpoint: options.url,
      maxAttempts: 1,
      ...(options.profile !== undefined && { profile: options.profile }),
      credentials: await credentialsOf(options),
      requestHandler: handlerOf(sender, seen),
    } as SNSClientConfig);
    await client.send(new PublishCommand(inputOf(payload, options)), { abortSignal: signal });
    return { kind: 'delivered' };
  } catch (thrown) {
    return seen.outcome ?? refusalOf(asError(thrown), seen.answer, sender);
  }
}

/** The credentials of the configuration, for the role that it names; undefined: the SDK looks for some. */
async function credentialsOf({ login, roleArn, profile, region }: SnsOptions): Promise<SNSClientConfig['credentials']> {
  const own = login && { accessKeyId: login.accessKey.reveal(), secretAccessKey: login.secretKey.reveal() };
  if (roleArn === undefined) return own;
  const { fromIni, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const master = own ?? (profile === undefined ? undefined : fromIni({ profile }));
  return fromTemporaryCredentials({
    params: { RoleArn: roleArn, RoleSessionName: 'tocsin' },
    clientConfig: { region },
    ...(master !== undefined && { masterCredentials: master }),
  });
}

function inputOf(payload: Payload, { target }: SnsOptions): PublishCommandInput {
  const { text, subject, group, deduplication } = payload;
  const attributes = isObject(payload['attributes']) ? payload['attributes'] : {};
  const place =
    'phone' in target ? { PhoneNumber: target.phone } : target.isTopic ? { TopicArn: target.arn } : { TargetArn: target.arn };
  return {
    ...place,
    Message: String(text),
    ...(typeof subject === 'string' && { Subject: subject }),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: String(value) }]),
    ),
    ...(typeof group === 'string' && { MessageGroupId: group, MessageDeduplicationId: String(deduplication) }),
  };
}

/** A signed request of the SDK, as far as it is sent. */
interface SignedRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Sends the requests of the SDK as every destination does, and keeps what came back. */
function handlerOf(sender: HttpSender, seen: { answer?: HttpAnswer; outcome?: Outcome }) {
  return {
    handle: async ({ method, protocol, hostname, port, path, headers: signed, body }: SignedRequest) => {
      const { host: _host, 'content-length': _length, ...headers } = signed;
      const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`;
      const answered = await sender.call({ method, url, headers, ...(body !== undefined && { body }) });
      if (!answered.answered) {
        seen.outcome = answered.outcome;
        throw new Error('no answer');
      }
      seen.answer = answered.answer;
      const { status, text } = answered.answer;
      return { response: { statusCode: status, headers: {}, body: Readable.from([Buffer.from(text)]) } };
    },
  };
}

function refusalOf(error: Error, answer: HttpAnswer | undefined, sender: HttpSender): Outcome {
  const text = sender.hide(`${error.name}: ${error.message}`);
  if (answer === undefined) {
    const isMissing = 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (isMissing)
      return {
        kind: 'rejected',
        reason: { kind: 'config', text: 'the package @aws-sdk/client-sns is not installed: reinstall without --omit=optional' },
      };
    // Nothing was sent: no credentials were found, or the service that gives them was away.
    return { kind: 'retry', reason: { kind: 'unauthorized', text } };
  }
  // It was published, whatever the SDK makes of the answer.
  if (isSuccess(answer)) return { kind: 'delivered', warning: { kind: 'client_error', text } };
  const refused = sender.refused({ ...answer, text });
  return LATER.test(error.name) && refused.kind === 'rejected' ? { kind: 'retry', reason: refused.reason } : refused;
}
