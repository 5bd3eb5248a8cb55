import { capped } from '../../../src/action/summary/limit.ts';

const MIB = 1_048_576;
const line = `${'x'.repeat(99)}\n`;

describe('a summary that is longer than GitHub keeps', () => {
  it.each([
    ['a fence', '```mermaid\ngantt\n', '\n```'],
    ['a text as it is', '<details>\n<pre>\n', '\n</pre>\n</details>'],
  ])('is cut at the end of a line, and %s that the cut left open is closed', (_, opening, closing) => {
    const summary = capped(`${opening}${line.repeat(20_000)}`);
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    const [body = '', said = ''] = summary.split(/\n(?=\nThe summary)/);
    expect(body.endsWith(closing)).toBe(true);
    expect(
      body
        .slice(opening.length, -closing.length)
        .split('\n')
        .every((text) => text.length === 99),
    ).toBe(true);
    expect(said).toContain('is cut here: see the log');
  });

  it('is left as it is while it is short', () => {
    expect(capped('## ✅ short\n')).toBe('## ✅ short\n');
  });
});
