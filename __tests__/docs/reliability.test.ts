import { readFile } from 'node:fs/promises';
import { SECTIONS } from '../faults/cases/sections.ts';
import { whatHolds } from '../faults/fault-case.ts';
import { rowsIn } from '../faults/rows.ts';

const rows = rowsIn(await readFile('docs/reliability.md', 'utf8'));
const cases = SECTIONS.flatMap((section) => section.cases);

describe('docs/reliability.md', () => {
  it('has the rows of the suite, in its order, as `npm run test:faults` writes them', () => {
    const expected = cases.map((one) => ({ fault: one.fault, holds: whatHolds(one) }));
    expect(rows.map(({ fault, holds }) => ({ fault, holds }))).toEqual(expected);
  });

  it('says of each what an operator sees', () => {
    expect(rows.filter(({ sees }) => sees === '')).toEqual([]);
  });

  it('has at least 150 faults, each with a name of its own', () => {
    expect(new Set(cases.map(({ fault }) => fault)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(150);
  });
});
