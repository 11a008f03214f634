import { hashId } from '../../core/ids.ts';
import type { HttpCall } from './send.ts';

/** A part of a form: a text, or a picture. */
export interface FormPart {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Of a picture. */
  readonly filename?: string;
}

/**
 * A form as `multipart/form-data`, https://www.rfc-editor.org/rfc/rfc7578. The boundary is made of what the form holds, so no part can hold it. It is not left to
 * `FormData`, which belongs to whichever `fetch` sends it.
 */
export function multipart(parts: readonly FormPart[]): Pick<HttpCall, 'headers' | 'body'> {
  const boundary = `tocsin-${hashId('form', ...parts.map(({ content }) => (typeof content === 'string' ? content : Buffer.from(content).toString('base64'))))}`;
  const chunks = parts.flatMap(({ name, content, filename }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\ncontent-type: image/png`;
    return [
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ];
  });
  const body = Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body };
}
