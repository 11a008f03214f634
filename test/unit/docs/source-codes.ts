import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages.ts';

/** The first word of codes that are written in more ways than these two. */
const PREFIXES = 'rule|rule-test|config|cli|channel|email|slack|webhook|documents|run|store|policy|lint|cluster|silence';
/** Describes codes, and declares none. */
const REGISTRY = join('core', 'finding-codes.ts');
/** Say what is done about codes that others declare. */
const ABOUT = [join('lint', 'repairs.ts')];
const CODES = new RegExp(`(?:code: |TocsinError\\(\\s*)'([a-z-]+/[a-z-]+)'|'((?:${PREFIXES})/[a-z-]+)'`, 'g');

/** The problem codes that stand in the source as literals, sorted. */
export function readSourceCodes(): readonly string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && name !== REGISTRY && !ABOUT.includes(name),
  );
  const codes = files.flatMap((name) =>
    [...readFileSync(join(ROOT, 'src', name), 'utf8').matchAll(CODES)].map(([, first, second]) => first ?? second ?? ''),
  );
  return [...new Set(codes)].sort();
}
