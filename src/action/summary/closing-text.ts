import type { Closing, Sentence } from '../../operations/outcome/closing.ts';
import { code, link, plain } from './markdown.ts';

/** What an instance has and what the operator does next, in Markdown, below the headline. */
export function closingText({ rows, steps }: Closing): string[] {
  return [
    ...rows.map(({ name, value, url }) => `- **${name}**: ${rowText(value, url)}`),
    ...(rows.length === 0 ? [] : ['']),
    ...(steps.length === 0
      ? []
      : ['### Next steps', '', ...steps.map((step, index) => `${index + 1}. ${sentence(step)}`), '']),
  ];
}

/** The same in one cell of a table. */
export function closingCell({ rows, steps }: Closing): string {
  const facts = rows.map(({ name, value, url }) => `**${name}**: ${rowText(value, url)}`);
  return [...facts, ...steps.map(sentence)].join('<br>');
}

/** An address is a link to itself. */
function rowText(value: string, url: string | undefined): string {
  return value.startsWith('http') ? link(plain(value), value) : link(code(value), url);
}

function sentence(parts: Sentence): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return plain(part);
      return 'code' in part ? code(part.code) : link(plain(part.page), part.url);
    })
    .join('');
}
