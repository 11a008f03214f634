import { elasticsearchUrl } from '../elasticsearch/urls.ts';

/** The line of a configuration that leads to the tests' Elasticsearch, with the account that its address may carry; `url`: another way to it. */
export function elasticsearchLine(url?: string): string {
  const { origin, username, password } = new URL(elasticsearchUrl());
  const account = username === '' ? '' : `, username: ${username}, password: ${decodeURIComponent(password)}`;
  return `elasticsearch: { url: '${url ?? origin}'${account} }`;
}
