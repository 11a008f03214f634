import { Type } from 'typebox';
import { TocsinError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Message } from '../../messages/message.ts';
import type { Channel } from '../channel.ts';
import { clip } from '../clean-text.ts';
import { httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText } from '../http-client/options.ts';
import { type OptionKeys, secretAt, textAt, urlAt } from '../keys.ts';
import { markedUp, PLAIN_TEXT, SIZES } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { shortText } from '../short-text.ts';
import { publish, type SnsOptions, type SnsTarget } from './publish.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: 262,144 bytes with attributes; mails and queues show less gladly. */
const MOST = 60_000;
/** A short message has 1,600 characters at most, and is billed by 70 of them. */
const MOST_OF_SMS = 320;
const MOST_OF_SUBJECT = 99;

const TARGETS = ['topic_arn', 'target_arn', 'phone_number'];

/** Topics, endpoints and phone numbers of Amazon SNS. */
export const snsChannel: Channel<SnsOptions> = {
  name: 'sns',
  description: 'Topics, platform endpoints and phone numbers of Amazon SNS.',
  schema: {
    ...Type.Object(
      {
        api_url: optionalText('Address of the service. Default: that of the region.', {
          examples: ['https://sns.eu-central-1.amazonaws.com'],
        }),
        sigv4: Type.Optional(
          Type.Object(
            {
              region: optionalText('Region. Default: that of the ARN.', { examples: ['eu-central-1'], pattern: '^[a-z0-9-]+$' }),
              access_key: optionalText(
                'Access key ID; with secret_key. Without it: the default chain of the AWS SDK (environment, web identity, profile, container, instance).',
              ),
              secret_key: optionalText('Secret access key.'),
              profile: optionalText('Profile of the shared configuration files of AWS.'),
              role_arn: optionalText('ARN of a role to assume.', { pattern: '^arn:' }),
            },
            { additionalProperties: false, description: 'How requests are signed.' },
          ),
        ),
        topic_arn: optionalText('ARN of the topic; one that ends with .fifo keeps the order of each alert group.', {
          examples: ['arn:aws:sns:eu-central-1:123456789012:alerts'],
          pattern: '^arn:[^:\\s]+:sns:[^:\\s]+:[^:\\s]*:\\S+$',
        }),
        target_arn: optionalText('ARN of a mobile platform endpoint.', { pattern: '^arn:[^:\\s]+:sns:[^:\\s]+:[^:\\s]*:\\S+$' }),
        phone_number: optionalText('Phone number that gets a short message.', {
          examples: ['+15550199'],
          pattern: '^\\+[0-9]{5,15}$',
        }),
        attributes: Type.Optional(
          Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 1_000 }), {
            maxProperties: 8,
            description: 'Message attributes, for filter policies, beside `status` and `severity`.',
          }),
        ),
        ...HTTP_KEYS,
      },
      { additionalProperties: false, anyOf: TARGETS.map((key) => ({ required: [key] })) },
    ),
  },
  secrets: [],
  nested: { sigv4: ['access_key', 'secret_key'] },
  read: readSnsOptions,
  render: publication,
  ...AT_PLAIN_URL,
  send: publish,
};

function readSnsOptions(keys: OptionKeys): SnsOptions {
  const target = targetOf(keys);
  const sigv4 = own(keys, 'sigv4');
  const signing: OptionKeys = isObject(sigv4) ? sigv4 : {};
  const [accessKey, secretKey] = [secretAt(signing, 'access_key'), secretAt(signing, 'secret_key')];
  if ((accessKey === undefined) !== (secretKey === undefined))
    throw new TocsinError('sns/login', 'access_key and secret_key require each other', { hint: 'set both, or neither' });
  const region = textAt(signing, 'region') ?? ('phone' in target ? undefined : target.arn.split(':')[3]);
  if (region === undefined || region === '')
    throw new TocsinError('sns/region', 'sigv4.region is missing', { hint: 'a phone number does not imply a region: set one' });
  // Regions of China have a domain of their own.
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const [profile, roleArn] = [textAt(signing, 'profile'), textAt(signing, 'role_arn')];
  const attributes = own(keys, 'attributes');
  return {
    target,
    region,
    url: urlAt(keys, 'api_url', `https://sns.${region}.${domain}`),
    attributes: isObject(attributes)
      ? Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]))
      : {},
    ...(accessKey !== undefined && secretKey !== undefined && { login: { accessKey, secretKey } }),
    ...(profile !== undefined && { profile }),
    ...(roleArn !== undefined && { roleArn }),
    http: httpAt(keys),
  };
}

function targetOf(keys: OptionKeys): SnsTarget {
  const [topic, endpoint, phone] = [textAt(keys, 'topic_arn'), textAt(keys, 'target_arn'), textAt(keys, 'phone_number')];
  const given = [topic, endpoint, phone].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new TocsinError('sns/target', `${given.length === 0 ? 'no' : 'more than one'} target is set`, {
      hint: 'one of topic_arn, target_arn and phone_number',
    });
  if (topic !== undefined) return { arn: topic, isTopic: true };
  return endpoint === undefined ? { phone: phone ?? '' } : { arn: endpoint, isTopic: false };
}

function publication(message: Message, _thread: unknown, { target, attributes }: SnsOptions): JsonObject {
  if ('phone' in target) return { text: shortText(message, MOST_OF_SMS), attributes: { ...attributes } };
  const { outline, text } = markedUp(message, PLAIN_TEXT, { most: MOST, sizeOf: SIZES.bytes });
  const about = { status: message.status, severity: clip(message.severity, 100) || 'warning' };
  return {
    subject: subjectOf(outline.headline),
    text: `${clip(`${outline.sign} ${outline.headline}`, 250)}\n\n${text}`,
    attributes: { ...about, ...attributes },
    ...(target.isTopic &&
      target.arn.endsWith('.fifo') && { group: clip(message.dedupKey, 128), deduplication: clip(message.id, 128) }),
  };
}

/** ASCII without control characters, fewer than 100 of them, which begins with a letter, a number or punctuation. */
function subjectOf(headline: string): string {
  const ascii = headline
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[–—]/g, '-')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
  return ascii === '' ? 'Tocsin' : ascii.length > MOST_OF_SUBJECT ? `${ascii.slice(0, MOST_OF_SUBJECT - 3)}...` : ascii;
}
