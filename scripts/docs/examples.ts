import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { examples } from './pictures/pictures.ts';
import { EXAMPLES } from './pictures/story.ts';

/** A section for each example: its picture, and its rule and rule test folded away below it. */
export function exampleSections(): Readonly<Record<string, () => string>> {
  return Object.fromEntries(examples().map((name) => [`example-${name}`, () => exampleSection(name)]));
}

function exampleSection(name: string): string {
  const text = (file: string) => readFileSync(join(EXAMPLES, file), 'utf8').trimEnd();
  const rule = text(`${name}.yaml`);
  const test = text(`${name}.test.yaml`);
  const title = / name: (.*)/.exec(test)?.[1] ?? name;
  return [
    `![Timeline: ${title}](pictures/${name}.svg)`,
    `<details><summary>The rule and its test: ${title}</summary>`,
    `\`\`\`yaml rule\n# docs/examples/${name}.yaml\n${rule}\n\`\`\``,
    `\`\`\`yaml rule-test\n# docs/examples/${name}.test.yaml\n${test}\n\`\`\``,
    '</details>',
  ].join('\n\n');
}
