import { readFile } from 'node:fs/promises';
import { SECTIONS } from '../faults/cases/sections.ts';
import { whatHolds } from '../faults/fault-case.ts';

/** The rows of docs/reliability.md: cells as they are read. */
async function rowsOf(document: string): Promise<string[][]> {
  const rows = document.split('\n').filter((line) => /^\| (?!Fault |-)/.test(line));
  return rows.map((row) =>
    row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

const rows = await rowsOf(await readFile('docs/reliability.md', 'utf8'));
const cases = SECTIONS.flatMap((section) => section.cases);

describe('docs/reliability.md', () => {
  it('has the rows of the suite, in its order, as `npm run test:faults` writes them', () => {
    const expected = cases.map((one) => [one.fault, whatHolds(one)]);
    expect(rows.map(([fault, holds]) => [fault, holds])).toEqual(expected);
  });

  it('says of each what an operator sees', () => {
    expect(rows.filter(([, , sees = '']) => sees === '')).toEqual([]);
  });

  it('has at least 150 faults, each with a name of its own', () => {
    expect(new Set(cases.map(({ fault }) => fault)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(150);
  });
});
