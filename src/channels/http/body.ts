import { TocsinError } from '../../core/errors.ts';
import { isObject, type Json, type JsonObject, jsonText } from '../../core/json.ts';
import { compileTemplate } from '../../templates/compile.ts';
import type { Scope, Template } from '../../templates/template.ts';

/** The body of a request: `json`, whose texts are templates, so that what they say can break nothing; or `text`, a template as a whole. */
export type BodyTemplate =
  | { readonly kind: 'message' }
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly template: Template }
  | { readonly kind: 'json'; readonly value: JsonTemplate };

type JsonTemplate =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'text'; readonly template: Template }
  | { readonly kind: 'list'; readonly items: readonly JsonTemplate[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, JsonTemplate])[] };

/** A body that was made, or why it could not be. */
export type RenderedBody = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/** Names that templates of bodies may use: the keys of the JSON that webhooks get. */
const BODY_NAMES: readonly string[] =
  'version id alert_group incident dedup_key receiver status severity reason headline first_line title text why at escalated firing resolved more summary group_labels alerts links notes'.split(
    ' ',
  );

const DEEPEST = 20;

/** Reads `json` of a destination; throws TocsinError for a template that cannot work. */
export function readJsonTemplate(value: unknown, depth = 0): JsonTemplate {
  if (depth > DEEPEST) throw new TocsinError('http/template', 'json is nested too deeply', { hint: `at most ${DEEPEST} levels` });
  if (typeof value === 'string') return { kind: 'text', template: readTextTemplate(value, 'json') };
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => readJsonTemplate(item, depth + 1)) };
  if (!isObject(value)) return { kind: 'value', value: value as Json };
  return {
    kind: 'object',
    members: Object.entries(value).map(([key, inner]) => [key, readJsonTemplate(inner, depth + 1)] as const),
  };
}

/** Compiles a template of a destination; throws TocsinError where it cannot work. */
export function readTextTemplate(text: string, key: string): Template {
  const compiled = compileTemplate(text, BODY_NAMES);
  if (compiled.ok) return compiled.template;
  throw new TocsinError('http/template', `${key}: ${compiled.message}`, {
    ...(compiled.hint !== undefined && { hint: compiled.hint }),
  });
}

/** Makes the body of a request of a message, which is given as webhooks get it. */
export function renderBody(body: BodyTemplate, message: JsonObject): RenderedBody {
  switch (body.kind) {
    case 'message':
      return { ok: true, text: jsonText(message) };
    case 'none':
      return { ok: true, text: '' };
    case 'text':
      return rendered(body.template, message);
    case 'json':
      try {
        return { ok: true, text: jsonText(filled(body.value, message)) };
      } catch (thrown) {
        return { ok: false, problem: thrown instanceof Error ? thrown.message : String(thrown) };
      }
  }
}

function rendered(template: Template, scope: Scope): RenderedBody {
  const made = template.render(scope);
  return made.ok ? made : { ok: false, problem: `the template failed: ${made.message}` };
}

function filled(template: JsonTemplate, scope: Scope): Json {
  switch (template.kind) {
    case 'value':
      return template.value;
    case 'text': {
      const made = rendered(template.template, scope);
      if (!made.ok) throw new Error(made.problem);
      return made.text;
    }
    case 'list':
      return template.items.map((item) => filled(item, scope));
    case 'object':
      return Object.fromEntries(template.members.map(([key, inner]) => [key, filled(inner, scope)]));
  }
}
